"""Running headers and footers: lines at the edges of pages that come again on most of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.documents.pdf.lines import Line

EDGE = 2
"""Lines from the top and from the bottom that may be running ones."""
FEWEST = 3
"""Pages below which nothing can be said to come again."""


def without(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop the lines which, numbers aside, stand at the same edge of more than half of the pages that have text."""
    edges = [_edges(lines) for lines in pages]
    counts = Counter(name for names in edges for name in set(names.values()))
    written = sum(1 for lines in pages if lines)
    running = {name for name, count in counts.items() if written >= FEWEST and 2 * count > written}
    return [
        [line for place, line in enumerate(lines) if names.get(place) not in running]
        for lines, names in zip(pages, edges, strict=True)
    ]


def _edges(lines: Sequence[Line]) -> dict[int, tuple[str, str]]:
    """Name the outermost lines of a page by edge and text: place in ``lines`` → name."""
    order = sorted(range(len(lines)), key=lambda place: -lines[place].top)
    named = {place: ("bottom", _text(lines[place])) for place in order[-EDGE:]}
    return named | {place: ("top", _text(lines[place])) for place in order[:EDGE]}


def _text(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.split()).casefold())
