"""One vector a chunk, compared by cosine; exact, no approximation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import reuse
from rag.embedding.model import Embedder
from rag.errors import ModelError

FILE = "vectors.npy"


def build(embedder: Embedder, texts: Sequence[str], out: Path, previous: Path | None = None) -> dict[str, float]:
    """Write the texts' vectors, shape (texts, width), half precision; return what was counted.

    Args:
        previous: a stage of the same model built before; rows of texts it holds are copied.

    Raises:
        ModelError: the model gives no vectors.
    """
    keys = reuse.keys(texts, embedder.identity)
    held = reuse.rows(keys, previous)
    new = [text for text, row in zip(texts, held, strict=True) if row < 0]
    fresh: list[NDArray[np.float16]] = []
    operations = tokens = 0.0
    for vector, length in embedder.passages(new):
        fresh.append(vector.astype(np.float16))
        operations += embedder.operations(length)
        tokens += length
    if previous is not None and len(new) < len(texts):
        kept: NDArray[np.float16] = np.load(previous / FILE, mmap_mode="r")
        if fresh and fresh[0].shape != kept.shape[1:]:
            return build(embedder, texts, out)  # an endpoint's model has changed under its name
        vectors = np.empty((len(texts), kept.shape[1]), dtype=np.float16)
        vectors[held >= 0] = kept[held[held >= 0]]
        if fresh:
            vectors[held < 0] = np.stack(fresh)
    else:
        vectors = np.stack(fresh)
    np.save(out / FILE, vectors)
    np.save(out / reuse.FILE, keys)
    return {"operations": operations, "tokens_embedded": tokens, "embedded": float(len(new))}


class Vectors:
    """The vectors of a built index: half precision on disk, single in memory."""

    def __init__(self, folder: Path) -> None:
        self._vectors: NDArray[np.float32] = np.load(folder / FILE).astype(np.float32)

    @property
    def width(self) -> int:
        """How many dimensions a vector has."""
        return self._vectors.shape[1]

    def scores(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return every chunk's cosine with a unit vector, shape (chunks,).

        Raises:
            ModelError: the question's vector is of another width.
        """
        if query.shape != (self.width,):
            raise ModelError(
                f"The model makes vectors of {len(query)} dimensions, the index holds {self.width}; run `rag index`."
            )
        return self._vectors @ query

    def mean(self, chunks: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the mean of some chunks' vectors, shape (width,)."""
        return self._vectors[chunks].mean(axis=0)
