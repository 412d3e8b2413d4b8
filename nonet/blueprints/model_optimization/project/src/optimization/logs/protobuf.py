"""Protobuf on the wire: the fields of a message (https://protobuf.dev/programming-guides/encoding/)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from optimization.logs.errors import LogsError

_VARINT_BYTES = 10


@dataclass(frozen=True)
class Field:
    """One field: its number in the schema and its value; fixed-width values and messages are their bytes."""

    number: int
    value: int | bytes

    def integer(self) -> int:
        """Return a signed integer."""
        if not isinstance(self.value, int):
            raise LogsError(f"has a field {self.number} that is no integer")
        return self.value - (1 << 64) if self.value >= 1 << 63 else self.value

    def data(self) -> bytes:
        """Return a text, bytes or a message."""
        if not isinstance(self.value, bytes):
            raise LogsError(f"has a field {self.number} that is no message")
        return self.value

    def real(self) -> float:
        """Return a float or a double, by its width."""
        data = self.data()
        if len(data) not in (4, 8):
            raise LogsError(f"has a field {self.number} that is no float")
        return float(struct.unpack("<f" if len(data) == 4 else "<d", data)[0])

    def text(self) -> str:
        """Return a text."""
        return self.data().decode("utf-8", "replace")


def fields(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message.

    Raises:
        LogsError: the bytes are no message, or end too early.
    """
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(data, place)
            yield Field(number, value)
            continue
        if wire == 2:
            length, place = _varint(data, place)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise LogsError(f"has a field of wire type {wire}")
        if place + length > len(data):
            raise LogsError("has a field that ends behind its message")
        yield Field(number, data[place : place + length])
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for count in range(_VARINT_BYTES):
        if place + count >= len(data):
            break
        byte = data[place + count]
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, place + count + 1
    raise LogsError("has a number that does not end")
