"""ZIP archives that hold models: their listing, and small members within a bound. Nothing is extracted to a disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager

from nonet.tools.filesystem.open_file import Seekable, Source
from nonet.tools.filesystem.unreadable import Unreadable

ENTRY_LIMIT = 200_000
MEMBER_LIMIT = 64 << 20
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError, KeyError)


class Archive:
    """An open archive."""

    def __init__(self, inner: zipfile.ZipFile) -> None:
        self._inner = inner
        self.sizes = {info.filename: info.file_size for info in inner.infolist()}
        """Unfolded bytes of each member, as the archive claims them."""

    def member(self, name: str, limit: int = MEMBER_LIMIT, whole: bool = True) -> bytes:
        """Return a member's first ``limit`` bytes, however many it claims to have.

        Raises:
            Unreadable: it is broken, locked or, where the ``whole`` is wanted, longer.
        """
        try:
            with self._inner.open(name) as member:
                data = member.read(limit + 1 if whole else limit)
        except _FAULTS as error:
            raise Unreadable(f"has a member {name[:100]!r} that cannot be read: {error}") from error
        if len(data) > limit:
            raise Unreadable(f"has a member {name[:100]!r} of more than {limit:,} bytes")
        return data

    def ending(self, suffix: str) -> str | None:
        """Return the shortest member name that ends so."""
        return min((name for name in self.sizes if name.endswith(suffix)), key=len, default=None)


def is_zip(head: bytes) -> bool:
    """Whether a file begins like a ZIP archive."""
    return head.startswith((b"PK\3\4", b"PK\5\6"))


@contextmanager
def opened(source: Source) -> Generator[Archive]:
    """Open an archive.

    Raises:
        Unreadable: it is broken, or lists more than ``ENTRY_LIMIT`` members.
    """
    try:
        inner = zipfile.ZipFile(Seekable(source))
    except (*_FAULTS, Unreadable) as error:
        raise Unreadable(f"is a ZIP archive that cannot be read: {error}") from error
    with inner:
        if len(inner.infolist()) > ENTRY_LIMIT:
            raise Unreadable(f"is a ZIP archive of more than {ENTRY_LIMIT:,} members")
        yield Archive(inner)
