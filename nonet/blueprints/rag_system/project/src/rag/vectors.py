"""One vector a chunk, compared by cosine; exact, no approximation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedding import minilm, wordllama

BATCH = 1024


def build_wordllama(texts: Sequence[str], out: Path) -> dict[str, float]:
    """Embed with wordllama and write ``vectors.npy``; return counted operations and tokens."""
    model = wordllama.load()
    vectors = np.zeros((len(texts), wordllama.DIMENSIONS), dtype=np.float16)
    tokens = 0
    for start in range(0, len(texts), BATCH):
        batch, count = model.embed(texts[start : start + BATCH])
        vectors[start : start + BATCH] = batch
        tokens += count
    np.save(out / "vectors.npy", vectors)
    return {"operations": wordllama.operations(tokens), "tokens_embedded": float(tokens)}


def build_minilm(texts: Sequence[str], out: Path) -> dict[str, float]:
    """Embed with MiniLM and write ``vectors.npy``; return counted operations and tokens."""
    vectors = np.zeros((len(texts), minilm.DIMENSIONS), dtype=np.float16)
    operations = tokens = 0.0
    for place, hidden in enumerate(minilm.load().stream(texts)):
        vectors[place] = minilm.pooled(hidden)
        operations += minilm.operations(len(hidden))
        tokens += len(hidden)
    np.save(out / "vectors.npy", vectors)
    return {"operations": operations, "tokens_embedded": tokens}


class Vectors:
    """The vectors of a built index: half precision on disk, single in memory."""

    def __init__(self, folder: Path) -> None:
        self._vectors: NDArray[np.float32] = np.load(folder / "vectors.npy").astype(np.float32)

    def scores(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return every chunk's cosine with a unit vector, shape (chunks,)."""
        return self._vectors @ query
