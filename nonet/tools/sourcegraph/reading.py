"""Reading what a search found: no link on the way is followed, no pipe waited for, nothing excluded is read.

ripgrep follows no links, so a path that it returned holds none; if one does now, it was put there since.
"""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from nonet.errors import ToolError

_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK | os.O_NOFOLLOW
_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY
_BINARY = 8192


class Reader:
    """Reads files beneath a folder, which it holds open.

    Args:
        folder: an open folder's descriptor.
        excluded: devices and inodes of files that are not read, whatever their name.
        size_limit: bytes; larger files are not read.
    """

    def __init__(self, folder: int, excluded: frozenset[tuple[int, int]], size_limit: int) -> None:
        self._folder = folder
        self._excluded = excluded
        self._size_limit = size_limit

    def readable(self, path: str) -> bool:
        """Whether a file is there and may be read."""
        descriptor = self._opened(path)
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    def text(self, path: str) -> str | None:
        """Return the text of a file, what is no UTF-8 replaced; ``None`` where it may not be read, or is none."""
        content = self.content(path)
        if content is None:
            return None
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16", errors="replace")
        return None if b"\0" in content[:_BINARY] else content.decode("utf-8-sig", errors="replace")

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file; ``None`` where it may not be read, or is too large."""
        descriptor = self._opened(path)
        if descriptor is None:
            return None
        with open(descriptor, "rb") as file:
            content = file.read(self._size_limit + 1)  # it may grow while it is read
        return content if len(content) <= self._size_limit else None

    def _opened(self, path: str) -> int | None:
        current = os.dup(self._folder)
        parts = path.split("/")
        try:
            for number, part in enumerate(parts):
                outer = current
                current = os.open(part, _FILE if number == len(parts) - 1 else _FOLDER, dir_fd=outer)
                os.close(outer)
            status = os.fstat(current)
        except (OSError, ValueError):  # gone, a link, a socket; or no name of a file
            os.close(current)
            return None
        named = (status.st_dev, status.st_ino) in self._excluded
        if named or not stat.S_ISREG(status.st_mode) or status.st_size > self._size_limit:
            os.close(current)
            return None
        return current


@contextmanager
def reader(folder: Path, excluded: Iterable[Path], size_limit: int) -> Generator[Reader]:
    """Hold a folder open and read beneath it.

    Raises:
        ToolError: it cannot be opened.
    """
    identities: set[tuple[int, int]] = set()
    for path in excluded:
        try:
            status = path.stat()
        except OSError:
            continue
        identities.add((status.st_dev, status.st_ino))
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    except OSError as error:
        raise ToolError(f"{folder} cannot be opened: {error.strerror}.", "Give a folder with --repo.") from error
    try:
        yield Reader(descriptor, frozenset(identities), size_limit)
    finally:
        os.close(descriptor)
