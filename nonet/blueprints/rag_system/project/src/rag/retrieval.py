"""From a question to ranked chunks and documents, by an opened index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import fusion, pages, stages
from rag.chat import Chat
from rag.chunks import Chunks, prefixed
from rag.dense import Dense
from rag.design import Design
from rag.embedding import model
from rag.lexical import Lexical
from rag.query import Query
from rag.reduction import Projection
from rag.reranking import reranker
from rag.threads import single_blas
from rag.transformation import Transformer

DOCUMENTS = 100
CHUNKS = 100


@dataclass(frozen=True)
class Ranking:
    """What was found: (document id, score) and (chunk index, score), best first.

    ``failed`` tells that the chat model failed to transform the question, and that the plain one was searched.
    """

    docs: Sequence[tuple[str, float]]
    chunks: Sequence[tuple[int, float]]
    failed: bool = False


class Retriever:
    """An index opened for questions.

    Args:
        built: the folders of the stages that the design reads, by name.
        model: transforms questions, where the design says so.

    Attributes:
        transformer: what it made of questions, counted.

    Raises:
        ModelError: a model that the design names cannot be loaded.
        SettingsError: an endpoint's URL is none.
    """

    def __init__(self, design: Design, built: Mapping[str, Path], model: Chat | None = None) -> None:
        single_blas()
        self.design = design
        self.chunks = Chunks(built["chunks"])
        self._lexical = Lexical(built["lexical"]) if design.lexical else None
        self._dense = [_dense(design, stage, name, built) for name, stage in stages.read_vectors(design).items()]
        self.transformer = Transformer(design, model)
        self._rerank = reranker.load(design, built, self._indexed)
        names = np.argsort(np.asarray(self.chunks.docs, dtype=object), kind="stable")
        self._doc_ties = np.argsort(names).astype(np.int64)
        by_document = np.lexsort((np.arange(len(self.chunks)), self._doc_ties[self.chunks.owner]))
        self._ties = np.argsort(by_document).astype(np.int64)

    def search(self, question: str, allowed: NDArray[np.bool_] | None = None) -> Ranking:
        """Rank up to 100 documents and 100 chunks; what BM25 alone finds no word in is left out.

        Args:
            question: as it was asked.
            allowed: for each document whether it may be found, shape (documents,). Ranks and normalised scores are
                those among the allowed, as if there were no others; BM25's and PCA's statistics stay the whole index's.

        Raises:
            ModelError: a model or an endpoint that the design names fails.
        """
        places = np.arange(len(self.chunks)) if allowed is None else np.flatnonzero(allowed[self.chunks.owner])
        if not len(places):
            return Ranking([], [])
        query = Query(question)
        searched = self.transformer(question)
        scores, found = self._searched([Query(text) for text in searched.texts], places)
        if self._rerank is not None and not query.blank:
            scores = self._reranked(self._rerank, query, scores, found, places)
        return replace(self._ranking(scores, found, places), failed=searched.failed)

    def _indexed(self, chunk: int) -> str:
        held = self.chunks[chunk]
        return prefixed(held) if self.design.title_prefix else held.text

    def _searched(
        self, queries: Sequence[Query], places: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Score the chunks in ``places`` and tell which are found; the rankings of several queries join by ranks."""
        lists = [self._first_stage(query, places) for query in queries]
        if len(lists) == 1:
            return lists[0], self._found(lists[0])
        found = [np.where(self._found(scores), scores, -np.inf).astype(np.float32) for scores in lists]
        joined = fusion.by_ranks(found, self.design.rrf_k, self._ties[places])
        return joined, joined > 0

    def _found(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        return scores > 0 if self.design.retrieval in ("bm25", "hybrid_rrf") else np.ones(len(scores), dtype=bool)

    def _first(
        self, scores: NDArray[np.float32], found: NDArray[np.bool_], limit: int, places: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return positions in ``places`` of the first chunks found."""
        return fusion.order(np.where(found, scores, -np.inf).astype(np.float32), limit, self._ties[places])

    def _first_stage(self, query: Query, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Score the chunks in ``places`` by words, by vectors, or by both; with feedback, a second time."""
        lexical = self._lexical.scores(query.text)[places] if self._lexical else None
        vectors = [part.vector(query) for part in self._dense]
        scores = self._joined(lexical, vectors, places)
        if self._dense and self.design.feedback:
            chunks = places[self._first(scores, self._found(scores), self.design.feedback, places)]
            weight = self.design.feedback_weight
            if len(chunks) and not query.blank:
                moved = [part.moved(old, chunks, weight) for part, old in zip(self._dense, vectors, strict=True)]
                scores = self._joined(lexical, moved, places)
        return scores

    def _joined(
        self, lexical: NDArray[np.float32] | None, vectors: Sequence[NDArray[np.float32]], places: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        dense = [part.scores(vector)[places] for part, vector in zip(self._dense, vectors, strict=True)]
        if lexical is None:
            return dense[0]
        if not dense:
            return lexical
        if self.design.retrieval == "hybrid_rrf":
            return fusion.reciprocal_rank(lexical, dense, self.design.rrf_k, self._ties[places])
        weight = self.design.dense_weight
        second = self.design.second_weight if len(dense) == 2 else 0.0
        shares = [1 - weight, weight * (1 - second), weight * second]
        return fusion.weighted([lexical, *dense], shares[: 1 + len(dense)])

    def _reranked(
        self,
        rerank: reranker.Reranker,
        query: Query,
        scores: NDArray[np.float32],
        found: NDArray[np.bool_],
        places: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """Reorder the top chunks, scores in [1, 2]; the others keep their order below, in [0, 1]."""
        top = self._first(scores, found, self.design.rerank_depth, places)
        rest = fusion.min_max(scores)
        if len(top):
            closer = fusion.min_max(rerank(query, [int(chunk) for chunk in places[top]]))
            weight = self.design.rerank_weight
            rest[top] = 1 + (1 - weight) * fusion.min_max(scores[top]) + weight * closer
        return rest

    def _ranking(self, scores: NDArray[np.float32], found: NDArray[np.bool_], places: NDArray[np.int64]) -> Ranking:
        every = np.full(len(self.chunks), -np.inf, dtype=np.float32)
        every[places[found]] = scores[found]
        if self.design.page_score == "mean_top":
            floor, count = float(scores.min()), self.design.page_chunks
            page_scores = pages.mean_top(every, self.chunks.first, self.chunks.owner, count, floor)
        else:
            page_scores = pages.best(every, self.chunks.first)
        docs: list[int] = fusion.order(page_scores, DOCUMENTS, self._doc_ties).tolist()
        chunks: list[int] = fusion.order(every, CHUNKS, self._ties).tolist()
        return Ranking(
            [(self.chunks.docs[i], float(page_scores[i])) for i in docs],
            [(i, float(every[i])) for i in chunks],
        )


def _dense(design: Design, stage: str, name: str, built: Mapping[str, Path]) -> Dense:
    reduced = stage.startswith("reduced-")
    projection = Projection(built[stage], design.dimensions) if reduced else None
    return Dense(model.load(name, design), built[stage], projection)
