"""What a reader gets: passages, and the one text they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """Continuous text of a page: a chunk, grown by the chunks that overlap it.

    Attributes:
        chunk: number of the best-ranked chunk in it, ``score`` that chunk's score.
        rank: 1 for the passage of the best chunk, and so on; its number in the context is its place there.
        span: characters of the page's text that it stands for.
        text: what is shown of them: all, or what compression left.
    """

    doc: str
    chunk: int
    score: float
    rank: int
    label: str
    span: Span
    text: str


@dataclass(frozen=True)
class Context:
    """What a reader gets.

    Attributes:
        passages: in the order of the text; passage ``n`` is cited as ``[n]``, counted from 1.
        chunks: (document, chunk number, score) of everything packed, in order of rank.
        places: the same chunks by their index in the whole index.
        text: the passages, each under a numbered line naming its document.
        tokens: length of the text in MiniLM's word pieces.
    """

    passages: Sequence[Passage]
    chunks: Sequence[tuple[str, int, float]]
    places: Sequence[int]
    text: str
    tokens: int


def head(number: int, passage: Passage) -> str:
    """Return the line above a passage."""
    return f"[{number}] {passage.doc} — {passage.label}\n"


def written(passages: Sequence[Passage]) -> str:
    """Join the passages, each under its line."""
    return "\n\n".join(head(number, passage) + passage.text for number, passage in enumerate(passages, 1))
