"""Packing the best chunks into a context of limited length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.chunks import Chunk, Chunks
from rag.context.compression import Compressor, compressor
from rag.context.model import Context, Passage, Span, head, written
from rag.context.order import ordered
from rag.design import Design
from rag.embedding.files import count_tokens, token_spans

WORD = re.compile(r"\w+")
SHINGLE = 6
"""Words in a row that make a repetition: fewer stand in many texts by chance."""
STUDIED = 20
"""How many of the best passages tell compression which words are rare."""


class Packer:
    """Packs chunks best first until the design's budget of tokens (MiniLM's word pieces) is used.

    Tokens are counted piece by piece: a word cut by the border of two chunks may count one more than in one text. What
    has no room is cut. With ``deduplicate`` nothing is packed twice: of a chunk that overlaps a passage only the rest
    is added, to that passage, and a copy in another document, whole or in part, is left out. Without it chunks are
    packed as they are. Compression shortens each piece before it is packed, so that more of them have room.

    Raises:
        ModelError: the design names a compressor that cannot be used.
    """

    def __init__(self, chunks: Chunks, design: Design) -> None:
        self._chunks = chunks
        self._design = design
        self._compressor: Compressor | None = compressor(design)

    def pack(self, ranked: Sequence[tuple[int, float]], question: str) -> Context:
        """Pack ranked chunks, given by their indexes and scores, best first."""
        packing = _Packing(self._design.context_tokens, self._shortening(ranked, question))
        for place, score, chunk in self._read(ranked):
            if packing.left <= 0:
                break
            packed = packing.add(chunk, score) if self._design.deduplicate else packing.add_whole(chunk, score)
            if packed:
                packing.places.append(place)
                packing.chunks.append((chunk.doc, chunk.number, score))
        passages = ordered(packing.passages, self._design.order)
        return Context(passages, packing.chunks, packing.places, written(passages), packing.used)

    def _read(self, ranked: Sequence[tuple[int, float]]) -> Iterator[tuple[int, float, Chunk]]:
        """Yield what is read for each chunk found: itself, or the larger passage around it, each passage once."""
        read: set[tuple[str, Span]] = set()
        for place, score in ranked:
            passage = self._chunks.passage(place)
            if (passage.doc, passage.span) not in read:
                read.add((passage.doc, passage.span))
                yield place, score, passage

    def _shortening(self, ranked: Sequence[tuple[int, float]], question: str) -> Callable[[str], str] | None:
        if self._compressor is None or not ranked:
            return None
        texts = [chunk.text for _, _, chunk in self._read(ranked[:STUDIED])]
        return self._compressor.prepare(question, texts)


@dataclass
class _Packing:
    """A context that is being filled.

    Attributes:
        left: tokens that there is room for; ``used``: tokens that are taken.
        shorten: what compresses a piece, if anything does.
        seen: runs of words that were packed, before compression.
    """

    left: int
    shorten: Callable[[str], str] | None = None
    used: int = 0
    passages: list[Passage] = field(default_factory=list[Passage])
    chunks: list[tuple[str, int, float]] = field(default_factory=list[tuple[str, int, float]])
    places: list[int] = field(default_factory=list[int])
    seen: set[str] = field(default_factory=set[str])

    def add(self, chunk: Chunk, score: float) -> bool:
        """Pack what of a chunk is new: beside the passages it overlaps, else as a passage of its own."""
        packed = False
        for low, high in self._uncovered(chunk):
            first, text = self._unseen(low, chunk.text[low - chunk.span[0] : high - chunk.span[0]])
            if self.left <= 0 or not text:
                continue
            span = (first, first + len(text))
            packed |= self._grow(chunk.doc, span, text) or self._append(chunk, score, span, text)
        return packed

    def add_whole(self, chunk: Chunk, score: float) -> bool:
        """Pack a chunk as a passage of its own, whatever was packed before."""
        return self._append(chunk, score, chunk.span, chunk.text)

    def _unseen(self, start: int, text: str) -> tuple[int, str]:
        """Cut words that were packed before, from whatever document, off both ends of a text."""
        words = list(WORD.finditer(text))
        seen = {i + j for i, shingle in enumerate(_shingles(text)) if shingle in self.seen for j in range(SHINGLE)}
        new = [place for place in range(len(words)) if place not in seen]
        if not new:
            return start, ""
        low = 0 if new[0] == 0 else words[new[0]].start()
        high = len(text) if new[-1] == len(words) - 1 else words[new[-1]].end()
        return start + low, text[low:high]

    def _uncovered(self, chunk: Chunk) -> list[Span]:
        spans = sorted(passage.span for passage in self.passages if passage.doc == chunk.doc)
        place, end = chunk.span
        found: list[Span] = []
        for low, high in [*spans, (end, end)]:
            if min(low, end) > place:
                found.append((place, min(low, end)))
            place = max(place, high)
        return found

    def _grow(self, doc: str, span: Span, text: str) -> bool:
        """Join a piece to the passage it touches, at its end or at its beginning."""
        for place, passage in enumerate(self.passages):
            low, high = passage.span
            if passage.doc != doc or (high != span[0] and low != span[1]):
                continue
            at_end = high == span[0]
            cut = self._fitting(self._shortened(text), from_end=not at_end)
            length = len(text) if self.shorten else len(cut)
            between = "\n" if self.shorten and cut else ""
            if at_end:
                grown = replace(passage, span=(low, high + length), text=passage.text + between + cut)
            else:
                grown = replace(passage, span=(low - length, high), text=cut + between + passage.text)
            self.passages[place] = grown
            self.seen.update(_shingles(text if self.shorten else grown.text))
            return bool(cut)
        return False

    def _append(self, chunk: Chunk, score: float, span: Span, text: str) -> bool:
        rank = len(self.passages) + 1
        passage = Passage(chunk.doc, chunk.number, score, rank, chunk.label, span, text)
        top = count_tokens(head(rank, passage))
        self.left -= top
        cut = self._fitting(self._shortened(text)) if self.left > 0 else ""
        if not cut:
            self.left = 0
            return False
        self.used += top
        length = len(text) if self.shorten else len(cut)
        self.passages.append(replace(passage, span=(span[0], span[0] + length), text=cut))
        self.seen.update(_shingles(text if self.shorten else cut))
        return True

    def _shortened(self, text: str) -> str:
        return self.shorten(text) if self.shorten else text

    def _fitting(self, text: str, from_end: bool = False) -> str:
        """Take up the room for the longest beginning, or end, of ``text`` that fits, and return it.

        Every text is tokenized once: tokenizing is most of what packing costs.
        """
        if self.left <= 0:
            return ""
        spans, left = token_spans(text), self.left
        self.left = max(0, left - len(spans))
        self.used += min(left, len(spans))
        if len(spans) <= left:
            return text
        return text[spans[-left][0] :] if from_end else text[: spans[left - 1][1]]


def _shingles(text: str) -> list[str]:
    """Return every run of ``SHINGLE`` words of a text, or all its words where they are fewer."""
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]
