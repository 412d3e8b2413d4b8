"""A place in a source that moves on as it is read, through a window of it at a time."""

from __future__ import annotations

import struct

from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

WINDOW = 1 << 16


class Cursor:
    """Reads numbers and bytes in turn between two places of a source.

    Every method raises ``Unreadable`` where the bytes end too early.
    """

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.position = start
        self.end = source.size if end is None else min(end, source.size)
        self._window = b""
        self._start = start

    @property
    def left(self) -> int:
        """Bytes left to read."""
        return self.end - self.position

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        begin = self.position - self._start
        if begin >= 0 and begin + length <= len(self._window) and self.position + length <= self.end:
            self.position += length
            return self._window[begin : begin + length]
        return self._fill(length)

    def skip(self, length: int) -> None:
        """Pass over bytes without reading them."""
        if length < 0 or length > self.left:
            raise Unreadable(f"ends {length - self.left:,} bytes too early", self.position)
        self.position += length

    def number(self, form: str) -> int:
        """Return the next integer of a ``struct`` format such as ``<Q``."""
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def real(self, form: str) -> float:
        """Return the next float of a ``struct`` format such as ``<f``."""
        return float(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def varint(self) -> int:
        """Return the next variable-length integer of protobuf, unsigned, of at most 64 bits."""
        value = shift = 0
        while shift < 70:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF
            shift += 7
        raise Unreadable("has an integer that does not end", self.position)

    def _fill(self, length: int) -> bytes:
        if length < 0 or length > self.left:
            raise Unreadable(f"ends {max(1, length - self.left):,} bytes too early", self.position)
        self._start = self.position
        self._window = self.source.at(self.position, min(max(length, WINDOW), self.left))
        if len(self._window) < length:
            raise Unreadable("was cut short while it was read", self.position)
        self.position += length
        return self._window[:length]
