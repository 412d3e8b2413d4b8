"""Headings, and titles of collections' records: each asks for the pages that it heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made.named import asked
from nonet.blueprints.rag_system.made.prose import without_markup
from nonet.blueprints.rag_system.made.question import Made


def find(documents: Sequence[Document]) -> list[Made]:
    """Return the headings of 3 to 12 words that name something on at most 3 pages."""
    return asked(_headings(documents), documents, "heading")


def _headings(documents: Sequence[Document]) -> Iterator[tuple[str, str, int]]:
    for document in documents:
        if document.kind == "code":
            continue  # its sections are headed by names of code
        for number, section in enumerate(document.sections):
            if section.heading:
                yield without_markup(section.heading), document.id, number
