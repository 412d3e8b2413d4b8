"""Quoted answers of made questions: a sentence beside what was hidden, as it stands in the measuring copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile

from nonet.blueprints.rag_system.documents import Document, Section
from nonet.blueprints.rag_system.made import prose
from nonet.blueprints.rag_system.made.question import Made
from nonet.blueprints.rag_system.phrases import Phrase, Phrases, phrase
from nonet.blueprints.rag_system.scoring import plain

WORDS = range(5, 26)
"""Fewer tell nothing; of a longer sentence the beginning is quoted."""
_TRIED = 3
_LETTERS = 0.75


def answers(chosen: Sequence[Made], copy: Sequence[Document]) -> dict[Phrase, str]:
    """Return the words of a question → its quoted answer, for those that have one.

    A heading is answered by the first telling sentence under it (lower headings' text is under it too), a docstring's
    summary by the beginning of its rest, a sentence by its neighbour. A quote stands in the copy word for word (white
    space aside), and on no other page: boilerplate would be held by any context.
    """
    pages = {document.id: document for document in copy}
    proposed = {question.words: _proposed(question, pages[question.pages[0]]) for question in chosen}
    holders = _holders(Phrases(phrase(quote) for quotes in proposed.values() for quote in quotes), copy)
    found: dict[Phrase, str] = {}
    for question in chosen:
        own = (quote for quote in proposed[question.words] if holders[phrase(quote)] <= {*question.pages})
        if (quote := next(own, None)) is not None:
            found[question.words] = quote
    return found


def _proposed(question: Made, page: Document) -> list[str]:
    if question.section is None:
        return []
    if question.near:
        standing = plain(page.text)
        return [quote for quote in _quoted(question.near) if plain(quote) in standing]
    under = _under(page, question.section)
    telling = (sentence for section in under for sentence in prose.sentences(section.text, _LETTERS))
    return list(islice(_quoted(telling), _TRIED))


def _under(page: Document, place: int) -> Sequence[Section]:
    """A section and those of lower headings that follow it."""
    first, *rest = page.sections[place:]
    return [first, *takewhile(lambda section: section.level > first.level, rest)]


def _quoted(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        words = sentence.split()
        quote = " ".join(words[: WORDS.stop - 1])
        if len(phrase(quote)) >= WORDS.start:
            yield quote


def _holders(quotes: Phrases, copy: Sequence[Document]) -> Mapping[Phrase, set[str]]:
    holders: dict[Phrase, set[str]] = defaultdict(set)
    for document in copy:
        for words in quotes.found(document.text):
            holders[words].add(document.id)
    return holders
