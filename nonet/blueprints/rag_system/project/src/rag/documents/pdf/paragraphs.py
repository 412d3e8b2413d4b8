"""Joining printed lines: words that hyphens parted, lines that fill their column, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from rag.documents.pdf.lines import Line

FULL = 0.85
"""Share of the width of the longest line in its column from which on a line was ended by the margin."""
APART = 1.6
"""Distance of two lines, in heights, from which on a new paragraph begins."""
LAST_PART = re.compile(r"[\w-]*\w$")
ITEM = re.compile(r"(?:[-*•–·▪◦]|\d{1,3}[.)])\s")
FIRST_PART = re.compile(r"\w+")


def vocabulary(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the words that stand whole, with their inner hyphens, in lower case."""
    return frozenset(
        word.casefold() for lines in pages for line in lines for word in re.findall(r"\w+(?:-\w+)*", line.text)
    )


def text(lines: Sequence[Line], words: AbstractSet[str]) -> str:
    """Join lines that follow one another on a page into paragraphs, a blank line between them."""
    if not lines:
        return ""
    reach: dict[int, float] = {}
    for line in lines:
        reach[_indent(line)] = max(reach.get(_indent(line), 0.0), line.right)
    written = [lines[0].text]
    for above, below in pairwise(lines):
        written += (_between(above, below, reach[_indent(above)], words), below.text)
    return "".join(written) + ("-" if lines[-1].hyphened else "")


def across(before: str, hyphened: bool, after: str, words: AbstractSet[str]) -> str:
    """Return what stands between the end of one page's text and the beginning of the next one's."""
    if hyphened:
        return joint(before, after, words) if after[:1].islower() else "-\n\n"
    goes_on = before[-1:].isalnum() or before[-1:] in ",;"
    return " " if goes_on and after[:1].islower() else "\n\n"


def joint(before: str, after: str, words: AbstractSet[str]) -> str:
    """Return what stands at a line's end hyphen: nothing where it only parted a word, else the hyphen.

    The document decides where it has the word elsewhere; else small letters on both sides make one word.
    """
    first, second = LAST_PART.search(before), FIRST_PART.match(after)
    if not first or not second:
        return "-"
    one, other = first.group().casefold(), second.group().casefold()
    if f"{one}-{other}" in words:
        return "-"
    if one + other in words:
        return ""
    return "" if before[-1].islower() and after[0].islower() else "-"


def _between(above: Line, below: Line, margin: float, words: AbstractSet[str]) -> str:
    if above.hyphened:
        return joint(above.text, below.text, words)
    height = max(above.height, below.height)
    down = above.bottom - below.bottom
    if down > APART * height or abs(above.height - below.height) > 0.2 * height:
        return "\n\n"
    if down < 0:  # the next column: its text goes on unless a sentence has ended
        return " " if not above.text.endswith((".", "!", "?", ":")) else "\n\n"
    wrapped = above.right - above.left >= FULL * (margin - above.left)
    return " " if wrapped and not (above.row or below.row or ITEM.match(below.text)) else "\n"


def _indent(line: Line) -> int:
    """Return the column a line begins in, to about a quarter of an inch."""
    return round(line.left / 18)
