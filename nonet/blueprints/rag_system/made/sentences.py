"""Sentences of prose: each asks for the page it was taken out of; a neighbour of it is the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made import prose
from nonet.blueprints.rag_system.made.question import Made, digest
from nonet.blueprints.rag_system.phrases import Phrase, phrase

WORDS = range(8, 31)
APART = 4
"""Of so many sentences of a page one is asked at most: what is hidden must leave the page what it says."""


def find(documents: Sequence[Document], apart: int = APART) -> list[Made]:
    """Return sentences of 8 to 30 words that stand on one page only, which has text to be found by besides.

    One of ``apart`` sentences of a page is returned at most: 1 is for questions whose words nobody hides.
    """
    everywhere = [list(_sentences(document)) for document in documents]
    pages: dict[Phrase, set[str]] = defaultdict(set)
    for made in (made for found in everywhere for made in found):
        pages[made.words].update(made.pages)
    enough = prose.rich(documents)
    return [
        made
        for document, found in zip(documents, everywhere, strict=True)
        for place, made in enumerate(found, int(digest(document.id), 16))
        if place % apart == 0 and pages[made.words] == {document.id} <= enough and len(made.words) in WORDS
    ]


def _sentences(document: Document) -> Iterator[Made]:
    for number, section in enumerate(document.sections):
        raw = list(prose.sentences(section.text))
        for place, sentence in enumerate(raw):
            text = prose.without_markup(sentence)
            near = (*raw[place + 1 : place + 2], *raw[max(place - 1, 0) : place])
            yield Made(text, phrase(text), (document.id,), "sentence", number, near)
