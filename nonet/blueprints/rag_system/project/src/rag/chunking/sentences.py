"""Where sentences begin and end, and chunks of whole ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rag.chunking.packing import packed
from rag.chunking.ruler import Ruler, Span, trimmed
from rag.chunking.windows import windows

BORDER = re.compile(
    r"(?<![.!?…])(?P<stop>[.!?…]++[\"'”’)\]]*+\s++)"
    r"|[。！？]++[」』”’）]*+\s*+"
    r"|\n[^\S\n]*+\n\s*+"
    r"|\n(?=[^\S\n]*+(?:[-*+•|]|\d{1,3}[.)])[^\S\n])"
)
"""After a stop with what closes behind it, between paragraphs, before items of a list and rows of a table."""
ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Dr|Prof|Mrs?|Ms|St|Fig|Figs|Eq|No|Sec|Ch|vs|cf|al|approx|resp|vol"
    r"|pp|ed|eds|Inc|Ltd|Co|Jr|Sr)\.$"
)
LONGEST_ABBREVIATION = 12


def sentence_spans(text: str) -> Iterator[Span]:
    """Yield the sentences in order, white space left out at their ends; together they hold every other character.

    A stop ends a sentence where a small letter does not follow and what stands before it is no common abbreviation or
    initial.
    """
    place = 0
    for match in BORDER.finditer(text):
        if match["stop"] and _goes_on(text, match):
            continue
        span = trimmed(text, place, match.end())
        place = match.end()
        if span[0] < span[1]:
            yield span
    span = trimmed(text, place, len(text))
    if span[0] < span[1]:
        yield span


def _goes_on(text: str, match: re.Match[str]) -> bool:
    if "\n" in match["stop"] and match["stop"].count("\n") > 1:
        return False  # a paragraph ends
    follows = text[match.end() : match.end() + 1]
    before = text[max(0, match.start() - LONGEST_ABBREVIATION) : match.start() + 1]
    return follows.islower() or ABBREVIATION.search(before) is not None


def by_sentences(text: str, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Pack whole sentences up to ``size`` units; a chunk repeats those at the end of the one before that fit.

    A sentence of more than ``size`` units is cut in windows.
    """
    return packed(pieces(sentence_spans(text), measure, size), measure, size, overlap)


def pieces(sentences: Iterable[Span], measure: Ruler, size: int) -> Iterator[Span]:
    """Cut the sentences that are too long."""
    for start, end in sentences:
        yield from windows(start, end, measure, size, 0)
