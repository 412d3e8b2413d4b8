"""A chat provider on loopback: it speaks a provider's wire format to that provider's client and keeps what it hears."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from nonet.testing.dialects import Dialect, dialect
from nonet.testing.replies import Fault, Question, Reply, Script, reply

_STATUS = {"limit": 429, "server": 500, "key": 401, "too_long": 400}
_SAID = {
    "limit": "Rate limit reached for requests",
    "server": "The server had an error while processing your request",
    "key": "Incorrect API key provided",
    "too_long": "This model's maximum context length is 8192 tokens; your messages resulted in more",
}
WRONG = {"something": "else"}
"""What a model says that does not keep to its schema."""


class _Server(ThreadingHTTPServer):
    """A server to which a client that goes away is no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class FakeProvider:
    """A server that runs while it is entered; it listens on loopback and ends by itself.

    Args:
        name: ``openai`` (what speaks its chat completions too: vLLM, llama.cpp, Ollama), ``anthropic`` or ``gemini``.
        script: what it answers, in order (the last one again and again), or a function of the question.

    Attributes:
        questions: what it was asked, in order.
    """

    def __init__(self, name: str, script: Script) -> None:
        self.questions: list[Question] = []
        self._dialect = dialect(name)
        self._script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_url(self) -> str:
        """What the provider's client takes as ``base_url``."""
        return self.url + self._dialect.base_path

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with self._lock:
            for connection in self._open:  # a client that keeps its connection would keep a thread of ours
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def answer(self, question: Question) -> Reply | Fault:
        """Keep a question and return what the script says to it."""
        with self._lock:
            self.questions.append(question)
            if callable(self._script):
                return reply(self._script(question))
            return reply(self._script[min(len(self.questions), len(self._script)) - 1])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider, speaks, closing = self, self._dialect, self._closing

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with provider._lock:
                    provider._open.add(self.connection)

            def finish(self) -> None:
                with provider._lock:
                    provider._open.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                sent = self.rfile.read(size)
                if len(sent) < size:  # the client went away in the middle of its question
                    self.close_connection = True
                    return
                content = json.loads(sent or b"{}")
                headers = {name.lower(): value for name, value in self.headers.items()}
                question = speaks.question(self.path, headers, content)
                _answer(self, speaks, question, provider.answer(question), closing)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: tests read what was asked from ``questions``."""

        return Handler


def _answer(
    handler: BaseHTTPRequestHandler, speaks: Dialect, question: Question, said: Reply | Fault, closing: threading.Event
) -> None:
    if isinstance(said, Reply):
        closing.wait(said.seconds)
        _send_reply(handler, speaks, question, said)
    elif said.kind in _STATUS:
        after = {} if said.retry_after is None else {"Retry-After": f"{said.retry_after:g}"}
        error = speaks.error(_STATUS[said.kind], said.said or _SAID[said.kind])
        _send(handler, _STATUS[said.kind], json.dumps(error).encode(), after)
    elif said.kind == "slow":
        closing.wait(said.seconds)
        handler.close_connection = True
    elif said.kind == "half":
        _send_half(handler, speaks, question)
    elif said.kind == "malformed":
        _send(handler, 200, b'{"id": "1", "choices": [{"message": ')
    else:
        _send_reply(handler, speaks, question, _odd(said), refused=said.kind == "refusal")


def _odd(fault: Fault) -> Reply:
    if fault.kind == "wrong_schema":
        return Reply(data=WRONG)
    return Reply(text="I cannot help with that.") if fault.kind == "refusal" else Reply(output_tokens=0)


def _send_reply(
    handler: BaseHTTPRequestHandler, speaks: Dialect, question: Question, said: Reply, *, refused: bool = False
) -> None:
    if not question.stream:
        _send(handler, 200, json.dumps(speaks.whole(question, said, refused)).encode())
        return
    _stream(handler)
    for part in _lines(speaks.events(question, said, refused)):
        handler.wfile.write(part)
        handler.wfile.flush()


def _send_half(handler: BaseHTTPRequestHandler, speaks: Dialect, question: Question) -> None:
    """Break off in the middle: of the body that was announced, or of the stream."""
    said = Reply(text="The first half of an answer that", data=WRONG if question.schema else None)
    if question.stream:
        _stream(handler)
        parts = list(_lines(speaks.events(question, said, False)))
        handler.wfile.write(b"".join(parts[: max(1, len(parts) // 2)])[:-4])
    else:
        content = json.dumps(speaks.whole(question, said, False)).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
    handler.wfile.flush()
    handler.close_connection = True


def _stream(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True


def _send(
    handler: BaseHTTPRequestHandler, status: int, content: bytes, headers: Mapping[str, str] | None = None
) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _lines(events: Iterable[tuple[str, Mapping[str, Any] | str]]) -> Iterable[bytes]:
    """Write server-sent events; an event without a name has data alone."""
    for name, data in events:
        text = data if isinstance(data, str) else json.dumps(data)
        yield (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
