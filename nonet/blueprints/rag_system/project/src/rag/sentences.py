"""Where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator

BORDER = re.compile(
    r"(?<![.!?…])(?P<stop>[.!?…]++[\"'”’)\]]*+\s++)"
    r"|[。！？]++[」』”’）]*+\s*+"
    r"|\n[^\S\n]*+\n\s*+"
    r"|\n(?=[^\S\n]*+(?:[-*+•|]|\d{1,3}[.)])[^\S\n])"
)
"""After a stop with what closes behind it, between paragraphs, before items of a list and rows of a table."""
ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-HJ-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Dr|Prof|Mrs?|Ms|St|Fig|Figs|Eq|Sec|Ch|vs|cf|al|approx|resp|vol"
    r"|pp|ed|eds|Inc|Ltd|Co|Jr|Sr)\.$"
)
LONGEST_ABBREVIATION = 12


def split(text: str) -> list[str]:
    """Return the sentences of a text in order, without the white space around them; none is empty."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> Iterator[tuple[int, int]]:
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


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave white space out at both ends of a span."""
    body = text[start:end]
    return start + len(body) - len(body.lstrip()), end - (len(body) - len(body.rstrip()))


def _goes_on(text: str, match: re.Match[str]) -> bool:
    if "\n" in match["stop"] and match["stop"].count("\n") > 1:
        return False  # a paragraph ends
    follows = text[match.end() : match.end() + 1]
    before = text[max(0, match.start() - LONGEST_ABBREVIATION) : match.start() + 1]
    return follows.islower() or ABBREVIATION.search(before) is not None
