"""How well one column tells a yes or no apart by itself: the AUC of rates learned on other rows.

Numbers and dates are cut at their deciles, texts stand for themselves; what is missing is a value too. Rates are
learned on the other folds, so that many rare values tell nothing they do not know.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from fairness.features import Rows
from fairness.groups import is_number

FOLDS = 3
PRIOR = 5.0
"""Rows at the overall rate that are added to every value's own."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?")


def column(rows: Rows, name: str) -> list[Any]:
    """Return a column's cells: numbers, texts, ``None``; days since 1970 where every cell that is there is a date."""
    cells = [row["x"].get(name) for row in rows]
    there = [cell for cell in cells if cell is not None]
    if not there or not all(isinstance(cell, str) and _DATE.fullmatch(cell) for cell in there):
        return cells
    try:
        return [None if cell is None else datetime.fromisoformat(cell).timestamp() / 86400 for cell in cells]
    except ValueError:
        return cells


def told(cells: Sequence[Any], target: np.ndarray) -> float:
    """Return the AUC with which a column tells 1 from 0, in [0, 1]; .5 is chance.

    Args:
        cells: of one column, from ``column``.
        target: 0 or 1 of each, shape (rows,), both there.
    """
    values = _binned(cells)
    fold = np.arange(len(values)) % FOLDS
    overall = float(target.mean())
    scores = np.empty(len(values))
    for each in range(FOLDS):
        seen, ones = Counter[str](), Counter[str]()
        for place in np.flatnonzero(fold != each):
            seen[values[place]] += 1
            ones[values[place]] += int(target[place])
        for place in np.flatnonzero(fold == each):
            value = values[place]
            scores[place] = (ones[value] + PRIOR * overall) / (seen[value] + PRIOR)
    return auc(target, scores)


def auc(target: np.ndarray, scores: np.ndarray) -> float:
    """Return the chance that a 1 scores above a 0, ties a half (Mann–Whitney)."""
    ones = int(target.sum())
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[target == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(target) - ones)))


def bounds(value: float, ones: int, zeros: int) -> tuple[float, float]:
    """Return the 95 % interval of an AUC (Hanley and McNeil 1982)."""
    first, second = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (ones - 1) * (first - value**2) + (zeros - 1) * (second - value**2)
    half = 1.96 * math.sqrt(max(0.0, spread) / (ones * zeros))
    return max(0.0, value - half), min(1.0, value + half)


def _binned(cells: Sequence[Any]) -> list[str]:
    there = [cell for cell in cells if cell is not None]
    if not there or not all(is_number(cell) for cell in there) or len(set(there)) <= 2 * 10:
        return ["" if cell is None else f"={cell}" for cell in cells]
    edges = np.unique(np.quantile(there, np.arange(1, 10) / 10))

    def between(cell: Any) -> str:
        # A value that many rows share is an edge; what lies above it is another bin.
        return f"{np.searchsorted(edges, cell, side='left')} {np.searchsorted(edges, cell, side='right')}"

    return ["" if cell is None else between(cell) for cell in cells]
