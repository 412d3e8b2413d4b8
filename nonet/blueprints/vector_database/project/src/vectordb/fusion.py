"""Joining the ranking by vectors and the ranking by words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ranking = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows, best first, and their scores (larger is better)."""
DEPTH = 100
"""How many of each ranking take part."""


def reciprocal_rank(rankings: Sequence[Ranking], k: int, limit: int) -> NDArray[np.int64]:
    """Order by the sum of 1 / (k + rank) (Cormack, Clarke & Büttcher 2009); equal sums in order of row."""
    total: dict[int, float] = {}
    for rows, _ in rankings:
        for rank, row in enumerate(rows.tolist(), 1):
            total[row] = total.get(row, 0.0) + 1.0 / (k + rank)
    return _ordered(total, limit)


def weighted(rankings: Sequence[Ranking], weights: Sequence[float], limit: int) -> NDArray[np.int64]:
    """Order by the weighted sum of scores, each scaled to [0, 1] over its ranking; who is not ranked has 0 there."""
    total: dict[int, float] = {}
    for (rows, scores), weight in zip(rankings, weights, strict=True):
        if not len(rows):
            continue
        low, high = float(scores.min()), float(scores.max())
        scaled = (scores - low) / (high - low) if high > low else np.ones_like(scores)
        for row, score in zip(rows.tolist(), scaled.tolist(), strict=True):
            total[row] = total.get(row, 0.0) + weight * score
    return _ordered(total, limit)


def _ordered(total: dict[int, float], limit: int) -> NDArray[np.int64]:
    rows = sorted(total, key=lambda row: (-round(total[row], 9), row))[:limit]
    return np.asarray(rows, dtype=np.int64)
