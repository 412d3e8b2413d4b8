"""Windows: so many units each, the next one repeating the last of them."""

from __future__ import annotations

from collections.abc import Iterator

from rag.chunking.ruler import Ruler, Span


def windows(start: int, end: int, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Slide over ``[start, end)``: up to ``size`` units each, the next one repeating up to the last ``overlap``.

    Words stay whole: a window begins and ends between words, unless one word alone is longer than it.
    """
    first, last = measure.index(start), measure.index(end)
    place, begun = first, start
    while place + size < last:
        full = place + size
        stop = next((cut for cut in range(full, place, -1) if measure.begins_word(cut)), full)
        yield begun, measure.starts[stop]
        back = range(max(stop - overlap, place + 1), stop)
        place = next((cut for cut in back if measure.begins_word(cut)), stop)
        begun = measure.starts[place]
    yield begun, end


def fixed(start: int, end: int, measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Cut at every ``size`` units, wherever that is; a chunk repeats the last ``overlap`` units of the one before."""
    place, last = measure.index(start), measure.index(end)
    begun = start
    while place + size < last:
        yield begun, measure.starts[place + size]
        place += size - overlap
        begun = measure.starts[place]
    yield begun, end
