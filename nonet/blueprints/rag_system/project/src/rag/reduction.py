"""Shorter vectors: the first dimensions of a vector, or its principal components over the corpus.

Truncation suits models trained so that a vector's beginning is a vector too (Matryoshka; Kusupati et al. 2022).
Principal components (Pearson 1901; Hotelling 1933) are fitted on the chunks' own vectors and lie beside them, for the
questions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import vectors
from rag.errors import SettingsError

MEAN, COMPONENTS = "mean.npy", "components.npy"
BLOCK = 8192
"""Rows that are turned at a time: memory holds no second single-precision copy of the corpus."""


def build(full: Path, method: str, dimensions: int, out: Path) -> dict[str, float]:
    """Reduce the vectors of the stage ``full``; return what was counted.

    Args:
        method: ``truncate`` or ``pca``.

    Raises:
        SettingsError: the vectors have no more than ``dimensions``.
    """
    held: NDArray[np.float16] = np.load(full / vectors.FILE, mmap_mode="r")
    count, width = held.shape
    if dimensions >= width:
        raise SettingsError(
            f"dimensions is {dimensions}, the embedding has {width}: choose fewer, or set reduction to none."
        )
    operations = float(count * dimensions)
    if method == "pca":
        mean, components = principal(held, dimensions)
        np.save(out / MEAN, mean)
        np.save(out / COMPONENTS, components)
        operations = float(count * width * (width + dimensions) + 9 * width**3)  # the last: Golub & Van Loan, 8.3
    projection = Projection(out, dimensions)
    reduced = np.empty((count, dimensions), dtype=np.float16)
    for start in range(0, count, BLOCK):
        reduced[start : start + BLOCK] = projection(held[start : start + BLOCK].astype(np.float32))
    np.save(out / vectors.FILE, reduced)
    return {"operations": operations}


def principal(rows: NDArray[np.float16], dimensions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rows' mean, shape (width,), and their first principal components, shape (width, dimensions).

    A component's largest entry is positive, so that the sign is settled. Directions along which the rows do not vary
    are zero: fewer rows than dimensions fill them with nothing.
    """
    width = rows.shape[1]
    total = np.zeros(width)
    for start in range(0, len(rows), BLOCK):
        total += rows[start : start + BLOCK].astype(np.float64).sum(axis=0)
    mean = total / len(rows)
    covariance = np.zeros((width, width))
    for start in range(0, len(rows), BLOCK):
        centred = rows[start : start + BLOCK].astype(np.float64) - mean
        covariance += centred.T @ centred
    values, directions = np.linalg.eigh(covariance)
    values, directions = values[::-1][:dimensions], directions[:, ::-1][:, :dimensions]
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(dimensions)]
    directions = directions * np.sign(largest)
    directions[:, values <= max(float(values[0]), 0.0) * 1e-10] = 0.0
    return mean.astype(np.float32), np.ascontiguousarray(directions.astype(np.float32))


class Projection:
    """Turns full vectors into reduced ones as the corpus' were: the same for chunks and questions."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._dimensions = dimensions
        self._mean: NDArray[np.float32] | None = None
        if (folder / MEAN).is_file():
            self._mean = np.load(folder / MEAN)
            self._components: NDArray[np.float32] = np.load(folder / COMPONENTS)

    def __call__(self, full: NDArray[np.float32]) -> NDArray[np.float32]:
        """Reduce vectors of shape (width,) or (count, width) to ``dimensions``, at unit length."""
        mean = self._mean
        reduced = full[..., : self._dimensions] if mean is None else (full - mean) @ self._components
        return reduced / np.maximum(np.linalg.norm(reduced, axis=-1, keepdims=True), 1e-12)
