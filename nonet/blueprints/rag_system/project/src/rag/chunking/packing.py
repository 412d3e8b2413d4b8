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
    held: deque[Span] = deque()
    for piece in pieces:
        if held and measure.length(held[0][0], piece[1]) > size:
            yield held[0][0], held[-1][1]
            end = held[-1][1]
            held.popleft()  # the next chunk begins later than this one
            while held and (measure.length(held[0][0], end) > overlap or measure.length(held[0][0], piece[1]) > size):
                held.popleft()
        held.append(piece)
    if held:
        yield held[0][0], held[-1][1]
