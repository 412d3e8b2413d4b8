"""Which folder holds a repository, and whether it may be read: nothing outside the root is reached through it.

A ``.git`` may be a file that names another folder, objects may be borrowed from another repository, and each of them
may be a link. What a stranger's folder names must not lead to the history of somebody else's. Outside the root only
what names this checkout in return is read: a worktree's or a submodule's own folder, which whoever made the checkout
alone could not have written there.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from nonet.errors import ToolError

_PLAIN = ("HEAD", "config", "config.worktree", "index", "packed-refs", "shallow", "commondir", "gitdir")
_DEPTH = 5
_TEXT_LIMIT = 65_536
_WORKTREE = re.compile(r"^\s*worktree\s*=\s*(?P<path>[^\n#;]+)", re.MULTILINE)


@dataclass(frozen=True)
class GitDir:
    """A repository's own folder, and the folder of objects and references, another one in a worktree."""

    path: Path
    common: Path


def holds(folder: Path) -> bool:
    """Whether a folder is the top of a checkout or a bare repository."""
    return os.path.lexists(folder / ".git") or _bare(folder)


def of(top: Path, root: Path) -> GitDir:
    """Return the repository of a checkout's top folder.

    Raises:
        ToolError: it leads outside the root, or is no repository.
    """
    root = root.resolve()
    path, back = _named(top, root)
    common = _common(path, root, back)
    bounds = (root, common)
    for folder in {path, common}:
        for name in _PLAIN:
            _plain(folder / name, bounds)
    if not (common / "objects").is_dir():
        raise ToolError(f"{top} is no git repository: it has no objects.", "Check it with: git fsck")
    _inside(common / "refs", bounds)
    _objects(common / "objects", bounds, _DEPTH)
    return GitDir(path, common)


def _named(top: Path, root: Path) -> tuple[Path, bool]:
    """Return the folder that ``.git`` is or names, and whether it lies outside and names this checkout in return."""
    entry = top / ".git"
    if not os.path.lexists(entry):
        return top.resolve(), False
    if entry.is_dir():
        path = entry.resolve()
    else:
        _plain(entry, (root,))
        text = _text(entry)
        if not text.startswith("gitdir:"):
            raise ToolError(f"{entry} names no repository.", "Check the checkout with: git status")
        path = (top / text.removeprefix("gitdir:").strip()).resolve()
    if not path.is_dir():
        raise ToolError(f"{entry} names a folder that is not there.", "Check the checkout with: git status")
    if _within(path, (root,)):
        return path, False
    if entry.is_symlink() or not _names(path, entry):
        raise _leads(entry, path)
    return path, True


def _names(path: Path, entry: Path) -> bool:
    """Whether a repository's folder names a checkout as its own: by ``gitdir``, or by ``core.worktree``."""
    link, mine = path / "gitdir", entry.resolve()
    if link.is_file():
        return (path / _text(link).strip()).resolve() == mine
    worktree = _WORKTREE.search(_text(path / "config")) if (path / "config").is_file() else None
    return worktree is not None and (path / worktree["path"].strip()).resolve() == mine.parent


def _common(path: Path, root: Path, back: bool) -> Path:
    link = path / "commondir"
    if not os.path.lexists(link):
        return path
    _plain(link, (root, path))
    common = (path / _text(link).strip()).resolve()
    if not (_within(common, (root,)) or (back and path.parent == common / "worktrees")):
        raise _leads(link, common)
    return common


def _objects(folder: Path, bounds: tuple[Path, ...], depth: int) -> None:
    """See that no object, and no folder that objects are borrowed from, lies outside."""
    _inside(folder, bounds)
    for where in (folder, *(entry for entry in folder.iterdir() if entry.is_dir())):
        with os.scandir(where) as entries:
            for entry in entries:
                if entry.is_symlink():
                    _inside(Path(entry.path), bounds)
    borrowed = folder / "info" / "alternates"
    if not os.path.lexists(borrowed):
        return
    _plain(borrowed, bounds)
    if depth == 0:
        raise ToolError(f"{borrowed}: objects are borrowed by too many steps.", "Run there: git repack -a")
    for line in _text(borrowed).splitlines():
        if line.strip() and not line.startswith("#"):
            other = (folder / line.strip().strip('"')).resolve()
            if not _within(other, bounds):
                raise _leads(borrowed, other, "Run there: git repack -a -d && rm .git/objects/info/alternates")
            if other.is_dir():
                _objects(other, bounds, depth - 1)


def _plain(path: Path, bounds: tuple[Path, ...]) -> None:
    """See that a file, where it is there, is a regular one, inside."""
    try:
        status = path.stat()
    except OSError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ToolError(f"{path} is not a regular file.", "Check the checkout with: git status")
    _inside(path, bounds)


def _inside(path: Path, bounds: tuple[Path, ...]) -> None:
    if path.is_symlink() and not _within(path.resolve(), bounds):
        raise _leads(path, path.resolve())


def _within(path: Path, bounds: tuple[Path, ...]) -> bool:
    return any(path == bound or bound in path.parents for bound in bounds)


def _leads(path: Path, to: Path, remedy: str = "") -> ToolError:
    remedy = remedy or f"Give the folder that holds the repository, if it may be read: {to}"
    return ToolError(f"{path} leads outside the folder that may be read.", remedy)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_TEXT_LIMIT).decode("utf-8", errors="surrogateescape")


def _bare(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()
