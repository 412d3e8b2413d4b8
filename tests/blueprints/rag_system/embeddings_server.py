"""A loopback endpoint that speaks OpenAI's ``/v1/embeddings``: each word is a random direction, synonyms the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

WIDTH = 64


class EmbeddingsServer(ThreadingHTTPServer):
    """What was asked, and how it answers.

    Attributes:
        key: the bearer token it wants.
        synonyms: word → the word it means.
        noise: standard deviation of what is added to every number, anew each time.
        keys: the bearer tokens that it was sent.
    """

    def __init__(self, key: str, synonyms: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key, self.synonyms, self.noise = key, synonyms, 0.0
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        """Its base URL, by name: names are resolved before a worker is confined."""
        return f"http://localhost:{self.server_address[1]}/v1"

    def embed(self, text: str) -> list[float]:
        """Return the sum of the words' directions."""
        vector = np.zeros(WIDTH)
        for word in text.lower().replace(".", " ").replace("?", " ").split():
            meant = self.synonyms.get(word, word)
            vector += np.random.default_rng(list(meant.encode())).normal(size=WIDTH)
        return list(vector + np.random.default_rng().normal(scale=self.noise or 1e-300, size=WIDTH))


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sent = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        self.server.keys.append(sent)
        if self.path != "/v1/embeddings" or sent != self.server.key:
            # Some services repeat the key that they refuse.
            self._answer(401, {"error": {"message": f"Incorrect API key provided: {sent}"}})
            return
        data = [{"index": i, "embedding": self.server.embed(text)} for i, text in enumerate(body["input"])]
        self._answer(200, {"object": "list", "model": body.get("model"), "data": data})

    def _answer(self, status: int, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests' output is their own."""


@contextmanager
def serving(key: str, synonyms: Mapping[str, str]) -> Iterator[EmbeddingsServer]:
    """Serve on loopback until the block ends."""
    server = EmbeddingsServer(key, synonyms)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
