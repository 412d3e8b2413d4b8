"""What a page scores, from its chunks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best(scores: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return each page's highest score, shape (pages,).

    Args:
        scores: of the chunks in order of page; -inf where a chunk was not found.
        first: index of each page's first chunk, ascending; every page has one.
    """
    return np.maximum.reduceat(scores, first)


def mean_top(
    scores: NDArray[np.float32], first: NDArray[np.int64], owner: NDArray[np.int32], count: int, floor: float
) -> NDArray[np.float32]:
    """Return the mean of each page's ``count`` highest scores, shape (pages,).

    A chunk that was not found, or that a shorter page does not have, counts as ``floor``, the lowest score that any
    chunk has: a page is not raised by having fewer chunks. A page of which nothing was found stays at -inf.
    """
    left = scores.copy()
    highest = np.maximum.reduceat(left, first)
    total = np.zeros(len(first), dtype=np.float64)
    current = highest
    for _ in range(count):
        total += np.maximum(current, floor)
        taken = np.flatnonzero((left == current[owner]) & (left > -np.inf))
        once = np.ones(len(taken), dtype=bool)
        once[1:] = owner[taken][1:] != owner[taken][:-1]
        left[taken[once]] = -np.inf
        current = np.maximum.reduceat(left, first)
    return np.where(highest > -np.inf, total / count, -np.inf).astype(np.float32)
