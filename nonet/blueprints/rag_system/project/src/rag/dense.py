"""One embedding's part in retrieval: the question's vector, every chunk's cosine with it, and feedback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedding.model import Embedder
from rag.query import Query
from rag.reduction import Projection
from rag.vectors import Vectors


class Dense:
    """The chunks' vectors and the model that makes a question's; ``projection`` where they are reduced."""

    def __init__(self, embedder: Embedder, folder: Path, projection: Projection | None = None) -> None:
        self._embedder = embedder
        self._vectors = Vectors(folder)
        self._projection = projection

    def vector(self, query: Query) -> NDArray[np.float32]:
        """Return the question's vector as the index has them; a blank one has no direction: zeros."""
        if query.blank:
            return np.zeros(self._vectors.width, dtype=np.float32)
        full = query.vector(self._embedder)
        return self._projection(full) if self._projection else full

    def scores(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return every chunk's cosine with a vector, shape (chunks,)."""
        return self._vectors.scores(vector)

    def moved(self, vector: NDArray[np.float32], chunks: NDArray[np.int64], weight: float) -> NDArray[np.float32]:
        """Move a question's vector towards chunks: vector-based pseudo-relevance feedback (Li et al. 2022, Rocchio).

        Li, Mourad, Zhuang, Koopman & Zuccon, "Pseudo Relevance Feedback with Deep Language Models and Dense
        Retrievers", with the mean of the chunks' vectors times ``weight`` added and the sum brought back to unit
        length.
        """
        moved = vector + weight * self._vectors.mean(chunks)
        return (moved / max(float(np.linalg.norm(moved)), 1e-12)).astype(np.float32)
