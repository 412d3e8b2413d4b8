"""A notebook as the sources of its cells; outputs, counts and metadata are no part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pydantic import BaseModel, ValidationError

ALIKE = 0.5
"""Share of lines in common from which two cells count as one that was edited."""
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
    """Pair the cells of two versions: equal ones first; then, in between, those of one name, then those alike."""
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
    """Pair in order, so that pairs never cross: what lies between two pairs was removed, then added."""
    pairs: list[Pair] = []
    for after in new:
        place = next((place for place, before in enumerate(old) if _same(before, after)), None)
        if place is None:
            pairs.append(Pair(None, after))
            continue
        pairs += [Pair(before, None) for before in old[:place]]
        pairs.append(Pair(old[place], after))
        old = old[place + 1 :]
    return [*pairs, *(Pair(before, None) for before in old)]


def _same(before: Cell, after: Cell) -> bool:
    if before.kind != after.kind:
        return False
    if before.name and after.name:
        return before.name == after.name
    lines = (before.source.splitlines(), after.source.splitlines())
    return SequenceMatcher(None, *lines, autojunk=False).ratio() >= ALIKE or len(lines[0]) == len(lines[1]) == 1
