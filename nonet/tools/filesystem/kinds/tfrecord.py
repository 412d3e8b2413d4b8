"""TFRecord framing: length, its masked CRC-32C, the record, its masked CRC-32C.

Source: tensorflow/core/lib/io/record_writer.h. The checksum is RFC 3720's, table-driven.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache

from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

RECORD_LIMIT = 1 << 20
"""Bytes of a record that are read; longer ones hold pictures or graphs and are passed over."""
CHECKED = 4096
"""Bytes up to which a record's own checksum is verified; that of its length always is."""
_POLYNOMIAL = 0x82F63B78


@cache
def _table() -> tuple[int, ...]:
    table: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)  # noqa: PLW2901 - shifted bit by bit
        table.append(value)
    return tuple(table)


def masked_crc32c(data: bytes) -> int:
    """Return the masked CRC-32C of some bytes."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def is_tfrecord(head: bytes) -> bool:
    """Whether the first twelve bytes are the length of a record and its checksum."""
    return len(head) >= 12 and masked_crc32c(head[:8]) == int.from_bytes(head[8:12], "little")


def records(source: Source, limit: int) -> Iterator[bytes | None]:
    """Yield the records of a file; ``None`` for one longer than ``RECORD_LIMIT``.

    A record that is still being written ends them without a word.

    Args:
        source: the file.
        limit: bytes to read at most.

    Raises:
        Unreadable: a checksum is wrong, or the limit was reached.
    """
    place = read = 0
    while place + 12 <= source.size:
        header = source.at(place, 12)
        if not is_tfrecord(header):
            raise Unreadable("is broken: a length does not have its checksum", place)
        length: int = struct.unpack("<Q", header[:8])[0]
        following = place + 12 + length + 4
        if following > source.size:
            return
        read += 12
        if length > RECORD_LIMIT:
            yield None
        else:
            body = source.at(place + 12, length + 4)
            read += len(body)
            record, checksum = body[:length], body[length:]
            if length <= CHECKED and masked_crc32c(record) != int.from_bytes(checksum, "little"):
                raise Unreadable("is broken: a record does not have its checksum", place)
            yield record
        place = following
        if read > limit:
            raise Unreadable(f"is longer than the {limit:,} bytes that are read", place)
