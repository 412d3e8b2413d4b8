"""Running headers and footers: lines at the edges of pages that come again, or that number the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.documents.pdf import headings
from rag.documents.pdf.lines import Line

EDGE = 2
"""Lines from the top and from the bottom that may be running ones."""
FEWEST = 3
"""Pages below which nothing can be said to come again."""
OUTER_NUMBER = re.compile(r"^\d+\b|\b\d+$")


@dataclass(frozen=True)
class _Edge:
    """A line at an edge of a page.

    Attributes:
        name: where it stands, what it says, and whether it is large; numbers in small letters count as equal.
        ahead: the number at its beginning or end less the page's place in the file, if it has one.
    """

    page: int
    place: int
    name: tuple[str, str, bool]
    ahead: int | None


def without(pages: Sequence[Sequence[Line]], entries: Sequence[headings.Entry] = ()) -> list[list[Line]]:
    """Drop what stands at the same edge of more than half of the pages, and lines that number the pages.

    Lines in letters as large as those of headings have to be the same to the last number: chapters are numbered too.
    What the outline names on its page stays. A line numbers its page where its number runs with the pages as that of
    most pages does, and either nothing else stands in it or it comes again.
    """
    titles = {(entry.page, _plain(entry.title)) for entry in entries}
    edges = [
        edge
        for edge in _edges(pages, headings.LARGER * headings.body_height(pages))
        if (edge.page, _plain(pages[edge.page][edge.place].text)) not in titles
    ]
    most = max(FEWEST - 1, sum(1 for lines in pages if lines) / 2)
    seen = Counter(name for _, name in {(edge.page, edge.name) for edge in edges})
    ahead = Counter(number for _, number in {(edge.page, edge.ahead) for edge in edges if edge.ahead is not None})
    dropped = {
        (edge.page, edge.place)
        for edge in edges
        if seen[edge.name] > most
        or (edge.ahead is not None and ahead[edge.ahead] > most and (seen[edge.name] > 1 or edge.name[1] == "#"))
    }
    return [
        [line for place, line in enumerate(lines) if (page, place) not in dropped] for page, lines in enumerate(pages)
    ]


def _edges(pages: Sequence[Sequence[Line]], large: float) -> Iterator[_Edge]:
    for page, lines in enumerate(pages):
        order = sorted(range(len(lines)), key=lambda place: -lines[place].top)
        sides = dict.fromkeys(order[-EDGE:], "bottom") | dict.fromkeys(order[:EDGE], "top")
        for place, side in sides.items():
            text, big = _plain(lines[place].text), lines[place].height >= large
            number = None if big else OUTER_NUMBER.search(text)
            ahead = int(number.group()) - page if number and len(number.group()) < 6 else None
            yield _Edge(page, place, (side, text if big else re.sub(r"\d+", "#", text), big), ahead)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
