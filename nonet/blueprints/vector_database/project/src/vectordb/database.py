"""The vector database as it is measured and as it ships: the parts of a design opened for searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectordb import data, fusion, lexical, multivector, reduction, stages
from vectordb.conditions import Condition
from vectordb.design import Design
from vectordb.embedding import minilm, model
from vectordb.engines import contract
from vectordb.errors import ConditionError, DataError

Asked = tuple[NDArray[np.float32], NDArray[np.float32] | None]
"""A question's vector and, for multi-vector search, those of its tokens."""


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
        self._tokens = multivector.Tokens(parts[multivector.STAGE]) if multivector.STAGE in parts else None
        self._embedder = model.load(design, parts.get(stages.ENCODER)) if design.embedding != "given" else None

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
        return self._embedder.ask(text)

    def read(self, text: str) -> Asked:
        """Return a question's vector and, where the design is multi-vector, those of its tokens, by one pass.

        Raises:
            DataError: the vectors were given, and no model is known that makes more of them.
        """
        return minilm.load().read(text) if self._tokens is not None else (self.embed(text), None)

    def search(
        self,
        k: int,
        *,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        tokens: NDArray[np.float32] | None = None,
        where: Sequence[Condition] = (),
    ) -> Found:
        """Find the ``k`` rows nearest to a text or a vector that meet every condition.

        A multi-vector design orders what its index finds by the vectors of the question's tokens: they are made of the
        text unless they are given; a vector alone is answered in the index's order.

        Raises:
            DataError: the vector is of another width, or neither is given.
            ConditionError: a condition names an unknown field.
        """
        if text is not None and (vector is None or (tokens is None and self._tokens is not None)):
            vector, tokens = self.read(text)
        if vector is None:
            raise DataError("A search needs a text or a vector.")
        wanted = self._wanted(where)
        if wanted is not None and not wanted.mask.any():
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        hybrid = self._words is not None and text is not None
        full = self.prepared(vector)
        near = self._near(full, self._depth(k, hybrid, tokens), wanted)
        close = None
        if self._tokens is not None and tokens is not None:
            near, close = _ordered(near, self._tokens.closeness(tokens, near))
        if self._words is None or text is None:
            return Found(near[:k], near[:k])
        allowed = wanted.mask if wanted is not None else None
        rankings = [
            (near, self.closeness(full, near) if close is None else close),
            self._words.search(text, fusion.DEPTH, allowed),
        ]
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
        if self._tokens is not None and texts:
            return [
                self.search(k, text=each, where=where)
                if isinstance(each, str)
                else self.search(k, vector=each, where=where)
                for each in asked
            ]
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

    def closeness_to_all(
        self, vector: NDArray[np.float32], tokens: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return how close every stored row is to a vector, as it was made, by the unreduced vectors.

        Where the design is multi-vector and the question's tokens are given: how close by all of the tokens.
        """
        rows = np.arange(len(self.ids), dtype=np.int64)
        if self._tokens is not None and tokens is not None:
            return self._tokens.closeness(tokens, rows)
        return self.closeness(self.prepared(vector), rows)

    def _depth(self, k: int, hybrid: bool, tokens: NDArray[np.float32] | None) -> int:
        """How many rows the index is asked for."""
        if self._tokens is not None and tokens is not None:
            return max(k, self.design.multi_depth)
        return max(k, fusion.DEPTH) if hybrid else k

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
        if not texts or self._embedder is None:
            return np.zeros((0, self.width), np.float32)
        return np.asarray([self._embedder.ask(text) for text in texts], dtype=np.float32)

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


def _ordered(rows: NDArray[np.int64], scores: NDArray[np.float32]) -> fusion.Ranking:
    """Return rows by score, largest first, equal ones in order of row, and their scores."""
    order = np.lexsort((rows, -scores))
    return rows[order], scores[order]
