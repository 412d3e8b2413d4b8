"""What names commits: ``HEAD~3``, a tag, a branch, a hash, ``A..B``, ``A...B``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import pygit2

from nonet.errors import ToolError
from nonet.tools.git.checkout import Checkout

# Only names and steps back: git's other forms search messages by expressions that may backtrack for ever, or read
# files of the repository's own.
_REVISION = re.compile(r"(?P<name>@|[^\W_][\w./+#@-]*|_[\w./+#@-]*)(?P<steps>(?:[~^]\d{0,6}){0,20})")
_REMEDY = "Write a branch, a tag, a hash or HEAD~3; or two of them with .. or ... between."


@dataclass(frozen=True)
class Range:
    """Commits reachable from ``tips`` and not from ``without``; ``single`` where one revision was named."""

    tips: tuple[pygit2.Commit, ...]
    without: tuple[pygit2.Commit, ...]
    single: bool

    @property
    def newest(self) -> pygit2.Commit:
        """The commit that a difference ends with."""
        return self.tips[-1]


def commit(checkout: Checkout, name: str) -> pygit2.Commit:
    """Return the commit that a revision names.

    Raises:
        ToolError: there is none, or it is not written as one.
    """
    written = _REVISION.fullmatch(name)
    if written is None or ".." in name:
        raise ToolError(f"{name!r} is no revision.", _REMEDY)
    try:
        return checkout.repository.revparse_single(name).peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        raise ToolError(f"There is no commit {name!r} in this repository.", _REMEDY) from error


def parse(checkout: Checkout, text: str) -> Range | None:
    """Return the commits that a range names, those of HEAD for ""; ``None`` where there is no commit yet.

    Raises:
        ToolError: it names none.
    """
    text = text.strip()
    if not text and checkout.repository.head_is_unborn:
        return None
    for sign in ("...", ".."):
        old, found, new = text.partition(sign)
        if found:
            return _between(checkout, commit(checkout, old or "HEAD"), commit(checkout, new or "HEAD"), sign)
    return Range((commit(checkout, text or "HEAD"),), (), single=True)


def _between(checkout: Checkout, old: pygit2.Commit, new: pygit2.Commit, sign: str) -> Range:
    if sign == "..":
        return Range((new,), (old,), single=False)
    base = cast("pygit2.Oid | None", checkout.repository.merge_base(old.id, new.id))
    if base is None:
        raise ToolError("The two revisions have no commit in common.", "Compare them with .. in place of ...")
    return Range((old, new), (checkout.repository[base].peel(pygit2.Commit),), single=False)
