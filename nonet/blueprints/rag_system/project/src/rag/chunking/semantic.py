"""Semantic cuts: between sentences where what stands before and after means least alike.

Blocks of sentences before and after each gap are compared, as in TextTiling (Hearst 1997, "TextTiling: Segmenting Text
into Multi-paragraph Subtopic Passages"), by the cosine of their embeddings, and the gaps whose distance lies above a
percentile of the page's are borders, as in Kamradt's semantic chunking (2023, "5 Levels Of Text Splitting").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.chunking.packing import packed
from rag.chunking.ruler import Ruler, Span
from rag.chunking.sentences import pieces
from rag.embedding import wordllama
from rag.sentences import spans

BLOCK = 2
"""Sentences before and after a gap that are compared."""
BATCH = 1024
"""Gaps whose sentences are embedded at a time."""
LONGEST = 2000
"""Characters of a sentence that are embedded: more is no sentence."""


def semantic(text: str, measure: Ruler, size: int, percentile: int) -> tuple[Iterator[Span], int]:
    """Cut at the borders; what lies between two and has more than ``size`` units is cut between sentences.

    Returns:
        The chunks, and how many tokens were embedded.
    """
    sentences = list(spans(text))
    gaps, embedded = distances(text, sentences)
    return _between(sentences, borders(gaps, percentile), measure, size), embedded


def _between(sentences: Sequence[Span], cuts: Sequence[int], measure: Ruler, size: int) -> Iterator[Span]:
    begun = 0
    for border in (*cuts, len(sentences)):
        yield from packed(pieces(sentences[begun:border], measure, size), measure, size, 0)
        begun = border


def borders(gaps: NDArray[np.float32], percentile: int) -> list[int]:
    """Return the sentences, by number, before which a border lies: those after gaps above the percentile."""
    if not len(gaps):
        return []
    return [int(place) + 1 for place in np.flatnonzero(gaps > np.percentile(gaps, percentile))]


def distances(text: str, sentences: Sequence[Span]) -> tuple[NDArray[np.float32], int]:
    """Return for each gap between sentences 1 − the cosine of the blocks around it, and how many tokens were embedded.

    The shape is (sentences − 1,); a page of one sentence has no gap and embeds nothing.
    """
    model = wordllama.load()
    embedded = 0
    found = np.zeros(max(len(sentences) - 1, 0), dtype=np.float32)
    for start in range(0, len(found), BATCH):
        stop = min(start + BATCH, len(found))
        first, last = max(0, start + 1 - BLOCK), min(len(sentences), stop + BLOCK)
        vectors, tokens = model.embed([text[a : min(b, a + LONGEST)] for a, b in sentences[first:last]])
        embedded += tokens
        sums = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
        gaps = np.arange(start + 1, stop + 1) - first
        before = sums[gaps] - sums[np.maximum(gaps - BLOCK, 0)]
        after = sums[np.minimum(gaps + BLOCK, len(vectors))] - sums[gaps]
        lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        found[start:stop] = 1 - (before * after).sum(axis=1) / np.maximum(lengths, 1e-12)
    return found, embedded
