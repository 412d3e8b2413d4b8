"""Bodies of answers, within limits: what was compressed is unpacked piece by piece, and never past the limit."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import AsyncIterable
from typing import Protocol

from nonet.errors import ToolError

SIZE_LIMIT = 20_000_000
"""Bytes of one page, as sent and as unpacked."""
ENCODINGS = "gzip, deflate"
"""What is asked for; both can be unpacked piece by piece with the standard library. Others are refused."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})""")
_LATIN = frozenset({"iso8859-1", "ascii"})
_NOT_OF_PAGES = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_PIECE = 65_536


async def body(pieces: AsyncIterable[bytes], encoding: str, url: str) -> bytes:
    """Read and unpack a body.

    Raises:
        ToolError: it grows past ``SIZE_LIMIT``, is compressed in a way that was not asked for, or ends half way.
    """
    unpacker = _Unpacker(encoding, url)
    content, sent = bytearray(), 0
    async for piece in pieces:
        sent += len(piece)
        if sent > SIZE_LIMIT:
            raise _too_large(url)
        unpacker.unpack(piece, content)
    unpacker.end()
    return bytes(content)


class _Stream(Protocol):
    """A ``zlib`` decompressor."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...


class _Unpacker:
    """Unpacks one body; ``deflate`` is zlib's form or, as some servers send it, the bare stream."""

    def __init__(self, encoding: str, url: str) -> None:
        self._url = url
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            said = f"{url} is compressed as {self._name[:40]!r}, which was not asked for."
            raise ToolError(said, "Read another page.")
        self._plain = self._name in ("", "identity")
        self._stream: _Stream | None = None
        self._held = b""

    def unpack(self, piece: bytes, into: bytearray) -> None:
        if self._plain:
            into += piece
            return
        if self._stream is None:
            self._held += piece
            if len(self._held) < 2:
                return
            piece, self._stream = self._held, zlib.decompressobj(self._window())
        try:
            while piece:
                into += self._stream.decompress(piece, _PIECE)
                if len(into) > SIZE_LIMIT:
                    raise _too_large(self._url)
                piece = self._stream.unconsumed_tail
        except zlib.error as error:
            raise ToolError(f"{self._url}: its compressed content is damaged.", "Read another page.") from error

    def _window(self) -> int:
        """The ``wbits`` of zlib: 31 for gzip; 15 for deflate, negative where it has no frame (RFC 1950, 2.2)."""
        if "gzip" in self._name:
            return 31
        framed = self._held[0] & 15 == 8 and int.from_bytes(self._held[:2]) % 31 == 0
        return 15 if framed else -15

    def end(self) -> None:
        if not self._plain and (self._stream is None or not self._stream.eof):
            raise ToolError(f"{self._url}: its compressed content ends half way.", "Try again later.")


def decoded(content: bytes, charset: str) -> str:
    """Decode text as browsers do: byte order mark, ``charset`` of the header, ``meta``, UTF-8, and then Windows-1252.

    Bytes that the encoding has no character for become U+FFFD.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    declared = _CHARSET.search(content[:4096])
    for label in (charset, declared[1].decode() if declared else ""):
        codec = _codec(label)
        if codec:
            return content.decode(codec, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _codec(label: str) -> str:
    """The codec that a label names, "" where it names none that pages are written in."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
        b" ".decode(name)  # refuses what is no encoding of text (zlib, rot13)
    except (LookupError, ValueError, UnicodeError):
        return ""
    if name.replace("_", "-") in _NOT_OF_PAGES:
        return ""
    return "cp1252" if name in _LATIN else name


def _too_large(url: str) -> ToolError:
    return ToolError(f"{url} is larger than {SIZE_LIMIT:,} bytes.", "Read a smaller page.")
