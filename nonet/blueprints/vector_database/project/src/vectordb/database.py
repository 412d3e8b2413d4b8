"""The vector database as it is measured and as it ships: the parts of a design opened for searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectordb import data, fusion, lexical, reduction, stages
from vectordb.conditions import Condition
from vectordb.design import Design
from vectordb.embedding import model
from vectordb.engines import contract
from vectordb.errors import ConditionError, DataError


@dataclass(frozen=True)
class Found:
    """What a search found: rows, best first, and the rows of its part by vectors (the same without hybrid search)."""

    rows: NDArray[np.int64]
    by_vectors: NDArray[np.int64]


class Database:
    """An opened design."""

    def __init__(self, design: Design, parts: Mapping[str, Path]) -> None:
        self.design = design
        records = parts["records"]
        self.meta, self.ids = data.read_meta(records), data.read_ids(records)
        self.columns = stages.columns(records)
        self._reduction = reduction.load(parts["reduced"]) if "reduced" in parts else None
        self._vectors: NDArray[np.float32] = np.load(parts["vectors"] / "vectors.npy", mmap_mode="r")
        self._engine = contract.open_engine(design, parts["index"], self.meta.metric, self.columns)
        self._words = lexical.Lexical(parts["words"]) if "words" in parts else None
        self._embedder = model.load(design.embedding) if design.embedding != "given" else None

    @property
    def width(self) -> int:
        """Dimensions of a given vector, before any reduction."""
        return int(self._vectors.shape[1])

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector.

        Raises:
            DataError: the vectors were given, and no model is known that makes more of them.
        """
        if self._embedder is None:
            raise DataError("The stored vectors were given, so a question must be a vector of the same model.")
        return self._embedder.embed([text])[0]

    def search(
        self,
        k: int,
        *,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        where: Sequence[Condition] = (),
    ) -> Found:
        """Find the ``k`` rows nearest to a text or a vector that meet every condition.

        Raises:
            DataError: the vector is of another width, or neither is given.
            ConditionError: a condition names an unknown field.
        """
        if vector is None:
            if text is None:
                raise DataError("A search needs a text or a vector.")
            vector = self.embed(text)
        wanted = self._wanted(where)
        if wanted is not None and not wanted.mask.any():
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        hybrid = self._words is not None and text is not None
        full = self.prepared(vector)
        near = self._near(full, max(k, fusion.DEPTH) if hybrid else k, wanted)
        if self._words is None or text is None:
            return Found(near, near)
        allowed = wanted.mask if wanted is not None else None
        rankings = [(near, self.closeness(full, near)), self._words.search(text, fusion.DEPTH, allowed)]
        if self.design.hybrid == "rrf":
            rows = fusion.reciprocal_rank(rankings, self.design.rrf_k, k)
        else:
            weight = self.design.dense_weight
            rows = fusion.weighted(rankings, (weight, 1 - weight), k)
        return Found(rows, near[:k])

    def search_many(
        self, k: int, asked: Sequence[str | NDArray[np.float32]], where: Sequence[Condition] = ()
    ) -> list[Found]:
        """Find the rows nearest to each of several texts or vectors, in one call of the engine where it knows batches.

        Texts are embedded together; hybrid search joins each question's words on its own.
        """
        texts = [each for each in asked if isinstance(each, str)]
        embedded = iter(self._embed_all(texts))
        vectors = [self.prepared(next(embedded) if isinstance(each, str) else each) for each in asked]
        many = getattr(self._engine, "search_many", None)
        wanted = self._wanted(where)
        alone = wanted is not None and self._few(wanted)
        if many is None or alone or (self._words is not None and texts) or not vectors:
            return [
                self.search(k, text=each if isinstance(each, str) else None, vector=vector, where=where)
                for each, vector in zip(asked, vectors, strict=True)
            ]
        if wanted is not None and not wanted.mask.any():
            none = np.zeros(0, dtype=np.int64)
            return [Found(none, none) for _ in vectors]
        full = np.stack(vectors)
        searched = self._reduction.apply(full) if self._reduction is not None else full
        found = many(searched, k * self.design.oversample, wanted)
        ranked = [self._rescored(vector, rows, k) for vector, rows in zip(full, found, strict=True)]
        return [Found(rows, rows) for rows in ranked]

    def stored(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return stored vectors, shape (rows, width), as they were before any reduction."""
        return np.asarray(self._vectors[list(rows)])

    def closeness(self, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how close stored rows are to a prepared vector, larger is closer, by the unreduced vectors."""
        stored = np.asarray(self._vectors[rows])
        if self.meta.metric == "l2":
            return -np.linalg.norm(stored - vector, axis=1).astype(np.float32)
        if self.meta.metric == "l1":
            return -np.abs(stored - vector).sum(axis=1).astype(np.float32)
        return (stored @ vector).astype(np.float32)

    def _near(self, full: NDArray[np.float32], k: int, wanted: contract.Wanted | None) -> NDArray[np.int64]:
        if wanted is not None and self._few(wanted):
            rows = np.flatnonzero(wanted.mask)
            return rows[np.lexsort((rows, -self.closeness(full, rows)))][:k]
        vector = self._reduction.apply(full[None])[0] if self._reduction is not None else full
        if self.design.oversample == 1:
            return self._engine.search(vector, k, wanted)[:k]
        return self._rescored(full, self._engine.search(vector, k * self.design.oversample, wanted), k)

    def _few(self, wanted: contract.Wanted) -> bool:
        """Whether a filter lets through so little that an exact search of it is taken instead of the index."""
        return 100 * int(wanted.mask.sum()) <= self.design.exact_below * len(wanted.mask)

    def _rescored(self, full: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
        if self.design.oversample == 1:
            return rows[:k]
        return rows[np.lexsort((rows, -self.closeness(full, rows)))][:k]

    def _embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if texts and self._embedder is None:
            self.embed(texts[0])  # says that the vectors were given
        return self._embedder.embed(texts) if self._embedder and texts else np.zeros((0, self.width), np.float32)

    def prepared(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a question's vector as stored ones are: float32, at unit length under cosine.

        Raises:
            DataError: it is of another width.
        """
        vector = np.asarray(vector, dtype=np.float32)
        if vector.shape != (self.width,):
            raise DataError(f"The vector has shape {vector.shape}; the stored ones have {self.width} dimensions.")
        return reduction.normalised(vector[None])[0] if self.meta.metric == "cosine" else vector

    def _wanted(self, where: Sequence[Condition]) -> contract.Wanted | None:
        if not where:
            return None
        if self.columns is None:
            raise ConditionError("There are no payloads to filter by; give them when the database is built.")
        return contract.Wanted(where, self.columns.mask(where))
