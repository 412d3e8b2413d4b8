"""A checkout opened for reading: where it lies, what of it may be shown, and when to stop."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import pygit2
from pygit2.enums import ObjectType, RepositoryOpenFlag

from nonet.errors import ToolError
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.roots import Root, Roots
from nonet.tools.git import gitdir

SIZE_LIMIT = 4_000_000
"""Bytes of a file's version that is compared; a larger one is named only."""
_REMEDY = "Work in the folder that holds .git, or give it with --repo; what lies above it is not searched."


@dataclass
class Checkout:
    """One repository.

    Attributes:
        repository: libgit2's.
        folder: the top of the checkout.
        root: the root beneath which it lies; paths that people see begin there.
        path: what was asked for, relative to the top; "" for all.
        deadline: when to stop, by ``time.monotonic``.
        common: the repository's folder of objects and references.
        excluded: files and folders that no tool reads.
        said: sentences that the answer's note must hold.
    """

    repository: pygit2.Repository
    folder: Path
    roots: Roots
    root: Root
    path: str
    deadline: float
    common: Path
    excluded: tuple[Path, ...]
    said: dict[str, None] = field(default_factory=dict[str, None])
    _shown: dict[str, bool] = field(default_factory=dict[str, bool])

    @classmethod
    def at(cls, context: ToolContext, path: str, seconds: float) -> Checkout:
        """Open the checkout that a path lies in: the outermost one at or beneath a root, never one above it.

        Args:
            context: its ``repository``, or else its roots.
            path: relative to the root, or absolute beneath it; "" for the root itself.
            seconds: time to answer in.

        Raises:
            ToolError: there is none, or it or the path may not be read.
        """
        bases = [context.repository] if context.repository else list(context.roots)
        if not bases:
            raise ToolError("There is no repository to read.", "Give one with --repo.")
        for base in bases:
            roots = Roots(context, [base])
            wanted = _relative(roots.all[0], path)
            top = None if wanted is None else _top(roots.all[0].path, wanted)
            if wanted is not None and top is not None:
                return cls._opened(roots, context.excluded, top, wanted, time.monotonic() + seconds)
        raise ToolError(f"There is no git checkout at {', '.join(str(base) for base in bases)}.", _REMEDY)

    @classmethod
    def _opened(cls, roots: Roots, excluded: tuple[Path, ...], top: Path, wanted: str, deadline: float) -> Checkout:
        root = roots.all[0]
        where = gitdir.of(top, root.path)
        repository = pygit2.Repository(str(top), RepositoryOpenFlag.NO_SEARCH)
        if Path(repository.path).resolve() != where.path:
            raise ToolError(f"{top} changed while it was opened.", "Ask again.")
        inner = os.path.relpath(wanted, os.path.relpath(top, root.path)) if wanted != "." else "."
        path = "" if inner == "." else inner
        made = cls(repository, top, roots, root, path, deadline, where.common, excluded)
        if path and not made.shows(path):
            raise ToolError(f"{wanted!r} is not for tools to read.", "Name another file.")
        if repository.is_shallow:
            made.say("The clone is shallow: what was before is not in it.")
        return made

    def say(self, sentence: str) -> None:
        """Have the answer's note say a sentence, once."""
        self.said[sentence] = None

    def late(self) -> bool:
        """Whether the time is over; the note then says so."""
        over = time.monotonic() > self.deadline
        if over:
            self.say("The time was over before all was read; name a path or a shorter range.")
        return over

    def name(self, path: str) -> str:
        """Return what people and agents call a file of the checkout: its path beneath the root."""
        return os.path.normpath(os.path.join(os.path.relpath(self.folder, self.root.path), path))

    def shows(self, path: str) -> bool:
        """Whether a file of any commit may be shown: not hidden, not excluded, in no excluded folder."""
        known = self._shown.get(path)
        if known is None:
            known = self._shown[path] = self._may_show(self.name(path))
        return known

    def content(self, oid: pygit2.Oid) -> bytes | None:
        """Return a version's bytes; ``None`` where it is too large, excluded, or not in this clone, which is noted."""
        try:
            kind, size = self.repository.odb.read_header(oid)
        except KeyError:
            self.say("Versions of files that are not in this clone were left out.")
            return None
        if kind != ObjectType.BLOB or oid in self._withheld:
            return None
        if size > min(SIZE_LIMIT, self.roots.limit):
            self.say(f"Versions of files larger than {min(SIZE_LIMIT, self.roots.limit):,} bytes were left out.")
            return None
        return self.repository[oid].read_raw()

    def working(self, path: str) -> bytes | None:
        """Return the bytes of a file of the working tree; ``None`` where there is none that may be read."""
        try:
            found = self.roots.read(self.root, self.name(path))
        except ToolError:
            return None
        return found if len(found) <= SIZE_LIMIT else None

    def see_working_tree(self) -> None:
        """See that the files beside the repository are its working tree.

        Raises:
            ToolError: it is bare, or its configuration names another folder.
        """
        if self.repository.is_bare:
            raise ToolError("A bare repository has no working tree.", "Give a range, such as HEAD~3..HEAD.")
        if Path(self.repository.workdir).resolve() != self.folder.resolve():
            raise ToolError(
                "The repository's configuration (core.worktree) names another folder as its working tree.",
                "Give a range, such as HEAD~3..HEAD.",
            )

    @cached_property
    def boundary(self) -> frozenset[pygit2.Oid]:
        """The commits at which a shallow clone ends: nobody knows what they changed."""
        if not self.repository.is_shallow:
            return frozenset()
        lines = (self.common / "shallow").read_text(encoding="ascii", errors="replace").split()
        return frozenset(pygit2.Oid(hex=line) for line in lines if len(line) == 40)

    def _may_show(self, name: str) -> bool:
        try:
            clean = beneath.clean(name)
        except ToolError:
            return False
        if self.root.only:
            return clean == self.root.only
        parts = PurePosixPath(clean).parts
        return all(self.roots.descends(self.root, "/".join(parts[:count])) for count in range(1, len(parts) + 1))

    @cached_property
    def _withheld(self) -> frozenset[pygit2.Oid]:
        """The versions that excluded files have now: under another name in another commit they are withheld too."""
        found: set[pygit2.Oid] = set()
        for path in self.excluded:
            inner = os.path.relpath(path, self.folder)
            if inner.startswith(".."):
                continue
            if path.is_file() and path.stat().st_size <= self.roots.limit:
                found.add(pygit2.hash(path.read_bytes()))
            if not self.repository.head_is_unborn:
                tree = self.repository.revparse_single("HEAD").peel(pygit2.Tree)
                found |= _blobs(tree, inner)
        return frozenset(found)


def _relative(root: Root, path: str) -> str | None:
    """Return a path relative to a root, "." for the root itself; ``None`` where it lies elsewhere."""
    if os.path.isabs(path):
        normal = os.path.normpath(path)
        if normal != str(root.path) and not normal.startswith(f"{root.path}{os.sep}"):
            return None
        path = os.path.relpath(normal, root.path)
    elif (path == root.name or path.startswith(f"{root.name}/")) and not os.path.lexists(root.path / root.name):
        path = path[len(root.name) + 1 :]
    return beneath.clean(path or root.only or ".")


def _top(base: Path, wanted: str) -> Path | None:
    """Return the first folder from a base down to a path that holds a repository, following no link."""
    folder = base
    for part in ("", *PurePosixPath(wanted).parts):
        folder = folder / part
        if part and folder.is_symlink():
            return None
        if gitdir.holds(folder):
            return folder
    return None


def _blobs(tree: pygit2.Tree, path: str) -> set[pygit2.Oid]:
    """Return the versions of a file, or of all files of a folder, in a tree."""
    found: set[pygit2.Oid] = set()
    try:
        waiting: list[pygit2.Object] = [tree if path == "." else tree[path]]
    except KeyError:
        return found
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, pygit2.Tree):
            waiting += list(entry)
        else:
            found.add(entry.id)
    return found
