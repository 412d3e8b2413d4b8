"""Protobuf on the wire: the fields of a message, each a number or a part of the source that is not read yet.

Source of the encoding: https://protobuf.dev/programming-guides/encoding/. Schemas stand where they are used, as field
numbers; unknown fields are passed over, as the format asks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from nonet.tools.filesystem.kinds.cursor import Cursor
from nonet.tools.filesystem.open_file import Memory, Source
from nonet.tools.filesystem.unreadable import Unreadable

TEXT_LIMIT = 4096
"""Bytes of a text that are read."""


@dataclass(frozen=True)
class Span:
    """A length-delimited field: a text, bytes, a message or packed numbers, from ``start`` to ``end``."""

    source: Source
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def fields(self) -> Iterator[Field]:
        """Yield the fields of a message."""
        return fields(self.source, self.start, self.end)

    def data(self, limit: int = TEXT_LIMIT) -> bytes:
        """Return the bytes, at most ``limit`` of them."""
        return self.source.at(self.start, min(len(self), limit))

    def text(self) -> str:
        """Return a text, cut at ``TEXT_LIMIT`` bytes."""
        return self.data().decode("utf-8", "replace")

    def varints(self, limit: int) -> list[int]:
        """Return packed numbers, at most ``limit`` of them."""
        cursor = Cursor(self.source, self.start, self.end)
        found: list[int] = []
        while cursor.left and len(found) < limit:
            found.append(cursor.varint())
        return found


@dataclass(frozen=True)
class Field:
    """One field: its number in the schema and its value; fixed-width values are their bytes, little-endian."""

    number: int
    value: int | bytes | Span

    def integer(self) -> int:
        """Return a signed integer (``int32``, ``int64``, ``bool`` and enumerations)."""
        if not isinstance(self.value, int):
            raise Unreadable(f"has a field {self.number} that is no integer")
        return self.value - (1 << 64) if self.value >= 1 << 63 else self.value

    def real(self) -> float:
        """Return a float or a double."""
        if not isinstance(self.value, bytes):
            raise Unreadable(f"has a field {self.number} that is no float")
        return float(struct.unpack("<f" if len(self.value) == 4 else "<d", self.value)[0])

    def span(self) -> Span:
        """Return a text, bytes, a message or packed numbers."""
        if not isinstance(self.value, Span):
            raise Unreadable(f"has a field {self.number} that is no message")
        return self.value

    def text(self) -> str:
        """Return a text."""
        return self.span().text()

    def integers(self, limit: int = 64) -> list[int]:
        """Return a repeated integer's values, packed or not."""
        values = self.value.varints(limit) if isinstance(self.value, Span) else [self.integer()]
        return [value - (1 << 64) if value >= 1 << 63 else value for value in values]


def message(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message in memory."""
    return fields(Memory(data), 0, len(data))


def fields(source: Source, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two places.

    Raises:
        Unreadable: the bytes are no message, or end too early.
    """
    cursor = Cursor(source, start, end)
    while cursor.left:
        key = cursor.varint()
        number, wire = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise Unreadable(f"has a field numbered {number}", cursor.position)
        if wire == 0:
            yield Field(number, cursor.varint())
        elif wire in (1, 5):
            yield Field(number, cursor.take(8 if wire == 1 else 4))
        elif wire == 2:
            length = cursor.varint()
            begin = cursor.position
            cursor.skip(length)
            yield Field(number, Span(source, begin, begin + length))
        else:
            raise Unreadable(f"has a field of wire type {wire}", cursor.position)
