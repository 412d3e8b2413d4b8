"""The folders a call may read, as one tree: names like ``docs/guide.md``, whatever lies above ``docs``."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nonet.errors import ToolError
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem import beneath

ENTRY_LIMIT = 50_000
_LINE = re.compile(r":\d+(-\d+)?$")
_PASSED_OVER = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Root:
    """One root: a folder, and the single file to be read in it where the root is a file."""

    name: str
    path: Path
    only: str = ""


@dataclass(frozen=True)
class Entry:
    """A regular file beneath a root; ``name`` begins with the root's name."""

    root: Root
    relative: str
    size: int
    modified: int

    @property
    def name(self) -> str:
        """What people and agents call the file."""
        return f"{self.root.name}/{self.relative}"


class Roots:
    """What a ``ToolContext`` lets a tool read. Exclusions, run folders and Nonet's home count where they lie in a root.

    Raises:
        ToolError: a path asked for lies beneath no root.
    """

    def __init__(self, context: ToolContext, paths: Sequence[Path] | None = None) -> None:
        self._limit = context.settings.file_size_limit
        excluded = (*context.excluded, Path(context.settings.runs), context.settings.home_path)
        self._excluded = tuple(Path(os.path.abspath(path)) for path in excluded)
        self._excluded_files = {_identity(path) for path in self._excluded} - {None}
        self.all: list[Root] = []
        for path in context.roots if paths is None else paths:
            self.all.append(self._root(Path(os.path.abspath(path))))

    def locate(self, reference: str) -> tuple[Root, str]:
        """Return the root and the relative path that a reference names: with or without a root's name, or absolute."""
        wanted = _LINE.sub("", reference.removeprefix("file://").removeprefix("file:"))
        if not self.all:
            raise ToolError("There is no folder to read.", "Give one, for instance with --corpus.")
        for root, relative in self._readings(wanted):
            if relative == "." and not root.only:
                return root, "."
            with beneath.folder(root.path) as descriptor:
                try:
                    with beneath.opened(descriptor, relative):
                        return root, beneath.clean(relative)
                except ToolError as error:
                    if "cannot be opened: no such" not in error.message:
                        raise
        names = ", ".join(root.name for root in self.all)
        raise ToolError(f"{reference!r} is not beneath the folders that may be read.", f"They are: {names}.")

    def read(self, root: Root, relative: str) -> bytes:
        """Read a file beneath a root, within the size limit and never one that is excluded."""
        with beneath.folder(root.path) as descriptor:
            content, status = beneath.read(descriptor, relative, self._limit)
        identity = (status.st_dev, status.st_ino)
        if (root.only and relative != root.only) or self._is_excluded(root, relative, identity):
            raise ToolError(f"{relative!r} is not for tools to read.", "Name another file.")
        return content

    def files(self, root: Root | None = None, start: str = ".", deep: bool = True) -> Iterator[Entry]:
        """Yield the regular files of one root or all, in name order; hidden ones and links are passed over."""
        for each in [root] if root else self.all:
            yield from self._walk(each, start, deep)

    def descends(self, root: Root, relative: str) -> bool:
        """Whether a folder beneath a root is searched."""
        name = relative.rsplit("/", 1)[-1]
        hidden = name.startswith(".") or name in _PASSED_OVER
        return not (hidden or root.only or self._is_excluded(root, relative, None))

    def _root(self, path: Path) -> Root:
        taken = {root.name for root in self.all}
        folder, only = (path.parent, path.name) if path.is_file() else (path, "")
        name = folder.name or "root"
        number = 2
        while name in taken:
            name, number = f"{folder.name}-{number}", number + 1
        return Root(name, folder, only)

    def _readings(self, wanted: str) -> Iterator[tuple[Root, str]]:
        for root in self.all:
            if os.path.isabs(wanted):
                normal = os.path.normpath(wanted)
                if normal == str(root.path) or normal.startswith(f"{root.path}{os.sep}"):
                    yield root, os.path.relpath(normal, root.path)
                continue
            if wanted == root.name or wanted.startswith(f"{root.name}/"):
                yield root, wanted[len(root.name) + 1 :] or "."
            yield root, wanted or "."

    def _walk(self, root: Root, start: str, deep: bool) -> Iterator[Entry]:
        seen = 0
        with beneath.folder(root.path) as descriptor, beneath.opened(descriptor, start) as top:
            for where, folders, names, here in os.fwalk(".", dir_fd=top, follow_symlinks=False):
                parent = os.path.normpath(os.path.join(start, where))
                down = [name for name in folders if deep and self.descends(root, os.path.join(parent, name))]
                folders[:] = sorted(down)
                for name in sorted(names):
                    relative = os.path.normpath(os.path.join(parent, name))
                    entry = self._entry(root, relative, name, here)
                    if entry is not None:
                        yield entry
                    seen += 1
                    if seen >= ENTRY_LIMIT:
                        return

    def _entry(self, root: Root, relative: str, name: str, folder: int) -> Entry | None:
        if name.startswith(".") or (root.only and relative != root.only):
            return None
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return None  # gone since the folder was listed
        if not stat.S_ISREG(status.st_mode):
            return None
        if self._is_excluded(root, relative, (status.st_dev, status.st_ino)):
            return None
        return Entry(root, relative, status.st_size, status.st_mtime_ns)

    def _is_excluded(self, root: Root, relative: str, identity: tuple[int, int] | None) -> bool:
        if identity is not None and identity in self._excluded_files:
            return True
        path = Path(os.path.normpath(root.path / relative))
        around = (root.path, *root.path.parents)
        return any(banned not in around and (path == banned or banned in path.parents) for banned in self._excluded)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def text(content: bytes, name: str) -> str:
    """Decode a file's bytes as UTF-8.

    Raises:
        ToolError: it is binary (a NUL byte in its first 8 KB) or not UTF-8.
    """
    if b"\0" in content[:8192]:
        raise ToolError(f"{name!r} is binary.", "Name a text file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(f"{name!r} is not UTF-8 text.", "Convert it to UTF-8.") from error
