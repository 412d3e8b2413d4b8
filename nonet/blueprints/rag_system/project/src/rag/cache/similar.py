"""The answers to like questions: a question whose vector is nearly that of one asked before gets its answer."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.cache.store import Store
from rag.design import Design
from rag.embedding import model
from rag.query import Query

NEAR = 0.95
"""Cosine above which two questions count as alike."""


class Similar:
    """Values by the vectors of questions.

    The vectors are the design's embedding's, or wordllama's where retrieval has none.
    """

    def __init__(self, store: Store, design: Design) -> None:
        self._store = store
        self._embedder = model.load(design.embedding if design.dense else "wordllama", design)
        self._lock = threading.Lock()
        self._numbers: dict[str, list[int]] = {}
        self._rows: dict[str, list[NDArray[np.float32]]] = {}

    def vector(self, question: str) -> NDArray[np.float32]:
        """Return a question's vector, at unit length."""
        return Query(question).vector(self._embedder)

    def get(self, vector: NDArray[np.float32], scope: str) -> Any:
        """Return the value of the nearest question asked before, if it is near enough."""
        with self._lock:
            numbers, rows = self._numbers.setdefault(scope, []), self._rows.setdefault(scope, [])
            for number, row in self._store.vectors(scope, numbers[-1] if numbers else 0):
                numbers.append(number)
                rows.append(row)
            near = np.stack(rows) @ vector if rows else np.zeros(0, dtype=np.float32)
            best = int(near.argmax()) if len(near) else -1
            number = numbers[best] if best >= 0 and near[best] > NEAR else None
        return None if number is None else self._store.vector_value(number)

    def put(self, vector: NDArray[np.float32], scope: str, value: Any) -> None:
        """Keep a value for questions like this one."""
        self._store.put_vector(scope, vector, value)
