"""Exact search: the ground truth, by brute force in blocks, single precision, ties named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K = 10
_BLOCK = 16_384
_MOST_TIED = 64
_EPSILON = 2e-6
"""Rows as near as the tenth, up to this share of its distance, count as found in its place."""


@dataclass(frozen=True)
class Truth:
    """The exact neighbours of one query.

    Attributes:
        near: rows, nearest first, ten at most.
        tied: further rows as near as the last of them.
        first: rows as near as the nearest.
    """

    near: list[int]
    tied: list[int]
    first: list[int]


def search(
    vectors: NDArray[np.float32],
    queries: NDArray[np.float32],
    metric: str,
    mask: NDArray[np.bool_] | None = None,
) -> list[Truth]:
    """Return each query's exact neighbours among the rows of a mask.

    Args:
        vectors: shape (rows, width).
        queries: shape (queries, width).
        metric: cosine, dot, l2 or l1.
        mask: which rows may be found, shape (rows,); all of them without it.
    """
    if metric == "cosine":
        vectors, queries = _unit(vectors), _unit(queries)
    rows = np.flatnonzero(mask) if mask is not None else np.arange(len(vectors))
    return [_truth(_distances(vectors, rows, query, metric), rows) for query in queries]


def _truth(distances: NDArray[np.float32], rows: NDArray[np.intp]) -> Truth:
    if not len(rows):
        return Truth([], [], [])
    count = min(K, len(rows))
    kth = np.partition(distances, count - 1)[count - 1]
    slack = _EPSILON * max(1.0, abs(float(kth)))
    within = np.flatnonzero(distances <= kth + slack)
    order = within[np.lexsort((within, distances[within]))]
    nearest = distances[order[0]]
    first = order[distances[order] <= nearest + slack]
    return Truth(
        rows[order[:count]].tolist(),
        rows[order[count : count + _MOST_TIED]].tolist(),
        rows[first[:_MOST_TIED]].tolist(),
    )


def _distances(
    vectors: NDArray[np.float32], rows: NDArray[np.intp], query: NDArray[np.float32], metric: str
) -> NDArray[np.float32]:
    """Return the distance of every wanted row, smaller is nearer (of products the negative)."""
    parts: list[NDArray[np.float32]] = []
    whole = len(rows) == len(vectors)
    for start in range(0, len(rows), _BLOCK):
        block = vectors[start : start + _BLOCK] if whole else vectors[rows[start : start + _BLOCK]]
        if metric == "l2":
            parts.append(np.linalg.norm(block - query, axis=1))
        elif metric == "l1":
            parts.append(np.abs(block - query).sum(axis=1))
        else:
            parts.append(-(block @ query))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
