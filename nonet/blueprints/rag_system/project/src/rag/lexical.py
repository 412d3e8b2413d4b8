"""BM25 over stemmed words, stop words left out (Robertson & Zaragoza 2009; Lucene's variant, by bm25s)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH = 1024


def analyse(texts: Sequence[str]) -> list[list[str]]:
    """Return each text's terms: lower-cased words of two characters or more, English stop words out, stemmed."""
    terms: Any = _bm25s().tokenize(
        list(texts), stopwords="en", stemmer=_stemmer(), return_ids=False, show_progress=False, leave=False
    )
    return [list(words) for words in terms]


def build(texts: Iterable[str], k1: float, b: float, out: Path) -> dict[str, float]:
    """Index the texts; return the terms counted as operations (each is scored once)."""
    vocabulary: dict[str, int] = {}
    ids: list[NDArray[np.int32]] = []
    for words in _analysed(texts):
        numbers = [vocabulary.setdefault(word, len(vocabulary)) for word in words]
        ids.append(np.asarray(numbers, dtype=np.int32))
    terms = sum(len(numbers) for numbers in ids)
    if not vocabulary:
        vocabulary[""] = 0  # a corpus of stop words alone: an index in which nothing is found
        ids[0] = np.zeros(1, dtype=np.int32)
    retriever = _bm25s().BM25(k1=k1, b=b, method="lucene")
    retriever.index((ids, vocabulary), create_empty_token=False, show_progress=False, leave_progress=False)
    retriever.save(str(out), show_progress=False)
    return {"operations": float(terms)}


def _analysed(texts: Iterable[str]) -> Iterator[list[str]]:
    """Analyse texts batch by batch, since a call of its own for each costs more than its words."""
    left = iter(texts)
    while batch := list(islice(left, BATCH)):
        yield from analyse(batch)


class Lexical:
    """A built BM25 index."""

    def __init__(self, folder: Path) -> None:
        self._retriever: Any = _bm25s().BM25.load(str(folder), mmap=True, load_corpus=False)
        self._vocabulary: dict[str, int] = self._retriever.vocab_dict
        self._count = int(self._retriever.scores["num_docs"])

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return every chunk's BM25 score, shape (chunks,); zero where no word is shared."""
        words = [word for word in analyse([question])[0] if word and word in self._vocabulary]
        if not words:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._retriever.get_scores(words), dtype=np.float32)


@cache
def _stemmer() -> Any:
    return import_module("Stemmer").Stemmer("english")


def _bm25s() -> Any:
    """Return the library, untyped: its annotations are partial."""
    return import_module("bm25s")
