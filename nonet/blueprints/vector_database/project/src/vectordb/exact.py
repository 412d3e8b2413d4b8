"""Exact search over a database's own vectors, unreduced: what recall is measured against where texts are embedded here.

By brute force in single precision; rows as near as the last one found, up to a share of its distance, are named too,
since they count in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K = 10
MOST_TIED = 64
EPSILON = 2e-6
"""Share of the tenth's distance up to which a row counts as near as it."""


@dataclass(frozen=True)
class Truth:
    """The exact neighbours of one question.

    Attributes:
        near: rows, nearest first, ten at most.
        tied: further rows as near as the last of them.
        first: rows as near as the nearest.
    """

    near: list[int]
    tied: list[int]
    first: list[int]


def neighbours(closeness: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> Truth:
    """Return the exact neighbours among the rows of a mask.

    Args:
        closeness: of every row, larger is closer, shape (rows,).
        mask: which rows may be found, shape (rows,); all of them without it.
    """
    rows = np.flatnonzero(mask) if mask is not None else np.arange(len(closeness))
    if not len(rows):
        return Truth([], [], [])
    distances = -closeness[rows]
    count = min(K, len(rows))
    last = np.partition(distances, count - 1)[count - 1]
    slack = EPSILON * max(1.0, abs(float(last)))
    within = np.flatnonzero(distances <= last + slack)
    order = within[np.lexsort((within, distances[within]))]
    first = order[distances[order] <= distances[order[0]] + slack]
    return Truth(
        rows[order[:count]].tolist(),
        rows[order[count : count + MOST_TIED]].tolist(),
        rows[first[:MOST_TIED]].tolist(),
    )
