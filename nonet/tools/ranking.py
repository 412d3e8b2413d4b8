"""Lexical ranking shared by the embedded backends: BM25 over stemmed English words.

BM25 as Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with Lucene's IDF, by
bm25s; stemming by Snowball. Scores do not depend on the order of the texts; ties keep it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been but by can do does for from had has have how i if in into is it its of on or our
        so that the their them then there these they this to was we were what when where which who why will with you
        your""",
    )
)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from importlib import import_module

    # By name: the extension carries no types.
    return import_module("Stemmer").Stemmer("english")


def words(text: str) -> list[str]:
    """Return the stemmed content words of a text; ``snake_case`` and ``CamelCase`` names fall into their parts."""
    found = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", text))]
    kept = [word for word in found if word not in _STOP]
    return list(_stemmer().stemWords(kept))


class Ranking:
    """An index over texts.

    Args:
        texts: what is ranked; positions are the answers.
    """

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        self._size = len(texts)
        self._index: Any = None
        tokens = [words(text) for text in texts]
        self._vocabulary = {word for line in tokens for word in line}
        if self._vocabulary:
            import bm25s

            self._index = bm25s.BM25(k1=k1, b=b, method="lucene")
            self._index.index(tokens, show_progress=False)

    def best(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return (position, score) of the texts that share a word with the query, best first."""
        known = [word for word in words(query) if word in self._vocabulary]
        if not known or self._index is None:
            return []
        scores: list[float] = self._index.get_scores(known).tolist()
        order = sorted(range(self._size), key=lambda position: (-round(scores[position], 6), position))
        return [(position, scores[position]) for position in order[:limit] if scores[position] > 0]
