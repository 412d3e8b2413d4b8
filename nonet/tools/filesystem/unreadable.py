"""What a reader of a file format says when the bytes are not what the format promises."""

from __future__ import annotations


class Unreadable(Exception):
    """The bytes break the format.

    Attributes:
        reason: what is wrong, as the end of a sentence that begins with the file's name.
        offset: byte at which, where known.
    """

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason if offset is None else f"{reason} (at byte {offset:,})"
        self.offset = offset
