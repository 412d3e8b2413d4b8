"""Columns that look as if they were filled in after the outcome was known. A hint, never a proof.

Signs: a column tells the outcome almost by itself; it is filled in, or a flag of it is set, for one outcome only; or
its dates lie after those of the record and tell the outcome (Kaufman et al., "Leakage in Data Mining", 2012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairness import telling
from fairness.features import Rows
from fairness.groups import is_number

MOST_ROWS = 3000
ALMOST = 0.9
"""An AUC of one column from here on is more than people's circumstances usually tell."""
SOME = 0.6
FEWEST = 30
PURE, MIXED = 0.93, 0.5
"""A flag is suspect where at least so many rows under it have one outcome, and at most so many of the others."""
LATER = 0.15
"""Share of the dates that lie after all dates of the record."""


def suspects(rows: Rows, columns: Sequence[str]) -> dict[str, str]:
    """Return column → why it may be known only after the outcome; labels are "y" of the rows."""
    seen = rows[:MOST_ROWS]
    y = np.asarray([row["y"] for row in seen])
    if min(int(y.sum()), int(len(y) - y.sum())) < FEWEST:
        return {}
    cells = {name: telling.column(seen, name) for name in columns}
    aucs = {name: telling.told(values, y) for name, values in cells.items()}
    found: dict[str, str] = {}
    for name, values in cells.items():
        if aucs[name] >= ALMOST:
            found[name] = f"tells the outcome almost by itself, AUC {aucs[name]:.2f}"
        elif reason := _one_sided(values, y):
            found[name] = reason
    dated = {name: values for name, values in cells.items() if _is_dates(values, seen, name)}
    for name in dated:
        if name not in found and aucs[name] >= SOME and (share := _later(name, dated, found)) >= LATER:
            found[name] = f"{100 * share:.0f} % of its dates lie after the record's others, and tell the outcome"
    return found


def _one_sided(values: Sequence[Any], y: np.ndarray) -> str:
    """Say where a column is filled in, or one of its two values stands, for one outcome only."""
    filled = np.asarray([value is not None for value in values])
    if reason := _pure(filled, y, "it is filled in"):
        return reason
    known = sorted({value for value in values if value is not None}, key=str)
    if len(known) != 2:
        return ""
    for value in known:
        if reason := _pure(np.asarray([each == value for each in values]), y, f"it is {value!r}"):
            return reason
    return ""


def _pure(where: np.ndarray, y: np.ndarray, what: str) -> str:
    """Say that nearly all rows ``where`` have one outcome, and the others clearly more often the other one."""
    if not FEWEST <= int(where.sum()) <= len(y) - FEWEST:
        return ""
    here, elsewhere = float(y[where].mean()), float(y[~where].mean())
    for outcome, share, others in ((1, here, elsewhere), (0, 1 - here, 1 - elsewhere)):
        if share >= PURE and others <= MIXED:
            return f"where {what}, the outcome is {outcome} in {100 * share:.1f} % of {int(where.sum()):,} rows"
    return ""


def _is_dates(values: Sequence[Any], rows: Rows, name: str) -> bool:
    there = [value for value in values if value is not None]
    return bool(there) and is_number(there[0]) and any(isinstance(row["x"].get(name), str) for row in rows)


def _later(name: str, dated: Mapping[str, Sequence[Any]], found: Mapping[str, str]) -> float:
    """Return the share of a column's dates that lie a day after every column of dates that no row lacks."""
    whole = [values for other, values in dated.items() if other not in (name, *found) and None not in values]
    if not whole:
        return 0.0
    last = np.max(np.asarray(whole, dtype=np.float64), axis=0)
    mine = np.asarray([np.nan if value is None else value for value in dated[name]], dtype=np.float64)
    known = ~np.isnan(mine)
    return float((mine[known] > last[known] + 1).mean())
