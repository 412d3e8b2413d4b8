"""Who wrote each line: lines are handed from a commit to whichever parent has them unchanged, until none has.

This is how ``git blame`` does it; here over what a tool may read, notebooks by the code of their cells, and within the
time limit. A file that was renamed is followed.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import pygit2

from nonet.tools.git import patches, text
from nonet.tools.git.changes import parents_of, renamed_from, version
from nonet.tools.git.checkout import Checkout
from nonet.tools.git.text import Text

WALKED = 50_000
"""Commits that one question may look at."""


@dataclass(frozen=True)
class Written:
    """Who wrote a line: the commit, ``None`` where it is not committed, and whether that is where the reading ended."""

    commit: pygit2.Commit | None
    ended: bool = False


@dataclass
class _Suspect:
    """A commit that may have written lines: its name of the file, and (line asked for, its line in this version)."""

    commit: pygit2.Commit
    path: str
    lines: list[tuple[int, int]]


class Lines:
    """Finds who wrote the lines of one file."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._suspects: dict[pygit2.Oid, _Suspect] = {}
        self._queue: list[tuple[int, str, pygit2.Oid]] = []
        self._written: dict[int, Written] = {}
        self._texts: dict[tuple[str, pygit2.Oid], Text | None] = {}

    def written(self, newest: pygit2.Commit, path: str, lines: Sequence[tuple[int, int]]) -> dict[int, Written]:
        """Return who wrote lines.

        Args:
            newest: the commit to begin with.
            path: the file's name in it.
            lines: (key of the answer, line in that commit's version counted from 0).
        """
        self._suspect(newest, path, lines)
        walked = 0
        while self._queue:
            _, _, oid = heapq.heappop(self._queue)
            suspect = self._suspects.pop(oid, None)
            if suspect is None:
                continue  # queued twice
            walked += 1
            if walked > WALKED or self._checkout.late():
                self._end(suspect)
                continue
            self._pass_on(suspect)
        return self._written

    def _suspect(self, commit: pygit2.Commit, path: str, lines: Sequence[tuple[int, int]]) -> None:
        known = self._suspects.get(commit.id)
        if known is not None and known.path == path:
            known.lines += lines
            return
        self._suspects[commit.id] = _Suspect(commit, path, [*lines, *(known.lines if known else [])])
        heapq.heappush(self._queue, (-commit.commit_time, str(commit.id), commit.id))

    def _pass_on(self, suspect: _Suspect) -> None:
        """Hand a commit's lines to the parents that have them; it wrote what is left."""
        checkout, left = self._checkout, suspect.lines
        mine = version(suspect.commit.tree, suspect.path)
        if suspect.commit.id in checkout.boundary:
            self._end(suspect)
            return
        parents = [(parent, version(parent.tree, suspect.path)) for parent in parents_of(checkout, suspect.commit)]
        for parent, theirs in parents:
            if theirs == mine:
                self._suspect(parent, suspect.path, left)
                return
        path = suspect.path
        if parents and not any(theirs for _, theirs in parents):
            path = renamed_from(checkout, suspect.commit, suspect.path)
            parents = [(parent, version(parent.tree, path) if path else None) for parent, _ in parents]
        for parent, theirs in parents:
            if theirs is None or mine is None or not left:
                continue
            before, after = self._text(path, theirs), self._text(suspect.path, mine)
            if before is None or after is None:
                continue
            kept = {
                new + place: old + place
                for old, new, length in patches.unchanged(before.content, after.content)
                for place in range(length)
            }
            handed = [(key, kept[line]) for key, line in left if line in kept]
            left = [(key, line) for key, line in left if line not in kept]
            if handed:
                self._suspect(parent, path, handed)
        self._written |= {key: Written(suspect.commit) for key, _ in left}

    def _end(self, suspect: _Suspect) -> None:
        self._written |= {key: Written(suspect.commit, ended=True) for key, _ in suspect.lines}

    def _text(self, path: str, oid: pygit2.Oid) -> Text | None:
        if (path, oid) not in self._texts:
            content = self._checkout.content(oid)
            if len(self._texts) > 8:
                self._texts.clear()
            self._texts[path, oid] = None if content is None else text.read(path, content)
        return self._texts[path, oid]
