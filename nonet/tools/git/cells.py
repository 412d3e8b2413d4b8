"""A notebook as the sources of its cells; outputs, counts and metadata are no part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pydantic import BaseModel, ValidationError

ALIKE = 0.5
"""Share in common from which two cells count as one that was edited: of letters in short ones, else of lines."""
_SHORT = 400
_COMPARED = 10_000
_CELLS = 2000


@dataclass(frozen=True)
class Cell:
    """A cell: its number over all cells, from 1; its kind ("code", "markdown", "raw"); its name; its source."""

    number: int
    kind: str
    name: str
    source: str


@dataclass(frozen=True)
class Pair:
    """A cell before and after; ``None`` on the side where there is none."""

    old: Cell | None
    new: Cell | None


class _Cell(BaseModel):
    cell_type: str = ""
    id: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""


class _Sheet(BaseModel):
    cells: list[_Cell] = []


class _Notebook(_Sheet):
    worksheets: list[_Sheet] = []


def cells(content: bytes) -> list[Cell] | None:
    """Return a notebook's cells (nbformat 3 or 4); ``None`` for what is no notebook."""
    if not content.strip():
        return []
    try:
        notebook = _Notebook.model_validate_json(content)
    except ValidationError:
        return None
    found = [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]
    return [_cell(number, cell) for number, cell in enumerate(found[:_CELLS], start=1)]


def align(old: Sequence[Cell], new: Sequence[Cell]) -> list[Pair]:
    """Pair the cells of two versions: equal ones first; then, in between, the likest."""
    pairs: list[Pair] = []
    before, after = ([(cell.kind, cell.source) for cell in side] for side in (old, new))
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left, right = list(old[first:last]), list(new[start:end])
        if tag == "equal":
            pairs += [Pair(*both) for both in zip(left, right, strict=True)]
        else:
            pairs += _between(left, right)
    return pairs


def _cell(number: int, cell: _Cell) -> Cell:
    text = cell.source or cell.input
    return Cell(number, cell.cell_type, cell.id, text if isinstance(text, str) else "".join(text))


def _between(old: list[Cell], new: list[Cell]) -> list[Pair]:
    """Pair what is likest, in order: the weighted longest common subsequence (Needleman & Wunsch, 1970, gaps free).

    What lies between two pairs was removed, then added.
    """
    if len(old) * len(new) > _COMPARED:
        return [*(Pair(cell, None) for cell in old), *(Pair(None, cell) for cell in new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_likeness(before, after) for after in new] for before in old]
    for row in range(len(old) - 1, -1, -1):
        for column in range(len(new) - 1, -1, -1):
            paired = like[row][column] + best[row + 1][column + 1] if like[row][column] else 0.0
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    pairs: list[Pair] = []
    row = column = 0
    while row < len(old) and column < len(new):
        if like[row][column] and best[row][column] == like[row][column] + best[row + 1][column + 1]:
            pairs.append(Pair(old[row], new[column]))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            pairs.append(Pair(old[row], None))
            row += 1
        else:
            pairs.append(Pair(None, new[column]))
            column += 1
    return [*pairs, *(Pair(cell, None) for cell in old[row:]), *(Pair(None, cell) for cell in new[column:])]


def _likeness(before: Cell, after: Cell) -> float:
    """Return how like two cells are, in [0, 2]: 2 by name, else their share of lines or letters; 0 below ``ALIKE``."""
    if before.kind != after.kind:
        return 0.0
    if before.name and before.name == after.name:
        return 2.0
    short = len(before.source) + len(after.source) <= _SHORT
    one, other = (each.source if short else each.source.splitlines() for each in (before, after))
    match = SequenceMatcher(None, one, other, autojunk=False)
    ratio = match.ratio() if match.quick_ratio() >= ALIKE else 0.0
    return ratio if ratio >= ALIKE else 0.0
