"""By headings: a section each, small ones together, long ones cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rag.chunking.ruler import Ruler, Span
from rag.chunking.windows import windows
from rag.documents.model import Page


def by_headings(page: Page, measure: Ruler, size: int) -> Iterator[Span]:
    """Cut at headings; sections of more than ``size`` units in windows, without overlap."""
    for start, end in _sections(page, measure, size):
        yield from windows(start, end, measure, size, 0)


def _sections(page: Page, measure: Ruler, size: int) -> Iterator[Span]:
    """Yield the spans of sections; one of less than half of the size goes with the next one where both fit.

    So does ``unstructured`` when it chunks by title. BM25 would else rank a heading with three words below it above
    the section that says it all.
    """
    begun: Span | None = None
    for start, end in _bodies(page):
        if begun is None:
            begun = start, end
        elif 2 * measure.length(*begun) < size and measure.length(begun[0], end) <= size:
            begun = begun[0], end
        else:
            yield begun
            begun = start, end
    if begun is not None:
        yield begun


def _bodies(page: Page) -> Iterator[Span]:
    """Yield the spans of sections; one with a heading alone goes with the section after it."""
    begun: int | None = None
    for start, end in pairwise((*page.starts, len(page.text))):
        begun = start if begun is None else begun
        if "\n" in page.text[start:end].strip() or end == len(page.text):
            yield begun, end
            begun = None
