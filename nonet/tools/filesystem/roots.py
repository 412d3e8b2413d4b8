"""The folders a call may read, as one tree: names like ``docs/guide.md``, whatever lies above ``docs``."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nonet.errors import ToolError
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.open_file import OpenFile
from nonet.tools.filesystem.walk import Folder, Walk

_LINE = re.compile(r":\d+(-\d+)?$")


@dataclass(frozen=True)
class Root:
    """One root: a folder, and the single file to be read in it where the root is a file."""

    name: str
    path: Path
    only: str = ""


@dataclass(frozen=True)
class Entry:
    """A regular file beneath a root; ``name`` begins with the root's name; ``modified`` in nanoseconds."""

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

    Attributes:
        all: the roots, in the order given.
        limit: bytes of a file that may be read.
        left_out: what the walks so far passed over for its name, its depth or its number; "" for nothing.

    Raises:
        ToolError: a path asked for lies beneath no root.
    """

    def __init__(self, context: ToolContext, paths: Sequence[Path] | None = None) -> None:
        self.limit = context.settings.file_size_limit
        excluded = (*context.excluded, Path(context.settings.runs), context.settings.home_path)
        self._excluded = tuple(Path(os.path.abspath(path)) for path in excluded)
        self._excluded_files = {_identity(path) for path in self._excluded} - {None}
        self._excluded_beneath: dict[str, list[str]] = {}
        self._walk = Walk()
        self.all: list[Root] = []
        for path in context.roots if paths is None else paths:
            self.all.append(self._root(Path(os.path.abspath(path))))

    @property
    def left_out(self) -> str:
        """What the walks so far passed over."""
        return self._walk.left_out

    def locate(self, reference: str) -> tuple[Root, str]:
        """Return the root and the relative path that a reference names: with or without a root's name, or absolute."""
        if not self.all:
            raise ToolError("There is no folder to read.", "Give one, for instance with --corpus.")
        named = reference.removeprefix("file://").removeprefix("file:")
        for wanted in dict.fromkeys((named, _LINE.sub("", named))):
            for root, relative in self._readings(wanted):
                if relative == "." and not root.only:
                    return root, "."
                if self._is_there(root, relative):
                    return root, beneath.clean(relative)
        names = ", ".join(root.name for root in self.all)
        raise ToolError(f"{reference!r} is not beneath the folders that may be read.", f"They are: {names}.")

    @contextmanager
    def opened(self, root: Root, relative: str) -> Generator[OpenFile]:
        """Hold a regular file open that tools may read.

        Raises:
            ToolError: it is no regular file, is excluded or hidden, or a link leads to one that is.
        """
        with beneath.folder(root.path) as top, beneath.opened(top, relative) as descriptor:
            status = beneath.regular(descriptor, relative)
            true = beneath.true_path(top, descriptor)
            paths = [relative] if true is None else [relative, true]
            identity = (status.st_dev, status.st_ino)
            if (root.only and relative != root.only) or any(self._is_excluded(root, path, identity) for path in paths):
                raise ToolError(f"{relative!r} is not for tools to read.", "Name another file.")
            for path in paths:
                beneath.clean(path)
            yield OpenFile(f"{root.name}/{relative}", descriptor, status.st_size)

    def read(self, root: Root, relative: str) -> bytes:
        """Read a file beneath a root, within the size limit and never one that is excluded."""
        with self.opened(root, relative) as file:
            return beneath.content(file.descriptor, relative, self.limit)

    def files(self, root: Root | None = None, start: str = ".", deep: bool = True) -> Iterator[Entry]:
        """Yield the regular files of one root or all, in name order; hidden ones and links are passed over."""
        for each in [root] if root else self.all:
            with beneath.folder(each.path) as top:
                for folder in self._walk.folders(top, start, deep, lambda path, of=each: self.descends(of, path)):
                    yield from self._entries(each, folder)

    def listing(self, root: Root, start: str) -> tuple[list[str], list[Entry]]:
        """Return what tools may read in one folder in name order: its folders, as paths beneath the root, its files."""
        with beneath.folder(root.path) as top:
            (folder,) = self._walk.folders(top, start, False, lambda path: True)
        paths = [os.path.normpath(os.path.join(start, name)) for name in folder.folders]
        return [path for path in paths if self.descends(root, path)], list(self._entries(root, folder))

    def descends(self, root: Root, relative: str) -> bool:
        """Whether a folder beneath a root is searched."""
        name = relative.rsplit("/", 1)[-1]
        passed_over = name.startswith(".") or name in ("__pycache__", "node_modules")
        return not (passed_over or root.only or self._is_excluded(root, relative, None))

    def _is_there(self, root: Root, relative: str) -> bool:
        with beneath.folder(root.path) as descriptor:
            try:
                with beneath.opened(descriptor, relative):
                    return True
            except ToolError as error:
                if "cannot be opened: no such" not in error.message:
                    raise
        return False

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

    def _entries(self, root: Root, folder: Folder) -> Iterator[Entry]:
        for file in folder.files:
            relative = os.path.normpath(os.path.join(folder.path, file.name))
            if (not root.only or relative == root.only) and not self._is_excluded(root, relative, file.identity):
                yield Entry(root, relative, file.size, file.modified)

    def _is_excluded(self, root: Root, relative: str, identity: tuple[int, int] | None) -> bool:
        if identity is not None and identity in self._excluded_files:
            return True
        path = os.path.normpath(relative)
        return any(path == banned or path.startswith(f"{banned}{os.sep}") for banned in self._excluded_in(root))

    def _excluded_in(self, root: Root) -> list[str]:
        """Return what is excluded beneath a root, as paths in it; a root may itself lie in an excluded folder."""
        if root.name not in self._excluded_beneath:
            inside = [each for each in self._excluded if root.path in each.parents]
            self._excluded_beneath[root.name] = [str(each.relative_to(root.path)) for each in inside]
        return self._excluded_beneath[root.name]


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
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ToolError(f"{name!r} is UTF-16 text.", "Convert it to UTF-8.")
    if b"\0" in content[:8192]:
        raise ToolError(f"{name!r} is binary.", "Name a text file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(f"{name!r} is not UTF-8 text.", "Convert it to UTF-8.") from error
