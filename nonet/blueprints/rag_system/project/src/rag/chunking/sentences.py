"""Chunks of whole sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag import sentences
from rag.chunking.packing import packed
from rag.chunking.ruler import Ruler, Span
from rag.chunking.windows import windows


def by_sentences(text: str, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Pack whole sentences up to ``size`` units; a chunk repeats those at the end of the one before that fit.

    A sentence of more than ``size`` units is cut in windows.
    """
    return packed(pieces(sentences.spans(text), measure, size), measure, size, overlap)


def pieces(whole: Iterable[Span], measure: Ruler, size: int) -> Iterator[Span]:
    """Cut the sentences that are too long."""
    for start, end in whole:
        yield from windows(start, end, measure, size, 0)
