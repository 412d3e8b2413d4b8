"""Packing the best chunks into a context of limited length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.chunks import Chunk, Chunks
from rag.embedding.files import count_tokens, token_spans

WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Passage:
    """A chunk, or what of it was new and had room.

    Attributes:
        chunk: the chunk's number in its document.
        score: the chunk's score in the ranking.
    """

    doc: str
    chunk: int
    score: float
    label: str
    text: str


@dataclass(frozen=True)
class Context:
    """Passages in order of rank, and the text a reader gets: each under a numbered line naming its document."""

    passages: Sequence[Passage]
    text: str
    tokens: int


def pack(chunks: Chunks, ranked: Sequence[tuple[int, float]], budget: int) -> Context:
    """Pack chunks best first until ``budget`` tokens (MiniLM's word pieces) are used.

    Text that is already packed is left out: spans of the same document that overlap, and copies elsewhere. The last
    passage is cut to what is left.
    """
    passages: list[Passage] = []
    parts: list[str] = []
    covered: dict[str, list[tuple[int, int]]] = {}
    seen: set[str] = set()
    left = budget
    for place, score in ranked:
        chunk = chunks[place]
        for text in _new(chunk, covered.setdefault(chunk.doc, []), seen):
            head = f"[{len(passages) + 1}] {chunk.doc} — {chunk.label}\n"
            used = count_tokens(head)
            body, length = _cut(text, left - used)
            if not body:
                return Context(passages, "\n\n".join(parts), budget - left)
            passages.append(Passage(chunk.doc, chunk.number, score, chunk.label, body))
            parts.append(head + body)
            left -= used + length  # word pieces never span the line break between them
            if len(body) < len(text):
                return Context(passages, "\n\n".join(parts), budget - left)
        covered[chunk.doc].append(chunk.span)
    return Context(passages, "\n\n".join(parts), budget - left)


def _new(chunk: Chunk, covered: Sequence[tuple[int, int]], seen: set[str]) -> list[str]:
    """Return the parts of a chunk outside the covered spans, less those whose words were packed before."""
    start, end = chunk.span
    pieces: list[str] = []
    place = start
    for low, high in [*sorted(covered), (end, end)]:
        if min(low, end) > place:
            pieces.append(chunk.text[place - start : min(low, end) - start].strip())
        place = max(place, high)
    fresh: list[str] = []
    for piece in pieces:
        words = " ".join(WORD.findall(piece.lower()))
        if words and words not in seen:
            seen.add(words)
            fresh.append(piece)
    return fresh


def _cut(text: str, tokens: int) -> tuple[str, int]:
    """Return the longest beginning of ``text`` of at most ``tokens`` tokens, and how many it has."""
    if tokens <= 0:
        return "", 0
    spans = token_spans(text)
    return (text, len(spans)) if len(spans) <= tokens else (text[: spans[tokens - 1][1]], tokens)
