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
    """Cut ``[start, end)`` at the separators of a level, and what is then too long at those of the next."""
    place, before = start, measure.index(start)
    for stop in _ends(text, start, end, level):
        if stop <= place:
            continue
        units = measure.index(stop)
        if units - before <= size:
            if not text[place:stop].isspace():
                yield place, stop
        elif level + 1 < len(SEPARATORS):
            yield from _pieces(text, place, stop, level + 1, measure, size)
        else:
            yield from windows(place, stop, measure, size, 0)
        place, before = stop, units


def _ends(text: str, start: int, end: int, level: int) -> Iterator[int]:
    for match in SEPARATORS[level].finditer(text, start, end):
        yield match.end()
    yield end
