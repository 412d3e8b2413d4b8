"""A loopback service that answers JSON: what each request gets is a script's to say, and what was asked is kept."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Said:
    """One answer: JSON, or bytes as they are; ``cut`` breaks off after so many, ``seconds`` pass before it."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    seconds: float = 0.0


class Service:
    """The server: ``said`` holds the answers by path, in order, the last one again and again."""

    def __init__(self) -> None:
        self.said: dict[str, list[Said]] = {}
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def answer(self) -> None:
                parts = urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                form = "form" in headers.get("content-type", "")
                body = dict(parse_qsl(content.decode())) if form else json.loads(content or b"null")
                outer.asked.append(Asked(parts.path, query, headers, body))
                answers = outer.said.get(parts.path, [Said({"error": "not found", "message": "not found"}, 404)])
                earlier = sum(each.path == parts.path for each in outer.asked)
                said = answers[min(earlier, len(answers)) - 1]
                time.sleep(said.seconds)
                answer = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/json", **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer if said.cut is None else answer[: said.cut])

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def service() -> Iterator[Service]:
    """Serve until the block ends."""
    made = Service()
    thread = threading.Thread(target=made.http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.http.shutdown()
        made.http.server_close()
        thread.join()


BODY = {"detail": {"error": "no more"}, "message": "no more"}
FAULTS: dict[str, tuple[Said, str]] = {
    "429": (Said(BODY, 429, {"Retry-After": "0"}), "limit"),
    "401": (Said(BODY, 401), "key"),
    "403": (Said(BODY, 403), "key"),
    "422": (Said(BODY, 422), "malformed"),
    "500": (Said(BODY, 500), "unavailable"),
    "half an answer": (Said({"results": [{"url": "https://a.example", "title": "x" * 500}]}, cut=60), "malformed"),
    "no JSON": (Said(b"<html>a login page</html>"), "malformed"),
    "another form": (Said({"results": [{"nope": 1}], "codeSnippets": "none"}), "malformed"),
    "a list": (Said([1]), "malformed"),
    "nothing of the form": (Said({"answer": "42"}), "malformed"),
    "slow": (Said({"results": []}, seconds=1.5), "timeout"),
}
"""What goes wrong with a service, and the name of each as a ``ServiceError``."""
PATIENCE = {"slow": 0.5}
"""Time limit (s) of a call for each fault; for all others ``LONG``, so that a slow machine is no fault."""
LONG = 60.0
