"""A file held open: any part of it is read by its place, so that ten gigabytes cost no more than their header."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Protocol

from nonet.tools.filesystem.unreadable import Unreadable

READ_LIMIT = 64 << 20
"""Bytes that one read may ask for; no header is longer, and what asks for more is broken or means harm."""


class Source(Protocol):
    """Bytes that are read by place."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def at(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer only where the source ends."""
        ...


@dataclass(frozen=True)
class Memory:
    """A source that is in memory already."""

    data: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def at(self, offset: int, length: int) -> bytes:
        """Return a part."""
        return self.data[offset : offset + length]


@dataclass(frozen=True)
class OpenFile:
    """A regular file beneath a root.

    Attributes:
        name: what people and agents call it, beginning with its root's name.
        size: bytes when it was opened; what it grows by later is not read.
    """

    name: str
    descriptor: int
    size: int

    def at(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer only where the file ends.

        Raises:
            Unreadable: more than ``READ_LIMIT`` bytes are asked for at once.
        """
        wanted = max(0, min(length, self.size - offset))
        if wanted > READ_LIMIT:
            raise Unreadable(f"asks for {wanted:,} bytes at once", offset)
        parts: list[bytes] = []
        while wanted > 0:
            block = os.pread(self.descriptor, wanted, offset)
            if not block:
                break  # it was cut short since it was opened
            parts.append(block)
            offset, wanted = offset + len(block), wanted - len(block)
        return b"".join(parts)


class Seekable(io.RawIOBase):
    """A source as the file object that ``zipfile`` reads."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a place."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._source.size}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """Read from the place on."""
        length = self._source.size - self._place if size is None or size < 0 else size
        data = self._source.at(self._place, length)
        self._place += len(data)
        return data
