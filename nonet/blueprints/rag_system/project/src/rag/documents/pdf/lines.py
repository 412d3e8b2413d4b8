"""The printed lines of a PDF page, in the order in which they are read."""

from __future__ import annotations

import ctypes
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from typing import Any

HYPHEN = "\x02"
"""What PDFium gives for the hyphen of a word that goes on in the next line."""
END_HYPHEN = re.compile(r"\w[-\u2010]$")
GUTTER = 1.2
"""Space between columns, in heights of a line: between words there is less."""

DRAWING = 500
"""Lines from which on a page is a drawing or a sheet: it is read from the top down."""


@dataclass(frozen=True)
class Line:
    """A line, or the part of it that lies in one column.

    Attributes:
        height: of its characters from the lowest to the highest the font has, in points: its size as it is printed.
        top: in points from the page's lower edge, as all edges are.
        hyphened: whether its last word goes on in the next line; the hyphen is no part of ``text``.
        row: whether wide gaps part it, as those of a table do.
    """

    text: str
    height: float
    left: float
    right: float
    bottom: float
    top: float
    hyphened: bool = False
    row: bool = False


def read(page: Any) -> list[Line]:
    """Return a page's lines in reading order.

    Args:
        page: an opened page of pypdfium2.
    """
    text_page: Any = page.get_textpage()
    try:
        rows = [row for row in _rows(text_page) if row]
    finally:
        text_page.close()
    return _ordered(rows)


def _rows(text_page: Any) -> Iterator[list[Line]]:
    """Yield the lines in the order of the file, each cut at its wide gaps."""
    pdfium = _pdfium()
    count: int = pdfium.FPDFText_CountChars(text_page.raw)
    begun = 0
    for place in range(count):
        character = chr(pdfium.FPDFText_GetUnicode(text_page.raw, place))
        if character in "\r\n" or character == HYPHEN:
            yield list(_cells(text_page, begun, place, character == HYPHEN))
            begun = place + 1
    yield list(_cells(text_page, begun, count, False))


def _cells(text_page: Any, begun: int, end: int, hyphened: bool) -> Iterator[Line]:
    pdfium = _pdfium()
    text = [chr(pdfium.FPDFText_GetUnicode(text_page.raw, place)) for place in range(begun, end)]
    words: list[tuple[int, int]] = []
    start = 0
    for place in range(len(text) + 1):
        if place == len(text) or text[place].isspace():
            if place > start:
                words.append((start, place))
            start = place + 1
    first = 0
    for index in range(1, len(words) + 1):
        if index < len(words):
            before = _box(text_page, begun + words[index - 1][1] - 1)
            after = _box(text_page, begun + words[index][0])
            if after[0] - before[1] <= GUTTER * (before[3] - before[2]):
                continue
        cell = words[first:index]
        left, _, bottom, top = _box(text_page, begun + cell[0][0])
        _, right, last_bottom, last_top = _box(text_page, begun + cell[-1][1] - 1)
        written = _whole(" ".join("".join(text[a:b]) for a, b in cell))
        parted = index == len(words) and (hyphened or END_HYPHEN.search(written) is not None)
        height = max(top - bottom, last_top - last_bottom)
        yield Line(
            written[:-1] if parted and not hyphened else written,
            round(height, 1),
            left,
            right,
            min(bottom, last_bottom),
            max(top, last_top),
            parted,
        )
        first = index


def _box(text_page: Any, place: int) -> tuple[float, float, float, float]:
    """Return a character's left, right, bottom and top, with the whole height of its font."""
    pdfium = _pdfium()
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page.raw, place, ctypes.byref(box))
    return box.left, box.right, box.bottom, box.top


def _pdfium() -> Any:
    """Return the library, untyped: its bindings are generated."""
    return import_module("pypdfium2.raw")


def _whole(text: str) -> str:
    """Join pairs of surrogates, replace single ones, and drop characters that stand for nothing."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(character for character in text if character.isprintable())


def _ordered(rows: Sequence[Sequence[Line]]) -> list[Line]:
    """Keep the file's order where it goes down and to the right; else order by the gaps between lines.

    A row that runs across columns comes apart, one whose gaps are those of a table stays together.
    """
    columns = _columns(rows)
    lines = [line for row in rows for line in (row if columns else [_joined(row)])]
    back = any(after.bottom >= before.top and after.left < before.right for before, after in itertools.pairwise(lines))
    return list(_cut(lines)) if columns or back else lines


def _columns(rows: Sequence[Sequence[Line]]) -> bool:
    """Whether most rows are two lines of prose side by side with one gutter between them."""
    pairs = [row for row in rows if len(row) == 2]
    if len(pairs) < 4 or 2 * len(pairs) < len(rows):
        return False
    words = [median(len(row[side].text.split()) for row in pairs) for side in (0, 1)]
    return min(words) >= 3 and max(left.right for left, _ in pairs) < min(right.left for _, right in pairs)


def _joined(row: Sequence[Line]) -> Line:
    text = " ".join(line.text for line in row)
    bottom, top = min(line.bottom for line in row), max(line.top for line in row)
    height = max(line.height for line in row)
    return Line(text, height, row[0].left, row[-1].right, bottom, top, row[-1].hyphened, len(row) > 1)


def _cut(lines: Sequence[Line]) -> Iterator[Line]:
    """Order by recursive cuts along the widest gaps (XY-cut: Nagy & Seth 1984): columns first, then blocks."""
    waiting = [list(lines)]
    while waiting:
        block = waiting.pop()
        height = median(line.height for line in block)
        across = _gap([(line.left, line.right) for line in block])
        down = _gap([(line.bottom, line.top) for line in block])
        if len(block) > DRAWING or not (across or down):
            yield from sorted(block, key=lambda line: (-line.top, line.left))
        elif across and (across[0] >= height or not down):
            waiting.append([line for line in block if line.left >= across[1]])
            waiting.append([line for line in block if line.left < across[1]])
        elif down:
            waiting.append([line for line in block if line.bottom < down[1]])
            waiting.append([line for line in block if line.bottom >= down[1]])


def _gap(spans: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Return the widest gap between spans as (width, where it ends), of equal ones the last."""
    ordered = sorted(spans)
    found: tuple[float, float] | None = None
    reach = ordered[0][1]
    for start, end in ordered[1:]:
        if start >= reach and (found is None or start - reach >= found[0]):
            found = (start - reach, start)
        reach = max(reach, end)
    return found
