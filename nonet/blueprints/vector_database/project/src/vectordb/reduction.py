"""Narrower vectors: the leading dimensions (truncation), or principal directions fitted on the stored vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import DesignError

FILE = "reduction.npz"
FITTED_ON = 20_000
"""Rows the directions are fitted on at most, evenly spaced."""


@dataclass(frozen=True)
class Reduction:
    """A linear map, after a shift; ``unit`` brings the result to unit length again (cosine).

    Attributes:
        mean: shape (width,).
        directions: shape (width, narrower).
    """

    mean: NDArray[np.float32]
    directions: NDArray[np.float32]
    unit: bool

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map vectors of shape (n, width) to (n, narrower)."""
        mapped = ((vectors - self.mean) @ self.directions).astype(np.float32)
        return normalised(mapped) if self.unit else mapped

    def save(self, folder: Path) -> None:
        """Write it."""
        np.savez(folder / FILE, mean=self.mean, directions=self.directions, unit=self.unit)


def load(folder: Path) -> Reduction:
    """Read a reduction."""
    with np.load(folder / FILE) as held:
        return Reduction(held["mean"], held["directions"], bool(held["unit"]))


def fit(kind: str, dimensions: int, vectors: NDArray[np.float32], metric: str) -> Reduction:
    """Fit a reduction.

    Under l2 the directions are those of the centred vectors, since distances do not see a shift; under cosine and dot
    those of the vectors themselves, which keep most of the inner products.

    Raises:
        DesignError: there are fewer dimensions or rows than asked for, or the metric is L1, which no rotation keeps.
    """
    width = vectors.shape[1]
    if metric == "l1":
        raise DesignError("Vectors compared by L1 cannot be reduced: no rotation keeps that distance.")
    if dimensions >= width:
        raise DesignError(f"The vectors have {width} dimensions; reduce them to fewer than that, not {dimensions}.")
    zero = np.zeros(width, dtype=np.float32)
    if kind == "truncate":
        return Reduction(zero, np.eye(width, dimensions, dtype=np.float32), metric == "cosine")
    step = max(1, len(vectors) // FITTED_ON)
    sample = np.asarray(vectors[::step], dtype=np.float64)
    mean = sample.mean(axis=0) if metric == "l2" else np.zeros(width)
    values, directions = np.linalg.eigh((sample - mean).T @ (sample - mean))
    order = np.argsort(-values)[:dimensions]
    return Reduction(mean.astype(np.float32), directions[:, order].astype(np.float32), metric == "cosine")


def normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows at unit length; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
