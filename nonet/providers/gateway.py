"""A run's chat model at a loopback address, for programs that must not hold its key: the workers of trials.

It speaks OpenAI's chat completions, whatever the provider's family. What is asked stands in the run's journal: limits
hold before each question, an answer that was paid for is given again, and takes as long as it took the first time, so
that a latency measured on it is honest. Only who knows the token is answered.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatResult

from nonet.errors import NonetError, ServiceError, SpentError
from nonet.providers.metered import MeteredModel
from nonet.providers.provider import Provider
from nonet.providers.retrying import retried
from nonet.providers.spending import Spending
from nonet.settings import Settings

STEP = "questions"
"""What the journal calls who asks."""
LARGEST = 1 << 20
"""Bytes of a request."""
LONGEST_WAIT = 2.0
"""Seconds; where a service wants a longer wait, whoever asked is told instead: a trial's clock runs."""
STATUS = {"key": 401, "limit": 429, "timeout": 504, "unavailable": 503, "malformed": 502, "refused": 422,
           "too_long": 400}  # fmt: skip
SPENT = 402
_MESSAGES: Mapping[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}


class ReplayedModel(MeteredModel):
    """A metered model whose kept answers take as long as they took when they were paid for."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        began = time.monotonic()
        result = await super()._agenerate(messages, stop, run_manager, **kwargs)
        request = self._request(messages, stop)
        took = next((row.seconds for row in self.spending.rows() if row.request == request and row.answer), 0.0)
        await asyncio.sleep(max(0.0, took - (time.monotonic() - began)))
        return result


class Gateway:
    """Serves a model until it is closed or dropped.

    Args:
        settings: hold the provider's key.
        provider: the model.
        spending: the run's journal and limits.

    Attributes:
        host: ``127.0.0.1:PORT``.
        token: what a request must bring as its bearer token.

    Raises:
        ConfigurationError: the model cannot be asked.
        MissingExtraError: its client is not installed.
    """

    def __init__(self, settings: Settings, provider: Provider, spending: Spending) -> None:
        model = ReplayedModel.of(settings, provider, spending, STEP)
        # One loop for all questions: a client's kept connections belong to the loop that opened them.
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        self._server = Server(_chat(model, loop))
        self.host, self.token = self._server.host, self._server.token
        self.url = f"http://{self.host}/v1"
        self._end = weakref.finalize(self, _close, self._server, loop)

    def close(self) -> None:
        """Stop serving; a second call does nothing."""
        self._end()


def _close(server: Server, loop: asyncio.AbstractEventLoop) -> None:
    server.close()
    loop.call_soon_threadsafe(loop.stop)


Answer = Callable[[str, bytes], tuple[int, dict[str, Any]]]
"""From a path and a body to a status and what is said."""


class Server:
    """Answers on loopback who knows its token, until it is closed or dropped.

    Args:
        answer: what to say; it runs in a thread of its own.
        header: which brings the token.
        prefix: what stands before the token there.
    """

    def __init__(self, answer: Answer, header: str = "Authorization", prefix: str = "Bearer ") -> None:
        self.token = secrets.token_urlsafe(32)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer, header, prefix + self.token))
        server.daemon_threads = True
        self.host = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._end = weakref.finalize(self, _shut, server)

    def close(self) -> None:
        """Stop serving; a second call does nothing."""
        self._end()


def _shut(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


def _chat(model: MeteredModel, loop: asyncio.AbstractEventLoop) -> Answer:
    def answer(path: str, content: bytes) -> tuple[int, dict[str, Any]]:
        if path != "/v1/chat/completions":
            return refused(404, "there is /v1/chat/completions")
        try:
            messages = _messages(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return refused(400, f"no request for a chat completion ({type(error).__name__})")
        return asyncio.run_coroutine_threadsafe(_asked(model, messages), loop).result()

    return answer


def _handler(answer: Answer, header: str, wanted: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60
        disable_nagle_algorithm = True  # else each answer waits 40 ms for its headers to be acknowledged

        def do_POST(self) -> None:
            status, answer = self._answered()
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status in (400, 401, 413):
                self.send_header("Connection", "close")  # what was not read of the request is left
            self.end_headers()
            self.wfile.write(content)

        def _answered(self) -> tuple[int, dict[str, Any]]:
            brought = self.headers.get(header, "").encode()
            if not hmac.compare_digest(brought, wanted.encode()):
                return refused(401, "this address answers the run's own workers only")
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST:
                return refused(413, f"a request has a length of at most {LARGEST} bytes")
            return answer(self.path, self.rfile.read(int(length)))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the journal holds what was asked."""

    return Handler


def _messages(body: Mapping[str, Any]) -> list[BaseMessage]:
    if body.get("stream"):
        raise ValueError("answers are given whole")
    found = [_MESSAGES[each["role"]](content=str(each["content"])) for each in body["messages"]]
    if not found:
        raise ValueError("nothing is asked")
    return found


async def _asked(model: MeteredModel, messages: list[BaseMessage]) -> tuple[int, dict[str, Any]]:
    try:
        answer = await retried(lambda: model.ainvoke(messages), LONGEST_WAIT)
    except SpentError as error:
        return refused(SPENT, error.message)
    except ServiceError as error:
        return refused(STATUS.get(error.fault, 502), error.message)
    except NonetError as error:
        return refused(500, error.message)
    return 200, _completion(model.provider.model, answer)


def _completion(name: str, message: AIMessage) -> dict[str, Any]:
    usage = message.usage_metadata
    asked, answered = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    choice = {"index": 0, "message": {"role": "assistant", "content": message.text}, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-run",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [choice],
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
    }


def refused(status: int, why: str) -> tuple[int, dict[str, Any]]:
    """Return an error as services of this format put it."""
    return status, {"error": {"message": why, "type": "refused", "code": status}}
