"""A web site for tests: it listens on loopback, answers what a test tells it to, and ends with its ``with`` block."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """An answer; ``send`` writes the body by itself, for bodies that drip, end early or never."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    send: Callable[[Any], None] | None = None


class Site(ThreadingHTTPServer):
    """The server.

    Attributes:
        pages: replies by path with its query; a callable is asked with the path.
        other: the reply to a path that is not among them.
        asked: the paths asked for, in order.
        seen: the headers of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Reply | Callable[[str], Reply]] = {"/robots.txt": Reply(b"", status=404)}
        self.other: Reply | Callable[[str], Reply] = Reply(b"not here", status=404)
        self.asked: list[str] = []
        self.seen: list[Mapping[str, str]] = []

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up on what is too large or too slow."""


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.seen.append(dict(self.headers))
        reply = self.server.pages.get(self.path, self.server.other)
        if callable(reply):
            reply = reply(self.path)
        self.send_response(reply.status)
        if reply.kind:
            self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.send is None:
            self.wfile.write(reply.body)
        else:
            reply.send(self.wfile)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """Serve until the block ends."""
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join(timeout=10)


def page(title: str, *paragraphs: str, links: Iterator[str] | tuple[str, ...] = (), head: str = "") -> Reply:
    """A page with enough text to be one."""
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    body += "".join(f'<a href="{link}">to {link}</a>\n' for link in links)
    whole = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    return Reply(f"<!doctype html>{whole}".encode())
