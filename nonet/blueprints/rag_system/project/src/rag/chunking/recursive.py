"""Recursive splitting: at paragraphs, lines, sentences and words, the coarsest that makes pieces fit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.chunking.packing import packed
from rag.chunking.ruler import Ruler, Span
from rag.chunking.windows import windows

SEPARATORS = tuple(re.compile(rule) for rule in (r"\n\s*\n", r"\n", r"(?<=[.!?])\s+", r"\s+"))
"""Where recursive splitting may cut, coarsest first: paragraphs, lines, sentences, words."""


def recursive(text: str, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Split at the coarsest separator that makes pieces fit, then merge neighbours up to ``size`` units.

    The method of LangChain's RecursiveCharacterTextSplitter, on offsets: a chunk begins with as many whole pieces of
    the one before as fit into ``overlap``.
    """
    return packed(_pieces(text, 0, len(text), 0, measure, size), measure, size, overlap)


def _pieces(text: str, start: int, end: int, level: int, measure: Ruler, size: int) -> Iterator[Span]:
    if measure.length(start, end) <= size:
        if text[start:end].strip():
            yield start, end
        return
    if level == len(SEPARATORS):
        yield from windows(start, end, measure, size, 0)
        return
    place = start
    for match in SEPARATORS[level].finditer(text, start, end):
        if match.end() > place:
            yield from _pieces(text, place, match.end(), level + 1, measure, size)
            place = match.end()
    yield from _pieces(text, place, end, level + 1, measure, size)
