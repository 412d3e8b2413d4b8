"""Commits from the newest back, those that touch a path, and how each is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pygit2
from pygit2.enums import SortMode

from nonet.tools.contract import Facts, visible
from nonet.tools.git import dates
from nonet.tools.git.changes import Change, introduced_by, parents_of, renamed_from, version
from nonet.tools.git.checkout import Checkout
from nonet.tools.git.revisions import Range

WALKED = 100_000
"""Commits looked at by one question."""
MESSAGE_LIMIT = 100_000
"""Bytes of a message that are read."""


@dataclass(frozen=True)
class Step:
    """A commit of the history; ``path`` is what the file or folder asked for was called in it."""

    commit: pygit2.Commit
    path: str

    def changes(self, checkout: Checkout, renames: bool = True) -> list[Change]:
        """Return what the commit changed beneath the path and may be shown; nothing where a shallow clone ends."""
        if self.commit.id in checkout.boundary:
            return []
        return introduced_by(checkout, self.commit, self.path, renames)


def steps(checkout: Checkout, wanted: Range) -> Iterator[Step]:
    """Yield the commits of a range that touch ``checkout.path``, by the time they were committed, newest first.

    A merge that is like one of its parents there touches nothing. A file that was renamed is followed to its old name.
    """
    walker = checkout.repository.walk(None, SortMode.TIME)
    for tip in wanted.tips:
        walker.push(tip.id)
    for hidden in wanted.without:
        walker.hide(hidden.id)
    named: dict[pygit2.Oid, str] = {}
    for count, commit in enumerate(_walked(checkout, walker)):
        if count == WALKED:
            checkout.say(f"Only the newest {WALKED:,} commits were looked at.")
        if count >= WALKED or checkout.late():
            return
        if not checkout.path:
            yield Step(commit, "")
            continue
        path = named.pop(commit.id, checkout.path)
        touched, before = _touched(checkout, commit, path)
        for parent in commit.parent_ids:
            if before != checkout.path:
                named.setdefault(parent, before)
        if touched:
            yield Step(commit, path)


def message(commit: pygit2.Commit) -> str:
    """Return a commit's message as text, whatever it is encoded in."""
    return visible(_decoded(commit.raw_message[:MESSAGE_LIMIT], commit.message_encoding)).strip()


def author(commit: pygit2.Commit) -> str:
    """Return the author's name."""
    return " ".join(visible(_decoded(commit.author.raw_name, commit.message_encoding)).split())


def email(commit: pygit2.Commit) -> str:
    """Return the author's address."""
    return visible(_decoded(commit.author.raw_email, None))


def date(commit: pygit2.Commit) -> str:
    """Return when the author wrote it, in their zone."""
    return dates.shown(commit.author.time, commit.author.offset)


def summary(commit: pygit2.Commit) -> str:
    """Return the first line of its message."""
    return message(commit).partition("\n")[0][:200]


def facts(commit: pygit2.Commit) -> Facts:
    """Return what is known of a commit: the whole hash, who, when, what it says it does."""
    return {"commit": str(commit.id), "author": author(commit), "date": date(commit), "summary": summary(commit)}


def short(commit: pygit2.Commit) -> str:
    """Return the beginning of its hash, as it is cited."""
    return str(commit.id)[:10]


def _walked(checkout: Checkout, walker: Iterator[pygit2.Commit]) -> Iterator[pygit2.Commit]:
    while True:
        try:
            yield next(walker)
        except StopIteration:
            return
        except (KeyError, pygit2.GitError):
            checkout.say("The history is not whole: commits are missing in this clone.")
            return


def _touched(checkout: Checkout, commit: pygit2.Commit, path: str) -> tuple[bool, str]:
    """Return whether a commit touches a path, and what the path was called before it."""
    mine = version(commit.tree, path)
    parents = parents_of(checkout, commit)
    theirs = [version(parent.tree, path) for parent in parents]
    if not parents:
        return mine is not None, path
    if mine in theirs:
        return False, path
    if mine is not None and not any(theirs) and isinstance(commit.tree[path], pygit2.Blob):
        return True, renamed_from(checkout, commit, path) or path
    return True, path


def _decoded(raw: bytes, encoding: str | None) -> str:
    try:
        return raw.decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return raw.decode("utf-8", errors="replace")
