"""An HTTP server on loopback that answers as it is told, for endpoints' wire formats."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Request:
    path: str
    key: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@contextmanager
def served(answer: Callable[[Request], Reply]) -> Iterator[tuple[str, list[Request]]]:
    """Answer every POST; yield the base URL, up to /v1, and the requests as they come."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = Request(self.path, self.headers.get("Authorization"), body)
            requests.append(request)
            reply = answer(request)
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(Handler) as url:
        yield url, requests


class Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port until the end; yield the base URL, up to /v1."""
    try:
        server = Server(("127.0.0.1", 0), handler)
    except PermissionError:
        pytest.skip("this program may not listen, not even on loopback")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def embeddings(request: Request) -> Reply:
    """Answer ``/v1/embeddings`` as OpenAI does, with wordllama's vectors ten times as long and in reversed order."""
    from rag.embedding import wordllama

    vectors, tokens = wordllama.load().embed(request.body["input"])
    data = [
        {"object": "embedding", "index": place, "embedding": [10 * float(value) for value in vector]}
        for place, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Reply({"object": "list", "data": data[::-1], "model": request.body["model"], "usage": usage})


def reranking(request: Request) -> Reply:
    """Answer ``/v1/rerank`` as Jina and Cohere do, best first: more of the question's words are more relevant."""
    words = set(request.body["query"].lower().split())
    scores = [len(words & set(text.lower().split())) / len(words) for text in request.body["documents"]]
    order = sorted(range(len(scores)), key=lambda place: -scores[place])[: request.body["top_n"]]
    results = [{"index": place, "relevance_score": scores[place]} for place in order]
    return Reply({"model": request.body.get("model"), "results": results, "usage": {"total_tokens": 1}})
