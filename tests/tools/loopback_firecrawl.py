"""A Firecrawl server for tests: version 2 of its interface as far as the real client uses it, faults included.

It listens on loopback and ends with its ``with`` block.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What is sent; ``cut`` drops so many bytes of what ``Content-Length`` promises, ``hang`` sends nothing at all."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int = 0
    hang: bool = False

    @property
    def body(self) -> bytes:
        return json.dumps(self.content).encode() if self.raw is None else self.raw


def document(url: str, text: str = "", **more: Any) -> dict[str, Any]:
    """A page as the service gives it."""
    metadata = {"title": f"Title of {url}", "sourceURL": url, "url": url, "statusCode": 200, "language": "en"}
    return {"markdown": text or f"The text of {url}.", "metadata": metadata, **more}


def fault(status: int, error: str = "No.", **headers: str) -> Answer:
    """A fault as the service tells it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"success": False, "error": error}, status, named)


class Firecrawl(ThreadingHTTPServer):
    """The server.

    Attributes:
        replies: by ``POST /v2/scrape`` and the like; each is an answer, a list of answers (the last for ever), or a
            function of the request's body.
        asked: ``(method and path, body)`` of each request.
    """

    daemon_threads = True

    def __init__(self, key: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = key
        self.released = threading.Event()
        self.asked: list[tuple[str, Any]] = []
        self.replies: dict[str, Answer | list[Answer] | Callable[[Any], Answer]] = {
            "POST /v2/scrape": lambda body: Answer({"success": True, "data": document(body["url"])}),
            "GET /v2/team/credit-usage": Answer({"success": True, "data": {"remainingCredits": 5, "planCredits": 9}}),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, what: str) -> list[Any]:
        return [body for asked, body in self.asked if asked == what]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: Firecrawl

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        what = f"{self.command} {self.path}"
        self.server.asked.append((what, body))
        if self.server.key and self.headers.get("Authorization") != f"Bearer {self.server.key}":
            return self._send(fault(401, "Unauthorized: Invalid token"))
        reply = self.server.replies.get(what, fault(404, "Not found"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return self._send(reply if isinstance(reply, Answer) else reply(body))

    do_GET = do_POST = do_DELETE = _any

    def _send(self, answer: Answer) -> None:
        if answer.hang:
            self.server.released.wait(30)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) - answer.cut])

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(key: str = "") -> Iterator[Firecrawl]:
    """Serve until the block ends."""
    with Firecrawl(key) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join(timeout=10)
