"""Commits by what their messages say, and by what they add to or remove from the code.

Expressions go to ripgrep's engine, many commits in one search: its time is linear in what it reads, where Python's own
engine, and the one that git is linked with, can be held up for ever by an expression that backtracks.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from nonet.tools.contract import visible
from nonet.tools.git import patches, text
from nonet.tools.git.changes import Change
from nonet.tools.git.checkout import Checkout
from nonet.tools.git.history import Step, message
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.expression import Content

_MESSAGES = 2000
_DIFFS = 100
ItemT = TypeVar("ItemT")


def by_message(checkout: Checkout, steps: Iterable[Step], expression: str) -> Iterator[Step]:
    """Keep the commits whose message has a line that matches an extended regular expression (``git log -E --grep``)."""
    for batch in _batches(steps, _MESSAGES):
        matching = _matching(checkout, [message(step.commit).split("\n") for step in batch], expression)
        yield from (step for number, step in enumerate(batch) if number in matching)


def by_text(checkout: Checkout, steps: Iterable[Step], wanted: str) -> Iterator[Step]:
    """Keep the commits that change how often a text occurs in a file (``git log -S``); notebooks by their code."""
    needle = wanted.encode("utf-8", errors="replace")
    for step in steps:
        if checkout.late():
            return
        if any(_count(checkout, change, needle) for change in step.changes(checkout)):
            yield step


def by_lines(checkout: Checkout, steps: Iterable[Step], expression: str) -> Iterator[Step]:
    """Keep the commits that add or remove a line which matches an expression (``git log -G``)."""
    for batch in _batches(steps, _DIFFS):
        changed: list[list[str]] = []
        for step in batch:
            if checkout.late():
                break
            changed.append([line for change in step.changes(checkout) for line in _changed(checkout, change)])
        matching = _matching(checkout, changed, expression)
        yield from (step for number, step in enumerate(batch) if number in matching)
        if len(changed) < len(batch):
            return


def _matching(checkout: Checkout, groups: Sequence[Sequence[str]], expression: str) -> frozenset[int]:
    """Return the numbers of the groups that hold a matching line."""
    lines: list[str] = []
    owners: list[int] = []
    for number, group in enumerate(groups):
        for line in group:
            # One line each, whatever it holds: the numbers of lines tell whose they are.
            parts = visible(line).split("\n")
            lines += parts
            owners += [number] * len(parts)
    if not lines:
        return frozenset()
    content = "".join(f"{line}\n" for line in lines).encode("utf-8", errors="replace")
    seconds = max(0.1, checkout.deadline - time.monotonic())
    wanted = Content(expression, regexp=True)
    found = ripgrep.in_text(content, [wanted], case=expression != expression.lower(), seconds=seconds)
    checkout.late()  # says so where ripgrep was ended by its time
    return frozenset(owners[line - 1] for line in found)


def _count(checkout: Checkout, change: Change, needle: bytes) -> bool:
    if change.kind != "file":
        return False
    counts: list[int] = []
    for path, content in ((change.old_path, change.before(checkout)), (change.path, change.after(checkout))):
        read = text.read(path, content) if content is not None else None
        if read is None:
            return False
        counts.append((read.content if read.places is not None else content or b"").count(needle))
    return counts[0] != counts[1]


def _changed(checkout: Checkout, change: Change) -> list[str]:
    if change.kind != "file":
        return []
    before, after = change.before(checkout), change.after(checkout)
    if before is None or after is None:
        return []
    found = patches.hunks(change.path, before, after, context=0) or []
    return [line for hunk in found for line in (*hunk.removed, *hunk.added)]


def _batches(items: Iterable[ItemT], size: int) -> Iterator[list[ItemT]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
