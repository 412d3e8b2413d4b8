"""TensorBoard event files: their scalars as series. Neither TensorFlow nor TensorBoard is needed.

Framing is that of tensorflow/core/lib/io/record_writer.h: length, its masked CRC-32C, the record, its masked CRC-32C.
Field numbers are those of util/event.proto, framework/summary.proto and framework/tensor.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache

from optimization.logs.errors import LogsError
from optimization.logs.protobuf import Field, fields
from optimization.logs.series import Series, ordered

_POLYNOMIAL = 0x82F63B78
_RECORD_LIMIT = 1 << 20
"""Bytes of a record that are read; longer ones hold pictures or graphs."""
_CHECKED = 4096
"""Bytes up to which a record's own checksum is verified; that of its length always is."""
_HEAD = 12
_TENSOR_FORMS = {1: "<f", 2: "<d", 3: "<i", 4: "<B", 5: "<h", 6: "<b", 9: "<q", 10: "<?", 19: "<e"}
_SCALARS = ("", "scalars")


def masked_crc32c(data: bytes) -> int:
    """Return the masked CRC-32C of some bytes (RFC 3720)."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def is_events(data: bytes) -> bool:
    """Whether a file begins with a record whose length has its checksum, and that names the version of the format."""
    return len(data) >= _HEAD and _length(data, 0) is not None and b"brain.Event:" in data[: _HEAD + 64]


def from_events(data: bytes, source: str) -> list[Series]:
    """Return the scalars of an event file.

    A record that is still being written ends it without a word; what a resumed run writes again for a step counts.

    Raises:
        LogsError: a checksum is wrong, or a record is no event.
    """
    points: dict[str, list[tuple[float, float]]] = {}
    plugins: dict[str, str] = {}
    for record in _records(data):
        step, summaries = 0, list[bytes]()
        for each in fields(record):
            if each.number == 2:
                step = each.integer()
            elif each.number == 5:
                summaries.append(each.data())
        for value in (each for summary in summaries for each in fields(summary) if each.number == 1):
            _value(value.data(), float(step), points, plugins)
    return [ordered(tag, found, source) for tag, found in points.items()]


def _value(data: bytes, step: float, points: dict[str, list[tuple[float, float]]], plugins: dict[str, str]) -> None:
    parts = {each.number: each for each in fields(data)}
    tag = parts[1].text() if 1 in parts else ""
    if 9 in parts:  # the plugin of a tag is told with its first value only
        plugins[tag] = _plugin(parts[9].data())
    found = parts[2].real() if 2 in parts else None
    if found is None and 8 in parts and plugins.get(tag, "") in _SCALARS:
        found = _tensor(parts[8].data())
    if found is not None:
        points.setdefault(tag, []).append((step, found))


def _plugin(metadata: bytes) -> str:
    for each in fields(metadata):
        if each.number == 1:
            return next((part.text() for part in fields(each.data()) if part.number == 1), "")
    return ""


def _tensor(data: bytes) -> float | None:
    """Return the one value of a tensor of one element; ``None`` for any other."""
    kind, content, listed = 0, b"", list[float]()
    for each in fields(data):
        if each.number == 1:
            kind = each.integer()
        elif each.number == 2 and any(_extent(part) != 1 for part in fields(each.data()) if part.number == 2):
            return None
        elif each.number == 4:
            content = each.data()
        elif each.number in (5, 6):
            listed.append(each.real())
        elif each.number in (7, 10, 11):
            if isinstance(each.value, bytes):
                return None
            listed.append(float(each.integer()))
    form = _TENSOR_FORMS.get(kind)
    if content and form is not None and struct.calcsize(form) == len(content):
        return float(struct.unpack(form, content)[0])
    return listed[0] if len(listed) == 1 else None


def _extent(dimension: Field) -> int:
    return next((each.integer() for each in fields(dimension.data()) if each.number == 1), 0)


def _records(data: bytes) -> Iterator[bytes]:
    place = 0
    while place + _HEAD <= len(data):
        length = _length(data, place)
        if length is None:
            raise LogsError(f"is broken at byte {place}: a length does not have its checksum")
        begin, end = place + _HEAD, place + _HEAD + length
        if end + 4 > len(data):
            return
        record = data[begin:end]
        if length <= _CHECKED and masked_crc32c(record) != int.from_bytes(data[end : end + 4], "little"):
            raise LogsError(f"is broken at byte {place}: a record does not have its checksum")
        if length <= _RECORD_LIMIT:
            yield record
        place = end + 4


def _length(data: bytes, place: int) -> int | None:
    head = data[place : place + 8]
    if masked_crc32c(head) != int.from_bytes(data[place + 8 : place + _HEAD], "little"):
        return None
    return int.from_bytes(head, "little")


@cache
def _table() -> tuple[int, ...]:
    table: list[int] = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)
