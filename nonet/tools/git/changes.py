"""The files that differ between two commits, or between the last commit and the working tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

import pygit2
from pygit2.enums import DeltaStatus, DiffFind, DiffFlag, DiffOption, FileMode

from nonet.tools.git.checkout import Checkout

Status = Literal["added", "removed", "modified", "renamed"]
RENAMES = 200
"""Files added and removed at once among which renames are looked for."""
_NAMES: dict[DeltaStatus, Status] = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "removed",
    DeltaStatus.RENAMED: "renamed",
}
_FLAGS = DiffOption.DISABLE_PATHSPEC_MATCH | DiffOption.SKIP_BINARY_CHECK | DiffOption.INCLUDE_TYPECHANGE


@dataclass(frozen=True)
class Change:
    """A file that differs. ``old`` and ``new`` are its versions, ``None`` on the side where there is none.

    Attributes:
        path: its name, the new one where it was renamed.
        old_path: the name before.
        working: whether the new version is the working tree's.
        kind: "file", "link" (a symbolic one) or "submodule".
    """

    status: Status
    path: str
    old_path: str
    old: pygit2.Oid | None
    new: pygit2.Oid | None
    working: bool = False
    kind: Literal["file", "link", "submodule"] = "file"

    def before(self, checkout: Checkout) -> bytes | None:
        """Return the bytes before: none at all where it was added, ``None`` where they cannot be shown."""
        return b"" if self.old is None else checkout.content(self.old)

    def after(self, checkout: Checkout) -> bytes | None:
        """Return the bytes after, likewise."""
        if self.status == "removed":
            return b""
        if not self.working:
            return b"" if self.new is None else checkout.content(self.new)
        found = checkout.working(self.path)
        if found is not None and b"\r\n" in found and b"\r\n" not in (self.before(checkout) or b"\r\n"):
            return found.replace(b"\r\n", b"\n")  # as git would store it
        return found


def between(
    checkout: Checkout, old: pygit2.Tree | None, new: pygit2.Tree, path: str, renames: bool = True
) -> list[Change]:
    """Return the files beneath a path that differ between two trees and may be shown, in path order."""
    diff = new.diff_to_tree(swap=True, flags=_FLAGS) if old is None else old.diff_to_tree(new, flags=_FLAGS)
    if renames:
        _pair(diff)
    return list(_changes(checkout, diff, path))


def introduced_by(checkout: Checkout, commit: pygit2.Commit, path: str, renames: bool = True) -> list[Change]:
    """Return what a commit changed against its first parent; in a merge only what differs from every parent."""
    parents = parents_of(checkout, commit)
    changes = between(checkout, parents[0].tree if parents else None, commit.tree, path, renames)
    for other in parents[1:]:
        changes = [change for change in changes if version(other.tree, change.path) != change.new]
    return changes


def uncommitted(checkout: Checkout) -> list[Change]:
    """Return the tracked files beneath ``checkout.path`` whose working version differs from the last commit's.

    libgit2 says by the index which may differ; their bytes are read as any file is, never through a link that leads
    outside.
    """
    checkout.see_working_tree()
    repository, index = checkout.repository, checkout.repository.index
    head = None if repository.head_is_unborn else repository.revparse_single("HEAD").peel(pygit2.Tree)
    names: set[str] = set()
    diffs = [index.diff_to_workdir(flags=_FLAGS)]
    if head is not None:
        diffs.append(index.diff_to_tree(head, flags=_FLAGS))
    for diff in diffs:
        names |= {path for delta in diff.deltas for path in (_path(delta.old_file), _path(delta.new_file))}
    if head is None:
        names |= {str(entry.path) for entry in cast("Iterable[pygit2.IndexEntry]", index)}
    return [change for name in sorted(names) for change in _working(checkout, head, name)]


def version(tree: pygit2.Tree, path: str) -> pygit2.Oid | None:
    """Return the version of a file or folder in a tree, "" for all of it."""
    try:
        return tree[path].id if path else tree.id
    except KeyError:
        return None


def renamed_from(checkout: Checkout, commit: pygit2.Commit, path: str) -> str:
    """Return the name that a file which a commit added had before; "" where it is new, or may not be shown."""
    for parent in parents_of(checkout, commit)[:1]:
        for change in between(checkout, parent.tree, commit.tree, path):
            if change.path == path and change.status == "renamed":
                return change.old_path
    return ""


def parents_of(checkout: Checkout, commit: pygit2.Commit) -> list[pygit2.Commit]:
    """Return a commit's parents; none where they are not in this clone."""
    try:
        return list(commit.parents)
    except (KeyError, pygit2.GitError):
        checkout.say("The history is not whole: commits are missing in this clone.")
        return []


def _pair(diff: pygit2.Diff) -> None:
    """Find renames, where there are not too many files to compare."""
    kinds = [delta.status for delta in diff.deltas]
    if 0 < kinds.count(DeltaStatus.ADDED) <= RENAMES and 0 < kinds.count(DeltaStatus.DELETED) <= RENAMES:
        diff.find_similar(flags=DiffFind.FIND_RENAMES, rename_limit=RENAMES)


def _changes(checkout: Checkout, diff: pygit2.Diff, folder: str) -> Iterator[Change]:
    for delta in diff.deltas:
        old, new = delta.old_file, delta.new_file
        status = _NAMES.get(delta.status, "modified")
        path, old_path = _path(new), _path(old)
        shows, showed = checkout.shows(path), checkout.shows(old_path)
        if status == "renamed" and shows != showed:
            # Half of it may be shown: a file that came from, or went to, where nobody looks.
            status, path, old_path = ("added", path, path) if shows else ("removed", old_path, old_path)
        elif not shows:
            continue
        if not (_beneath(folder, path) or _beneath(folder, old_path)):
            continue
        before = old.id if status != "added" and old.flags & DiffFlag.EXISTS else None
        after = new.id if status != "removed" and new.flags & DiffFlag.EXISTS else None
        mode = new.mode if after is not None else old.mode
        yield Change(status, path, old_path, before, after, kind=_kind(mode))


def _working(checkout: Checkout, head: pygit2.Tree | None, name: str) -> Iterator[Change]:
    if not (checkout.shows(name) and _beneath(checkout.path, name)):
        return
    old = None if head is None else version(head, name)
    place = checkout.folder / name
    if place.is_symlink() or place.is_dir():
        kind = "link" if place.is_symlink() else "submodule"
        yield Change("added" if old is None else "modified", name, name, old, None, working=True, kind=kind)
    elif not os.path.lexists(place):
        if old is not None:
            yield Change("removed", name, name, old, None, working=True)
    else:
        change = Change("added" if old is None else "modified", name, name, old, None, working=True)
        if old is None or change.after(checkout) != change.before(checkout) or change.after(checkout) is None:
            yield change


def _path(file: pygit2.DiffFile) -> str:
    return os.fsdecode(file.raw_path)


def _beneath(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _kind(mode: int) -> Literal["file", "link", "submodule"]:
    if mode == FileMode.LINK:
        return "link"
    return "submodule" if mode == FileMode.COMMIT else "file"
