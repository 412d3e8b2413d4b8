"""A notebook's code cells as one Python file whose lines keep their numbers."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from itertools import groupby

from nonet.tools.sourcegraph.notebooks import CodeCells

_PYTHON = frozenset({"time", "timeit", "prun", "capture", "memit", "mprun", "lprun", "debug", "python", "python3"})
"""Cell magics whose cell is Python."""
_TIMED = re.compile(r"(?P<indent>\s*)%(?:time|prun|memit)\s+(?P<statement>[^-\s].*)")
_MAGIC = re.compile(r"(?P<indent>\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$|[\w., ]+=\s*[%!])")


def as_python(cells: CodeCells) -> tuple[list[str], int]:
    """Return the lines as Python, as many as there were, and how many cells were left out as no Python.

    A cell in which a bracket or a string stays open would swallow the next ones, so what does not parse is left out.
    """
    made: list[str] = []
    left_out = 0
    rows = range(len(cells.lines))
    for _, group in groupby(rows, key=lambda row: cells.places[row].cell):
        lines = _translated([cells.lines[row] for row in group])
        if not _parses(lines):
            lines = ["" for _ in lines]
            left_out += 1
        made += lines
    return made, left_out


def _translated(lines: Sequence[str]) -> list[str]:
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name = lines[first][2:].split(maxsplit=1)
        if not name or name[0] not in _PYTHON:
            return ["" for _ in lines]
        lines = [*lines[:first], "", *lines[first + 1 :]]
    return [_line(line) for line in lines]


def _line(line: str) -> str:
    """Return a line with its magic taken out; ``pass`` stands for it, for it may be all that a block holds."""
    timed = _TIMED.fullmatch(line)
    if timed:
        return f"{timed['indent']}{timed['statement']}"
    magic = _MAGIC.match(line)
    return f"{magic['indent']}pass" if magic else line


def _parses(lines: Sequence[str]) -> bool:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile("\n".join(lines) + "\n", "cell", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
