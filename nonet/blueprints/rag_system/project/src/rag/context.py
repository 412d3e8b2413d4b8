"""Packing the best chunks into a context of limited length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.chunks import Chunk, Chunks
from rag.embedding.files import count_tokens, token_spans

WORD = re.compile(r"\w+")
SHINGLE = 6
"""Words in a row that make a repetition: fewer stand in many texts by chance."""
Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """Continuous text of a page: a chunk, grown by the chunks that overlap it.

    Attributes:
        chunk: number of the best-ranked chunk in it, ``score`` that chunk's score.
        span: characters of the page's text.
    """

    doc: str
    chunk: int
    score: float
    label: str
    span: Span
    text: str


@dataclass(frozen=True)
class Context:
    """What a reader gets.

    Attributes:
        passages: in order of rank.
        chunks: (document, chunk number, score) of everything packed, in order of rank.
        text: the passages, each under a numbered line naming its document.
    """

    passages: Sequence[Passage]
    chunks: Sequence[tuple[str, int, float]]
    text: str
    tokens: int


@dataclass
class _Packing:
    left: int
    used: int = 0
    passages: list[Passage] = field(default_factory=list[Passage])
    chunks: list[tuple[str, int, float]] = field(default_factory=list[tuple[str, int, float]])
    seen: set[str] = field(default_factory=set[str])

    def add(self, chunk: Chunk, score: float) -> None:
        """Pack what of a chunk is new: beside the passages it overlaps, else as a passage of its own."""
        packed = False
        for low, high in self._uncovered(chunk):
            first, text = self._unseen(low, chunk.text[low - chunk.span[0] : high - chunk.span[0]])
            if self.left <= 0 or not text:
                continue
            span = (first, first + len(text))
            packed |= self._grow(chunk.doc, span, text) or self._append(chunk, score, span, text)
        if packed:
            self.chunks.append((chunk.doc, chunk.number, score))

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
            if high == span[0]:
                cut = self._fitting(text)
                grown = replace(passage, span=(low, high + len(cut)), text=passage.text + cut)
            else:
                cut = self._fitting(text, from_end=True)
                grown = replace(passage, span=(low - len(cut), high), text=cut + passage.text)
            self.passages[place] = grown
            self.seen.update(_shingles(grown.text))
            return bool(cut)
        return False

    def _append(self, chunk: Chunk, score: float, span: Span, text: str) -> bool:
        passage = Passage(chunk.doc, chunk.number, score, chunk.label, span, text)
        head = count_tokens(_head(len(self.passages) + 1, passage))
        self.left -= head
        cut = self._fitting(text)
        if not cut:
            self.left = 0
            return False
        self.used += head
        self.passages.append(replace(passage, span=(span[0], span[0] + len(cut)), text=cut))
        self.seen.update(_shingles(cut))
        return True

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


def pack(chunks: Chunks, ranked: Sequence[tuple[int, float]], budget: int) -> Context:
    """Pack chunks best first until ``budget`` tokens (MiniLM's word pieces) are used.

    Tokens are counted piece by piece: a word cut by the border of two chunks may count one more than in one text.
    Nothing is packed twice: of a chunk that overlaps a passage only the rest is added, to that passage, and a copy in
    another document, whole or in part, is left out. What has no room is cut.
    """
    packing = _Packing(budget)
    for place, score in ranked:
        if packing.left <= 0:
            break
        packing.add(chunks[place], score)
    passages = packing.passages
    text = "\n\n".join(_head(number, passage) + passage.text for number, passage in enumerate(passages, 1))
    return Context(passages, packing.chunks, text, packing.used)


def _shingles(text: str) -> list[str]:
    """Return every run of ``SHINGLE`` words of a text, or all its words where they are fewer."""
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]


def _head(number: int, passage: Passage) -> str:
    return f"[{number}] {passage.doc} — {passage.label}\n"
