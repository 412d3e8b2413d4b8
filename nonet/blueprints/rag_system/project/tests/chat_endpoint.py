"""A chat endpoint on loopback: OpenAI's wire format, whole or streamed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from loopback import listening


def completion(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def chunk(text: str | None, finished: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finished}]}


@contextmanager
def endpoint(
    status: int,
    reply: Any,
    parts: Sequence[Any] = (),
    wait: float = 0.0,
    done: bool = True,
    gate: threading.Event | None = None,
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve chat completions; yield the URL up to /v1 and the requests it got.

    Args:
        reply: the answer to a request that wants it whole.
        parts: the chunks sent to a request that wants a stream, ``wait`` seconds before each; ``done`` ends the stream
            as OpenAI does.
        gate: no request is answered before it is set.
    """
    requests: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            if gate is not None:
                gate.wait(60)
            if body.get("stream") and status == 200:
                self._stream()
                return
            time.sleep(wait)
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b": keeping the connection open\n\n")
            for part in parts:
                time.sleep(wait)
                self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
                self.wfile.flush()
            if done:
                self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(Handler) as url:
        yield url, requests
