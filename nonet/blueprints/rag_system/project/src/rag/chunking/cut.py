"""The chunks of a page by the design's kind of chunking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.chunking.headings import by_headings
from rag.chunking.parent_child import parent_child
from rag.chunking.recursive import recursive
from rag.chunking.ruler import Ruler, Span, Tokens, ruler
from rag.chunking.sentences import by_sentences
from rag.chunking.windows import fixed, windows
from rag.design import Design
from rag.documents.model import Page
from rag.sentences import trimmed


@dataclass(frozen=True)
class Cut:
    """A chunk's span of the page's text, and the span that is read where the chunk is found: often its own."""

    span: Span
    passage: Span


@dataclass(frozen=True)
class Chunked:
    """The chunks of a page in order, and how many tokens were embedded to find them."""

    cuts: Sequence[Cut]
    tokens_embedded: int = 0


def cut(page: Page, design: Design, tokens: Tokens) -> Chunked:
    """Cut a page; whitespace at the ends of chunks is left out, none is empty.

    Args:
        tokens: gives the spans of a text's word pieces; called only where the design counts tokens.
    """
    text, size, overlap = page.text, design.chunk_size, design.chunk_overlap
    if design.chunking == "page":
        return Chunked(_same(text, [(0, len(text))]))
    measure = ruler(text, design.chunk_unit, tokens)
    if design.chunking == "parent_child":
        families = parent_child(text, measure, size, overlap, design.parent_size)
        found = [Cut(trimmed(text, *child), trimmed(text, *parent)) for parent, own in families for child in own]
        return Chunked([chunk for chunk in found if chunk.span[0] < chunk.span[1]])
    if design.chunking == "semantic":
        from rag.chunking.semantic import semantic  # brings the embedding

        cuts, embedded = semantic(text, measure, size, design.semantic_percentile)
        return Chunked(_same(text, cuts), embedded)
    return Chunked(_same(text, _spans(page, measure, design)))


def spans(page: Page, design: Design, tokens: Tokens) -> list[Span]:
    """Return the chunks' spans alone."""
    return [chunk.span for chunk in cut(page, design, tokens).cuts]


def _spans(page: Page, measure: Ruler, design: Design) -> Iterable[Span]:
    text, size, overlap = page.text, design.chunk_size, design.chunk_overlap
    if design.chunking == "fixed":
        return fixed(0, len(text), measure, size, overlap)
    if design.chunking == "windows":
        return windows(0, len(text), measure, size, overlap)
    if design.chunking == "sentences":
        return by_sentences(text, measure, size, overlap)
    if design.chunking == "recursive":
        return recursive(text, measure, size, overlap)
    return by_headings(page, measure, size)


def _same(text: str, found: Iterable[Span]) -> list[Cut]:
    kept = (trimmed(text, start, end) for start, end in found)
    return [Cut(span, span) for span in kept if span[0] < span[1]]
