"""Notebooks as Python: every line keeps its number, magics never break a cell, no cell breaks another."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.tools.semgrep.cells import as_python
from nonet.tools.sourcegraph.notebooks import code_cells


def python(*cells: str) -> tuple[list[str], int]:
    sheet = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    return as_python(code_cells(json.dumps(sheet).encode()))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", ["pass", "x = 1"]),
        ("if x:\n    !ls\ny = 2", ["if x:", "    pass", "y = 2"]),
        ("files = !ls *.csv\nn = len(files)", ["pass", "n = len(files)"]),
        ("%time model.fit(X)", ["model.fit(X)"]),
        ("%%time\nmodel.fit(X)", ["", "model.fit(X)"]),
        ("%%bash\nrm -rf /tmp/x\necho 'open", ["", "", ""]),
        ("model.fit?\nx = y % 2", ["pass", "x = y % 2"]),
        ("result = await fetch()", ["result = await fetch()"]),
        ("x = 'a' if y != 2 else b'?'", ["x = 'a' if y != 2 else b'?'"]),
    ],
)
def test_a_magic_leaves_python_behind(cell, expected):
    assert python(cell) == (expected, 0)


def test_a_cell_that_is_no_python_does_not_swallow_the_next():
    assert python("x = (1,", "y = 2") == (["", "y = 2"], 1)
    assert python("text = '''", "y = 2", "z = '''") == (["", "y = 2", ""], 2)


WRITTEN = ("x = 1", "%time f()", "!ls", "if x:", "    y = (", "    !ls", ")", "'''", "%%bash", "f?", "é = !a", "")
LINES = st.lists(st.sampled_from(WRITTEN))


@given(st.lists(LINES.map("\n".join)))
def test_lines_keep_their_numbers_and_what_remains_is_python(cells):
    sheet = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    read = code_cells(json.dumps(sheet).encode())
    lines, _ = as_python(read)
    assert len(lines) == len(read.lines)
    ast.parse("\n".join(lines) + "\n")
