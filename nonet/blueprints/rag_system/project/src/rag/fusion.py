"""Joining the scores that several rankings give the same chunks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RANKED = 1000
"""How many of each list take part in reciprocal rank fusion."""


def order(scores: NDArray[np.float32], limit: int, ties: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the indexes of the ``limit`` highest scores, best first; equal scores (to 1e-6) in order of ``ties``.

    What scores -inf is left out, so that fewer may be returned.
    """
    rounded = np.round(scores.astype(np.float64), 6)
    ranked = rounded > -np.inf
    if limit < len(rounded):
        ranked &= rounded >= np.partition(rounded, len(rounded) - limit)[len(rounded) - limit]
    candidates = np.flatnonzero(ranked)
    return candidates[np.lexsort((ties[candidates], -rounded[candidates]))][:limit]


def min_max(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale to [0, 1]; equal scores become 0."""
    low, high = float(scores.min()), float(scores.max())
    return ((scores - low) / (high - low)).astype(np.float32) if high > low else np.zeros_like(scores)


def weighted(lists: Sequence[NDArray[np.float32]], weights: Sequence[float]) -> NDArray[np.float32]:
    """Sum the min-max normalised scores, each list times its weight."""
    total = np.zeros(len(lists[0]), dtype=np.float64)
    for scores, weight in zip(lists, weights, strict=True):
        total += weight * min_max(scores)
    return total.astype(np.float32)


def reciprocal_rank(
    lexical: NDArray[np.float32], dense: Sequence[NDArray[np.float32]], k: int, ties: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Sum 1 / (k + rank) over the lists (Cormack, Clarke & Büttcher 2009); what shares no word has no rank there."""
    return by_ranks([np.where(lexical > 0, lexical, -np.inf).astype(np.float32), *dense], k, ties)


def by_ranks(lists: Sequence[NDArray[np.float32]], k: int, ties: NDArray[np.int64]) -> NDArray[np.float32]:
    """Sum 1 / (k + rank) over the lists; what scores -inf has no rank there, and what has none anywhere scores 0."""
    fused = np.zeros(len(lists[0]), dtype=np.float32)
    for scores in lists:
        best = order(scores, RANKED, ties)
        fused[best] += 1.0 / (k + np.arange(1, len(best) + 1))
    return fused
