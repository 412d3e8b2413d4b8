"""Packing pieces that follow one another into chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from rag.chunking.ruler import Ruler, Span


def packed(pieces: Iterable[Span], measure: Ruler, size: int, overlap: int) -> Iterator[Span]:
    """Join neighbouring pieces into chunks of up to ``size`` units.

    A chunk begins with as many whole pieces of the one before as fit into ``overlap`` and leave room for the next one,
    or it would only repeat. Memory holds the pieces of one chunk.
    """
    begun: deque[tuple[int, int]] = deque()  # of each piece held: where it begins, and units before that
    end = full = 0  # where the last piece held ends, and units before that
    for start, stop in pieces:
        units = measure.index(stop)
        if begun and units - begun[0][1] > size:
            yield begun[0][0], end
            begun.popleft()  # the next chunk begins later than this one
            while begun and (full - begun[0][1] > overlap or units - begun[0][1] > size):
                begun.popleft()
        begun.append((start, measure.index(start)))
        end, full = stop, units
    if begun:
        yield begun[0][0], end
