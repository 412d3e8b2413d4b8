"""Cutting a page into chunks: spans of characters, measured in words, tokens or characters."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.design import Design
from rag.documents.model import Page

Span = tuple[int, int]
WORD = re.compile(r"\S+")
SEPARATORS = tuple(re.compile(rule) for rule in (r"\n\s*\n", r"\n", r"(?<=[.!?])\s+", r"\s+"))
"""Where recursive splitting may cut, coarsest first: paragraphs, lines, sentences, words."""


@dataclass(frozen=True)
class Ruler:
    """The units of one text: where each begins and ends, and whether a word begins with it."""

    starts: Sequence[int]
    ends: Sequence[int]
    words: Sequence[bool]

    def length(self, start: int, end: int) -> int:
        """Count the units that begin in ``[start, end)``."""
        return bisect_left(self.starts, end) - bisect_left(self.starts, start)


def ruler(text: str, unit: str, tokens: Callable[[str], Sequence[Span]]) -> Ruler:
    """Measure a text; ``tokens`` gives the spans of its word pieces and is called only for tokens."""
    if unit == "characters":
        spans: Sequence[Span] = [(place, place + 1) for place in range(len(text))]
    else:
        spans = tokens(text) if unit == "tokens" else [match.span() for match in WORD.finditer(text)]
    words = [start == 0 or text[start - 1].isspace() for start, _ in spans]
    return Ruler([start for start, _ in spans], [end for _, end in spans], words)


def spans(page: Page, design: Design, tokens: Callable[[str], Sequence[Span]]) -> list[Span]:
    """Return the chunks of a page in order; whitespace at their ends is left out, none is empty."""
    text = page.text
    if design.chunking == "page":
        found: list[Span] = [(0, len(text))]
    else:
        measure = ruler(text, design.chunk_unit, tokens)
        if design.chunking == "windows":
            found = list(windows(0, len(text), measure, design.chunk_size, design.chunk_overlap))
        elif design.chunking == "recursive":
            found = recursive(text, measure, design.chunk_size, design.chunk_overlap)
        else:
            found = [
                span for start, end in _sections(page) for span in windows(start, end, measure, design.chunk_size, 0)
            ]
    trimmed = (_trim(text, start, end) for start, end in found)
    return [span for span in trimmed if span[0] < span[1]]


def windows(start: int, end: int, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Slide over ``[start, end)``: up to ``size`` units each, the next one repeating up to the last ``overlap``.

    Words stay whole: a window begins and ends between words, unless one word alone is longer than it.
    """
    first, last = bisect_left(measure.starts, start), bisect_left(measure.starts, end)
    place = first
    while place < last:
        stop = min(place + size, last)
        if stop < last:
            stop = next((cut for cut in range(stop, place, -1) if measure.words[cut]), stop)
        yield measure.starts[place], measure.ends[stop - 1]
        if stop == last:
            return
        back = range(max(stop - overlap, place + 1), stop)
        place = next((cut for cut in back if measure.words[cut]), stop)


def recursive(text: str, measure: Ruler, size: int, overlap: int) -> list[Span]:
    """Split at the coarsest separator that makes pieces fit, then merge neighbours up to ``size`` units.

    The method of LangChain's RecursiveCharacterTextSplitter, on offsets: a chunk begins with as many whole pieces of
    the one before as fit into ``overlap``.
    """
    pieces = list(_pieces(text, 0, len(text), 0, measure, size))
    chunks: list[Span] = []
    first = 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and measure.length(pieces[first][0], pieces[last][1]) <= size:
            last += 1
        chunks.append((pieces[first][0], pieces[last - 1][1]))
        if last == len(pieces):
            break
        back = last
        while back - 1 > first and measure.length(pieces[back - 1][0], pieces[last - 1][1]) <= overlap:
            back -= 1
        # Repeated pieces must leave room for the next one, or the chunk would only repeat.
        while back < last and measure.length(pieces[back][0], pieces[last][1]) > size:
            back += 1
        first = back
    return chunks


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


def _sections(page: Page) -> list[Span]:
    """Spans of the sections; one with a heading alone goes with the section after it."""
    ends = (*page.starts[1:], len(page.text))
    merged: list[Span] = []
    waiting: int | None = None
    for start, end in zip(page.starts, ends, strict=True):
        begin = start if waiting is None else waiting
        if "\n" in page.text[start:end].strip() or end == len(page.text):
            merged.append((begin, end))
            waiting = None
        else:
            waiting = begin
    return merged


def heading_path(page: Page, place: int) -> tuple[str, ...]:
    """Return the headings above the character at ``place``."""
    index = bisect_right(page.starts, place) - 1
    return page.paths[index] if index >= 0 else ()


def _trim(text: str, start: int, end: int) -> Span:
    body = text[start:end]
    return start + len(body) - len(body.lstrip()), end - (len(body) - len(body.rstrip()))
