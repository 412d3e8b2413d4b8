"""Listening: the port is taken first, requests under way are finished at the end."""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

from fastapi import FastAPI

from rag.errors import ServeError

AT_ONCE = 512
"""Connections served at once; further requests are answered 503 at once."""
FAREWELL = 30
"""Seconds that requests under way have to end when the server is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port, any free one for 0, before anything slow happens.

    Raises:
        ServeError: the port is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except (OSError, OverflowError) as error:
        taken.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ServeError(
            f"Cannot listen on {host}:{port} ({reason}); choose another with --host and --port."
        ) from error
    return taken


def address(taken: socket.socket) -> str:
    """Return the URL of a taken port."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _stay(number: int, frame: FrameType | None) -> None:
    """Do nothing: the server has seen the signal."""


def serve(app: FastAPI, taken: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; then take no more requests, finish those under way, and return."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=FAREWELL,
        timeout_keep_alive=15,
    )

    class Announced(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"rag: serving at {address(taken)}", file=sys.stderr, flush=True)

    server = Announced(config)
    # uvicorn raises the signal again when it is done; that is no reason for this program to die of it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    server.run(sockets=[taken])
