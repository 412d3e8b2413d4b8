"""First lines of docstrings: each asks for the page that documents what it sums up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made.named import asked
from nonet.blueprints.rag_system.made.prose import WORDS_LEFT
from nonet.blueprints.rag_system.made.question import Made
from nonet.blueprints.rag_system.phrases import phrase


def find(documents: Sequence[Document]) -> list[Made]:
    """Return the summaries of 3 to 12 words of docstrings that go on after them."""
    return asked(_summaries(documents), documents, "docstring")


def _summaries(documents: Sequence[Document]) -> Iterator[tuple[str, str, int]]:
    """Yield (summary, page, section); a summary may run over two lines (PEP 257 says one)."""
    for document in documents:
        if document.kind != "code":
            continue
        for number, section in enumerate(document.sections):
            first, _, rest = section.text.strip().partition("\n\n")
            if section.heading and len(phrase(rest)) >= WORDS_LEFT:
                yield " ".join(first.split()).rstrip("."), document.id, number
