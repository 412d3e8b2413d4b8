"""What changed in a file, as hunks of a unified diff; in a notebook, as hunks of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pygit2

from nonet.tools.git.cells import Pair, align, cells
from nonet.tools.git.text import binary

CONTEXT = 3


@dataclass(frozen=True)
class Hunk:
    """One place that changed.

    Attributes:
        head: the line between ``@@``.
        lines: each with its sign: " ", "-" or "+".
    """

    head: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The hunk as a diff shows it."""
        return "\n".join([self.head, *self.lines])

    @property
    def added(self) -> list[str]:
        """The lines that are new, without their sign."""
        return [line[1:] for line in self.lines if line.startswith("+")]

    @property
    def removed(self) -> list[str]:
        """The lines that are gone."""
        return [line[1:] for line in self.lines if line.startswith("-")]


def hunks(path: str, old: bytes, new: bytes, context: int = CONTEXT) -> list[Hunk] | None:
    """Return what changed between two versions of a file; ``None`` where one of them is binary."""
    if binary(old) or binary(new):
        return None
    if path.lower().endswith(".ipynb"):
        before, after = cells(old), cells(new)
        if before is not None and after is not None:
            return [hunk for pair in align(before, after) for hunk in _of_cell(pair, context)]
    return list(_of_text(old, new, context))


def unchanged(old: bytes, new: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (old start, new start, length) of each run of lines, counted from 0, that two versions have in common."""
    before, after = 0, 0
    for hunk in _patch(old, new, 0).hunks:
        # Where a side of a hunk is empty, its start is the line before it.
        old_start = hunk.old_start - (1 if hunk.old_lines else 0)
        new_start = hunk.new_start - (1 if hunk.new_lines else 0)
        if new_start > after:
            yield before, after, new_start - after
        before, after = old_start + hunk.old_lines, new_start + hunk.new_lines
    yield before, after, max(0, _lines(new) - after)


def _of_cell(pair: Pair, context: int) -> Iterator[Hunk]:
    cell = pair.new or pair.old
    if cell is None or (pair.old and pair.new and pair.old.source == pair.new.source):
        return
    number = f"cell {cell.number}"
    if pair.old and pair.new and pair.old.number != pair.new.number:
        number = f"cell {pair.old.number} → {pair.new.number}"
    what = " added" if pair.old is None else " removed" if pair.new is None else ""
    head = f"@@ {number} ({cell.kind}){what} @@"
    sides = [
        f"{each.source}\n".encode("utf-8", "surrogatepass") if each and each.source else b""
        for each in (pair.old, pair.new)
    ]
    found = list(_of_text(sides[0], sides[1], context))
    if not found:
        yield Hunk(head, ())
    for each in found:
        yield Hunk(head, each.lines)


def _of_text(old: bytes, new: bytes, context: int) -> Iterator[Hunk]:
    for hunk in _patch(old, new, context).hunks:
        head = f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@"
        yield Hunk(head, tuple(_line(line) for line in hunk.lines if line.origin in " +-"))


def _line(line: pygit2.DiffLine) -> str:
    return line.origin + line.raw_content.decode("utf-8", errors="replace").rstrip("\n")


def _patch(old: bytes, new: bytes, context: int) -> pygit2.Patch:
    return pygit2.Patch.create_from(old, new, context_lines=context)


def _lines(content: bytes) -> int:
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))
