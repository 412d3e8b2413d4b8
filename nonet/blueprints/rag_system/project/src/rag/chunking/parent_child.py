"""Small windows that are searched, inside larger ones that are read."""

from __future__ import annotations

from collections.abc import Iterator

from rag.chunking.ruler import Ruler, Span
from rag.chunking.windows import windows


def parent_child(
    text: str, measure: Ruler, size: int, overlap: int, parent_size: int
) -> Iterator[tuple[Span, list[Span]]]:
    """Yield each parent, a window of up to ``parent_size`` units, with its children, windows of up to ``size``.

    Parents follow one another without overlap; children never cross from one into the next.
    """
    for start, end in windows(0, len(text), measure, parent_size, 0):
        yield (start, end), list(windows(start, end, measure, size, overlap))
