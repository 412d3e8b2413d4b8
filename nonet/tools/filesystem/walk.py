"""Walking the folders beneath a root: bounded in number and depth, no link followed, one descriptor held at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nonet.errors import ToolError
from nonet.tools.contract import visible
from nonet.tools.filesystem import beneath

ENTRY_LIMIT = 50_000
DEPTH_LIMIT = 64


@dataclass(frozen=True)
class File:
    """A regular file in a folder; ``modified`` in nanoseconds, ``identity`` is its device and inode."""

    name: str
    size: int
    modified: int
    identity: tuple[int, int]


@dataclass
class Folder:
    """A folder's path beneath the root, the regular files and the folders in it in name order; none is hidden."""

    path: str
    files: list[File] = field(default_factory=list[File])
    folders: list[str] = field(default_factory=list[str])


@dataclass
class Walk:
    """Walks that share what they passed over.

    Attributes:
        unnamed: entries whose names cannot be written as a line of text, so that nobody could ask for them.
        deep: folders below the depth limit.
        stopped: whether a walk ended at the entry limit.
    """

    unnamed: int = 0
    deep: int = 0
    stopped: bool = False

    @property
    def left_out(self) -> str:
        """Say what was passed over, in a sentence each; "" for nothing."""
        said: list[str] = []
        if self.stopped:
            said.append(f"Only the first {ENTRY_LIMIT:,} entries were looked at; name a folder to see the rest.")
        if self.deep:
            said.append(f"{self.deep} folders more than {DEPTH_LIMIT} levels down were not entered.")
        if self.unnamed:
            said.append(f"{self.unnamed} names that are no line of UTF-8 text were left out.")
        return " ".join(said)

    def folders(self, root: int, start: str, deep: bool, descends: Callable[[str], bool]) -> Iterator[Folder]:
        """Yield the folder ``start`` beneath a root's descriptor and, where ``deep``, those in it that ``descends`` to.

        Raises:
            ToolError: ``start`` cannot be opened or is no folder.
        """
        waiting, seen = [(start, 0)], 0
        while waiting:
            path, depth = waiting.pop()
            try:
                folder, count = self._listed(root, path, ENTRY_LIMIT - seen)
            except ToolError:
                if path == start:
                    raise
                continue  # gone, or made unreadable, since its parent was listed
            yield folder
            seen += count
            if seen >= ENTRY_LIMIT:
                self.stopped = True
                return
            below = [os.path.normpath(os.path.join(path, name)) for name in folder.folders] if deep else []
            below = [each for each in below if descends(each)]
            if below and depth == DEPTH_LIMIT:
                self.deep += len(below)
                continue
            waiting += [(each, depth + 1) for each in reversed(below)]

    def _listed(self, root: int, path: str, limit: int) -> tuple[Folder, int]:
        """List one folder, up to ``limit`` entries in the order of the disk; return it and how many were seen."""
        folder, count = Folder(path), 0
        with beneath.opened(root, path, links=False) as descriptor:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise ToolError(f"{path!r} is not a folder.", "Name a folder; read_file reads files.")
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    if count == limit:
                        break
                    count += 1
                    self._add(folder, entry)
        folder.files.sort(key=lambda file: file.name)
        folder.folders.sort()
        return folder, count

    def _add(self, folder: Folder, entry: os.DirEntry[str]) -> None:
        if entry.name.startswith("."):
            return
        if "\n" in entry.name or "\t" in entry.name or visible(entry.name) != entry.name:
            self.unnamed += 1
            return
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return  # gone since the folder was listed
        if stat.S_ISDIR(status.st_mode):
            folder.folders.append(entry.name)
        elif stat.S_ISREG(status.st_mode):
            identity = (status.st_dev, status.st_ino)
            folder.files.append(File(entry.name, status.st_size, status.st_mtime_ns, identity))
