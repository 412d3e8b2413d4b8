"""BM25 over stemmed words, stop words left out (Robertson & Zaragoza 2009; Lucene's variant, by bm25s)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75


def analyse(texts: Sequence[str]) -> list[list[str]]:
    """Return each text's terms: lower-cased, English stop words out, stemmed."""
    terms: Any = _bm25s().tokenize(
        list(texts), stopwords="en", stemmer=_stemmer(), return_ids=False, show_progress=False, leave=False
    )
    return [list(words) for words in terms]


def build(texts: Sequence[str], out: Path) -> None:
    """Index the texts into ``out``."""
    vocabulary: dict[str, int] = {}
    ids: list[NDArray[np.int32]] = []
    for words in analyse(texts):
        numbers = [vocabulary.setdefault(word, len(vocabulary)) for word in words]
        ids.append(np.asarray(numbers, dtype=np.int32))
    if not vocabulary:
        vocabulary[""] = 0  # texts of stop words alone: an index in which nothing is found
        ids[0] = np.zeros(1, dtype=np.int32)
    retriever = _bm25s().BM25(k1=K1, b=B, method="lucene")
    retriever.index((ids, vocabulary), create_empty_token=False, show_progress=False, leave_progress=False)
    retriever.save(str(out), show_progress=False)


class Lexical:
    """A built BM25 index."""

    def __init__(self, folder: Path) -> None:
        self._retriever: Any = _bm25s().BM25.load(str(folder), mmap=True, load_corpus=False)
        self._vocabulary: dict[str, int] = self._retriever.vocab_dict
        self._count = int(self._retriever.scores["num_docs"])

    def search(
        self, question: str, limit: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows that share a word with the question, best first, and their scores."""
        words = [word for word in analyse([question])[0] if word and word in self._vocabulary]
        if not words:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        scores = np.asarray(self._retriever.get_scores(words), dtype=np.float32)
        if allowed is not None:
            scores = np.where(allowed, scores, 0.0).astype(np.float32)
        rows = np.lexsort((np.arange(self._count), -scores))[:limit] if limit >= self._count else _best(scores, limit)
        rows = rows[scores[rows] > 0]
        return rows, scores[rows]


def _best(scores: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    """Return the rows of the highest scores, best first; of equal ones the first row."""
    bar = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    rows = np.flatnonzero(scores >= bar)
    return rows[np.lexsort((rows, -scores[rows]))][:limit]


@cache
def _stemmer() -> Any:
    return import_module("Stemmer").Stemmer("english")


def _bm25s() -> Any:
    """Return the library, untyped: its annotations are partial."""
    return import_module("bm25s")
