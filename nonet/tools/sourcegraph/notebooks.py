"""Notebooks as code: the code cells one after another, and where each line stands."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ValidationError


class _Cell(BaseModel):
    cell_type: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""

    @property
    def code(self) -> str:
        """The text of a code cell, "" of any other."""
        text = self.source or self.input
        joined = text if isinstance(text, str) else "".join(text)
        return joined if self.cell_type == "code" else ""


class _Sheet(BaseModel):
    cells: list[_Cell] = []


class _Notebook(_Sheet):
    worksheets: list[_Sheet] = []


@dataclass(frozen=True)
class Place:
    """A line of a notebook: its cell (counted from 1 over all cells) and the line within it."""

    cell: int
    line: int


@dataclass(frozen=True)
class CodeCells:
    """The lines of all code cells, and the place of each."""

    lines: tuple[str, ...]
    places: tuple[Place, ...]


def code_cells(content: bytes) -> CodeCells:
    """Extract the code of a notebook (nbformat 3 or 4); what is no notebook has none."""
    try:
        notebook = _Notebook.model_validate_json(content)
    except ValidationError:
        return CodeCells((), ())
    lines: list[str] = []
    places: list[Place] = []
    cells = [*notebook.cells, *(cell for sheet in notebook.worksheets for cell in sheet.cells)]
    for number, cell in enumerate(cells, start=1):
        for place, line in enumerate(cell.code.splitlines(), start=1):
            lines.append(line)
            places.append(Place(number, place))
    return CodeCells(tuple(lines), tuple(places))
