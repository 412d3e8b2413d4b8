"""Bytes in turn, of a file or of what a compressed file unfolds to, within a bound: what a pickle is read from."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Protocol

from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

UNFOLDED_LIMIT = 256 << 20
"""Bytes to which a compressed file is unfolded at most; a bomb unfolds to petabytes."""
LINE_LIMIT = 1 << 16
_CHUNK = 1 << 16
_MEMORY = 128 << 20
"""Memory for the dictionary that an xz or lzma stream asks for."""


class _Unfolder(Protocol):
    """What ``bz2`` and ``lzma`` offer."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib's unfolder, as ``bz2`` and ``lzma`` offer theirs."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        unfolded = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(unfolded) == max_length
        return unfolded


class Stream:
    """What ``pickletools`` reads: ``read``, ``readline``; and ``skip``, which reads nothing where it can."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.place: int = 0

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer only at the end.

        Raises:
            Unreadable: so many are asked for that the file must be broken.
        """
        data = self._source.at(self.place, length)
        self.place += len(data)
        return data

    def readline(self) -> bytes:
        """Return the next line with its end."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if not byte:
                break
            line += byte
            if len(line) > LINE_LIMIT:
                raise Unreadable("has a line that does not end", self.place)
        return bytes(line)

    def skip(self, length: int) -> None:
        """Pass over bytes.

        Raises:
            Unreadable: the stream ends before them.
        """
        if length < 0 or self.place + length > self._source.size:
            raise Unreadable("ends in the middle of an array", self.place)
        self.place += length


class Window:
    """A source read through a window, for streams that are read a byte at a time."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._start = 0
        self._data = b""

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._source.size

    def at(self, offset: int, length: int) -> bytes:
        """Return a part."""
        begin = offset - self._start
        if not (begin >= 0 and begin + length <= len(self._data)):
            if length > _CHUNK:
                return self._source.at(offset, length)
            self._start, begin = offset, 0
            self._data = self._source.at(offset, _CHUNK)
        return self._data[begin : begin + length]


class Unfolded(Stream):
    """What a compressed file unfolds to, a piece at a time."""

    def __init__(self, source: Source, unfolder: _Unfolder) -> None:
        super().__init__(source)
        self._unfolder = unfolder
        self._data = b""
        self._begin = 0
        self._offset = 0

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer only at the end."""
        if length > UNFOLDED_LIMIT:
            raise Unreadable(f"asks for {length:,} bytes at once", self.place)
        parts: list[bytes] = []
        while length:
            part = self._data[self._begin : self._begin + length] or self._more(length)
            if not part:
                break
            self._begin += len(part)
            self.place += len(part)
            length -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, length: int) -> None:
        """Pass over bytes: they are unfolded and forgotten."""
        while length > 0:
            part = self.read(min(length, _CHUNK))
            if not part:
                raise Unreadable("ends in the middle of an array", self.place)
            length -= len(part)

    def _more(self, length: int) -> bytes:
        """Unfold the next piece; return its beginning, "" at the end."""
        self._data, self._begin = b"", 0
        if self.place > UNFOLDED_LIMIT:
            raise Unreadable(f"unfolds to more than {UNFOLDED_LIMIT:,} bytes")
        while not self._data and not self._unfolder.eof:
            wanted = self._unfolder.needs_input
            feed = self._source.at(self._offset, _CHUNK) if wanted else b""
            self._offset += len(feed)
            if wanted and not feed:
                break  # cut short
            try:
                self._data = self._unfolder.decompress(feed, _CHUNK)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError) as error:
                raise Unreadable(f"cannot be unfolded: {error}", self._offset) from error
            if not feed and not self._data:
                break
        return self._data[:length]


def compression(head: bytes) -> str:
    """Return how a file is compressed by its first bytes: "zlib", "gzip", "bz2", "xz", "lzma"; "" for not at all."""
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:3] == b"BZh":
        return "bz2"
    if head[:6] == b"\xfd7zXZ\0":
        return "xz"
    if head[:3] == b"\x5d\0\0":
        return "lzma"
    zlib_header = len(head) > 1 and head[0] == 0x78 and (head[0] << 8 | head[1]) % 31 == 0
    return "zlib" if zlib_header else ""


def stream(source: Source, form: str = "") -> Stream:
    """Return a source as a stream, unfolded where ``form`` names its compression."""
    if not form:
        return Stream(Window(source))
    if form == "bz2":
        return Unfolded(source, bz2.BZ2Decompressor())
    if form in ("xz", "lzma"):
        kind = lzma.FORMAT_XZ if form == "xz" else lzma.FORMAT_ALONE
        return Unfolded(source, lzma.LZMADecompressor(kind, memlimit=_MEMORY))
    return Unfolded(source, _Zlib(31 if form == "gzip" else 15))


def unfolds_to_pickle(source: Source, form: str) -> bool:
    """Whether what a compressed file unfolds to begins like a pickle."""
    try:
        head = stream(source, form).read(2)
    except Unreadable:
        return False
    return len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5
