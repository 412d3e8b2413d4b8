"""From a question to ranked chunks and documents, by an opened index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import fusion
from rag.chunks import Chunks
from rag.design import Design
from rag.embedding import minilm, wordllama
from rag.late_interaction import LateInteraction
from rag.lexical import Lexical
from rag.threads import single_blas
from rag.vectors import Vectors

DOCUMENTS = 100
CHUNKS = 100


@dataclass(frozen=True)
class Ranking:
    """What was found: (document id, score) and (chunk index, score), best first; a page scores as its best chunk."""

    docs: Sequence[tuple[str, float]]
    chunks: Sequence[tuple[int, float]]


class Retriever:
    """An index opened for questions."""

    def __init__(self, design: Design, stages: Mapping[str, Path]) -> None:
        single_blas()
        self.design = design
        self.chunks = Chunks(stages["chunks"])
        self._lexical = Lexical(stages["lexical"]) if design.lexical else None
        self._late = LateInteraction(stages["tokens"]) if design.late_interaction else None
        self._vectors: Vectors | None = None
        if design.dense:
            shared = design.late_interaction and design.embedding == "minilm"
            self._vectors = Vectors(stages["tokens" if shared else f"vectors-{design.embedding}"])
        names = np.argsort(np.asarray(self.chunks.docs, dtype=object), kind="stable")
        self._doc_ties = np.argsort(names).astype(np.int64)
        by_document = np.lexsort((np.arange(len(self.chunks)), self._doc_ties[self.chunks.owner]))
        self._ties = np.argsort(by_document).astype(np.int64)

    def search(self, question: str) -> Ranking:
        """Rank up to 100 documents and 100 chunks; what BM25 alone finds no word in is left out."""
        tokens = self._question_tokens(question)
        scores = self._first_stage(question, tokens)
        found = scores > 0 if self.design.retrieval in ("bm25", "hybrid_rrf") else np.ones(len(scores), dtype=bool)
        if self._late is not None and tokens is not None:
            scores = self._reranked(scores, found, tokens)
        scores = np.where(found, scores, -np.inf).astype(np.float32)
        pages = np.maximum.reduceat(scores, self.chunks.first)
        first: list[int] = fusion.order(pages, DOCUMENTS, self._doc_ties).tolist()
        docs = [(self.chunks.docs[i], float(pages[i])) for i in first]
        best = [(i, float(scores[i])) for i in fusion.order(scores, CHUNKS, self._ties).tolist()]
        return Ranking(
            [(doc, score) for doc, score in docs if score > -np.inf],
            [(chunk, score) for chunk, score in best if score > -np.inf],
        )

    def _question_tokens(self, question: str) -> NDArray[np.float32] | None:
        if self._late is None and not (self.design.dense and self.design.embedding == "minilm"):
            return None
        return minilm.load().tokens(question)

    def _first_stage(self, question: str, tokens: NDArray[np.float32] | None) -> NDArray[np.float32]:
        lexical = self._lexical.scores(question) if self._lexical else None
        dense = self._vectors.scores(self._query(question, tokens)) if self._vectors else None
        if lexical is not None and dense is not None:
            if self.design.retrieval == "hybrid_rrf":
                return fusion.reciprocal_rank(lexical, dense, self.design.rrf_k, self._ties)
            return fusion.weighted(lexical, dense, self.design.dense_weight)
        found = lexical if lexical is not None else dense
        assert found is not None, "a design retrieves by words, by vectors, or by both"
        return found

    def _query(self, question: str, tokens: NDArray[np.float32] | None) -> NDArray[np.float32]:
        if tokens is not None and self.design.embedding == "minilm":
            return minilm.pooled(tokens)
        return wordllama.load().query(question)

    def _reranked(
        self, scores: NDArray[np.float32], found: NDArray[np.bool_], tokens: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Reorder the top chunks, scores in [1, 2]; the others keep their order below, in [0, 1]."""
        assert self._late is not None
        top = fusion.order(np.where(found, scores, -np.inf).astype(np.float32), self.design.rerank_depth, self._ties)
        top = top[found[top]]
        rest = fusion.min_max(scores)
        if len(top):
            late = fusion.min_max(self._late.scores(tokens, [int(i) for i in top]))
            weight = self.design.rerank_weight
            rest[top] = 1 + (1 - weight) * fusion.min_max(scores[top]) + weight * late
        return rest
