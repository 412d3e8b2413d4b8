"""A small HTTP/1.1 client for load tests: connections are kept open, and nothing is done that would delay a request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from optimization.serving.errors import ServingError

_OK = 200
_BUSY = 503
_PATH = "/v2/models/model/infer"


class RefusedError(Exception):
    """The server was too busy (503)."""


class FailedError(Exception):
    """The server answered with an error, or not at all."""


@dataclass
class Client:
    """Requests to one address.

    Attributes:
        url: of the server, such as ``http://127.0.0.1:8080``; or of a model's predictions anywhere.
    """

    url: str
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    )

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not parts.hostname:
            raise ServingError(f"{self.url} is no address of a server; name one such as http://127.0.0.1:8080")
        self._host, self._port = parts.hostname, parts.port or 80
        self._path = parts.path.rstrip("/") or _PATH

    async def post(self, body: bytes) -> bytes:
        """Return the answer to a request.

        Raises:
            RefusedError: the server is too busy.
            FailedError: it answered with another error, or the connection broke.
        """
        try:
            reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            raise FailedError(str(error)) from error
        try:
            head = f"POST {self._path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            writer.write(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status, length, stays = await _head(reader)
            answer = await reader.readexactly(length)
        except (OSError, EOFError, ValueError) as error:
            writer.close()
            raise FailedError(str(error)) from error
        except BaseException:  # told to end: what is half read cannot be used again
            writer.close()
            raise
        if stays:
            self._idle.append((reader, writer))
        else:
            writer.close()
        if status == _BUSY:
            raise RefusedError
        if status != _OK:
            raise FailedError(f"status {status}: {answer[:200].decode(errors='replace')}")
        return answer

    def close(self) -> None:
        """Close the connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def _head(reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    """Return the status, the length of the body, and whether the connection stays open."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if "content-length" not in fields:
        raise ValueError("an answer without a length")
    return status, int(fields["content-length"]), fields.get("connection", "").lower() != "close"
