"""Which printed lines are headings: those that the outline names, else those in larger letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.documents.pdf.lines import Line

LARGER = 1.12
"""A heading's height over that of the text."""
LONGEST = 150
"""Characters of the longest heading."""
DEEPEST = 6
NUMBERED = re.compile(r"^\W*(?:\d+\.?)+")


@dataclass(frozen=True)
class Entry:
    """An entry of the outline: title, level from 1, and its page's place in the file, from 0."""

    title: str
    level: int
    page: int


def outline(document: Any) -> list[Entry]:
    """Read the outline of an opened PDF; entries that lead to no page are left out."""
    found: list[Entry] = []
    for bookmark in document.get_toc(max_depth=DEEPEST):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        title = " ".join(str(bookmark.get_title() or "").split())
        if page is not None and title:
            found.append(Entry(title, min(int(bookmark.level) + 1, DEEPEST), int(page)))
    return found


def body_height(pages: Sequence[Sequence[Line]]) -> float:
    """Return the height of line in which most characters are printed, 0 where there are none."""
    heights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            heights[line.height] += len(line.text)
    return heights.most_common(1)[0][0] if heights else 0.0


def largest(lines: Sequence[Line], body: float) -> str:
    """Return what a page prints in its largest letters, if that is short and larger than the text: a title."""
    height = max((line.height for line in lines), default=0.0)
    text = " ".join(line.text for line in lines if line.height == height)
    return text if height >= LARGER * body and len(text) <= LONGEST else ""


Marks = Mapping[tuple[int, int], tuple[int, int]]
"""(page, line) at which a heading begins → (its level, how many lines it takes)."""


def marks(pages: Sequence[Sequence[Line]], entries: Sequence[Entry]) -> Marks:
    """Return the headings; an outline counts where most of its entries are found in print."""
    found = _by_outline(pages, entries)
    return found if entries and 2 * len(found) > len(entries) else _by_size(pages)


def _by_outline(pages: Sequence[Sequence[Line]], entries: Sequence[Entry]) -> Marks:
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for entry in entries:
        lines = pages[entry.page] if 0 <= entry.page < len(pages) else ()
        wanted = _letters(entry.title)
        for place in range(len(lines) if wanted else 0):
            taken = _taken(lines, place, wanted)
            if taken and (entry.page, place) not in found:
                found[entry.page, place] = (entry.level, taken)
                break
    return found


def _taken(lines: Sequence[Line], place: int, wanted: str) -> int:
    """Return how many lines from ``place`` on make the title, its number perhaps before it; 0 when they do not."""
    text = ""
    for taken, line in enumerate(lines[place : place + 3], 1):
        text += line.text
        if wanted in (_letters(text), _letters(NUMBERED.sub("", text))):
            return taken
    return 0


def _by_size(pages: Sequence[Sequence[Line]]) -> Marks:
    """Take short lines in larger letters than most of the text has; the sizes in use are the levels."""
    body = body_height(pages)
    heads: list[tuple[int, int, int, float]] = []
    for page, lines in enumerate(pages):
        place = 0
        while place < len(lines):
            taken = 1
            height = lines[place].height
            if height >= LARGER * body:
                while place + taken < len(lines) and _wraps(lines[place + taken - 1], lines[place + taken]):
                    taken += 1
                text = " ".join(line.text for line in lines[place : place + taken])
                if len(text) <= LONGEST and any(character.isalpha() for character in text):
                    heads.append((page, place, taken, height))
            place += taken
    levels = {height: min(level, DEEPEST) for level, height in enumerate(_sizes(heads), 1)}
    return {(page, place): (levels[height], taken) for page, place, taken, height in heads}


def _wraps(line: Line, below: Line) -> bool:
    """Whether a heading goes on in the line below it."""
    return below.height == line.height and 0 <= line.bottom - below.bottom <= 2 * line.height


def _sizes(heads: Sequence[tuple[int, int, int, float]]) -> list[float]:
    return sorted({height for *_, height in heads}, reverse=True)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
