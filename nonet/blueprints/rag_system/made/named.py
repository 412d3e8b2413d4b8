"""Phrases that name something on few pages: what headings and docstrings have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made.prose import PAGES, rich, says_something
from nonet.blueprints.rag_system.made.question import Kind, Made
from nonet.blueprints.rag_system.phrases import Phrase, phrase

WORDS = range(3, 13)
"""Fewer name a topic rather than ask for it; more are sentences."""


def asked(named: Iterable[tuple[str, str, int]], documents: Sequence[Document], kind: Kind) -> list[Made]:
    """Make questions of names that say something, stand on few pages, and leave those pages text to be found by.

    Args:
        named: (text, id of its page, index of its section).
        documents: all pages.
        kind: what the names are.
    """
    texts: dict[Phrase, str] = {}
    places: dict[Phrase, dict[str, int]] = {}
    for text, page, section in named:
        words = phrase(text)
        if len(words) in WORDS:
            texts.setdefault(words, text)
            places.setdefault(words, {}).setdefault(page, section)
    enough = rich(documents)
    found: list[Made] = []
    for words, text in texts.items():
        pages = places[words]
        if len(pages) <= PAGES and pages.keys() <= enough and says_something(text):
            # On several pages the name has several answers, and no one quote stands for them.
            section = next(iter(pages.values())) if len(pages) == 1 else None
            found.append(Made(text, words, tuple(sorted(pages)), kind, section))
    return found
