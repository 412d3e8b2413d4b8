"""An embedding service on loopback: it speaks OpenAI's, Cohere's and Gemini's wire formats and keeps what it hears.

Its vectors count words by their hashes, so that texts that share words are near one another.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

WIDTH = 64
EmbeddingFault = Literal["limit", "server", "key", "malformed", "half", "fewer", "empty"]
"""429, 500, 401, no JSON, a connection that breaks, one vector too few, an answer without vectors."""
_STATUS: Mapping[str, int] = {"limit": 429, "server": 500, "key": 401}


@dataclass(frozen=True)
class EmbeddingQuestion:
    """One request: the service's format, its path, the key that came, the texts, and what they are said to be for."""

    service: str
    path: str
    key: str
    texts: tuple[str, ...]
    purpose: str


class FakeEmbeddings:
    """A service that runs while it is entered; it listens on loopback and ends by itself.

    Args:
        faults: what goes wrong, request by request, before all goes well; ``None`` stands for one that goes well.

    Attributes:
        questions: what it was asked, in order.
    """

    def __init__(self, faults: Sequence[EmbeddingFault | None] = ()) -> None:
        self.questions: list[EmbeddingQuestion] = []
        self._faults = list(faults)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _heard(self, question: EmbeddingQuestion) -> EmbeddingFault | None:
        with self._lock:
            self.questions.append(question)
            return self._faults.pop(0) if self._faults else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                question = _question(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                self._say(question, service._heard(question))

            def _say(self, question: EmbeddingQuestion, fault: EmbeddingFault | None) -> None:
                status = _STATUS.get(fault or "", 200)
                said = {"error": {"message": f"said to {question.key}"}} if status != 200 else _answer(question, fault)
                content = b'{"data": [' if fault == "malformed" else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if status == 429:
                    self.send_header("Retry-After", "0.1")
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if fault == "half" else content)
                if fault == "half":
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: tests read what was asked from ``questions``."""

        return Handler


def vector(text: str) -> list[float]:
    """Return what the service makes of a text, at unit length."""
    found = [0.0] * WIDTH
    for word in text.lower().split() or [""]:
        found[int(hashlib.blake2b(word.encode(), digest_size=4).hexdigest(), 16) % WIDTH] += 1.0
    length = math.sqrt(sum(value * value for value in found))
    return [value / length for value in found]


def _question(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> EmbeddingQuestion:
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    if path == "/v1/embeddings":
        return EmbeddingQuestion("openai", path, bearer, tuple(body["input"]), "")
    if path == "/v2/embed":
        return EmbeddingQuestion("cohere", path, bearer, tuple(body["texts"]), str(body["input_type"]))
    rows = body["requests"]
    texts = tuple(row["content"]["parts"][0]["text"] for row in rows)
    return EmbeddingQuestion("gemini", path, headers.get("x-goog-api-key", ""), texts, str(rows[0]["taskType"]))


def _answer(question: EmbeddingQuestion, fault: EmbeddingFault | None) -> dict[str, Any]:
    if fault == "empty":
        return {"object": "list"}
    found = [vector(text) for text in question.texts][1 if fault == "fewer" else 0 :]
    tokens = sum(len(text.split()) for text in question.texts)
    if question.service == "openai":
        rows = [{"object": "embedding", "index": place, "embedding": each} for place, each in enumerate(found)]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "data": rows[::-1], "model": "fake", "usage": usage}  # their index says their order
    if question.service == "cohere":
        return {"id": "1", "embeddings": {"float": found}, "meta": {"billed_units": {"input_tokens": tokens}}}
    return {"embeddings": [{"values": each} for each in found]}
