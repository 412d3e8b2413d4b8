"""Which questions are asked: so many of each kind, spread over the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made import docstrings, headings, links, sentences
from nonet.blueprints.rag_system.made.question import Kind, Made, ordered
from nonet.blueprints.rag_system.made.quotas import ENOUGH, SHARES
from nonet.blueprints.rag_system.phrases import Phrase, Phrases

FINDERS: Mapping[Kind, Callable[[Sequence[Document]], list[Made]]] = {
    "heading": headings.find,
    "docstring": docstrings.find,
    "link": links.find,
    "sentence": sentences.find,
}


def candidates(documents: Sequence[Document]) -> dict[Kind, list[Made]]:
    """Return every question that can be made, by kind, in the order in which a kind's are taken.

    A phrase is asked once, as the first of its kinds in ``FINDERS``.
    """
    found: dict[Kind, list[Made]] = {}
    taken: set[Phrase] = set()
    for kind, find in FINDERS.items():
        fresh = [question for question in find(documents) if question.words not in taken]
        taken |= {question.words for question in fresh}
        found[kind] = ordered(fresh)
    return found


def chosen(found: Mapping[Kind, Sequence[Made]], most: int) -> list[Made]:
    """Choose up to ``most`` questions by the kinds' shares; the same documents give the same questions.

    One after the other goes to the kind that is furthest behind its share (D'Hondt's method) and has one left. A kind
    without a share is asked only where the others together are fewer than ``ENOUGH``.
    """
    counts: dict[Kind, int] = dict.fromkeys(found, 0)
    shared: dict[Kind, float] = {kind: share for kind, share in SHARES.items() if share and kind in found}
    while sum(counts.values()) < most:
        behind: dict[Kind, float] = {
            kind: share / (counts[kind] + 1) for kind, share in shared.items() if counts[kind] < len(found[kind])
        }
        if not behind:
            break
        counts[max(behind, key=behind.__getitem__)] += 1
    for kind in found:
        if kind not in shared:
            counts[kind] = max(0, min(len(found[kind]), min(ENOUGH, most) - sum(counts.values())))
    return [question for kind, questions in found.items() for question in questions[: counts[kind]]]


def apart(
    found: Mapping[Kind, Sequence[Made]], asked: set[Phrase], pages: Sequence[Document]
) -> tuple[dict[Kind, list[Made]], int]:
    """Keep the questions that stand apart from given ones: hiding their words changes nothing on ``pages``.

    Args:
        found: candidates by kind.
        asked: the given questions' words; made ones of the same words are dropped.
        pages: what the given questions ask for.

    Returns:
        The candidates left, and how many were dropped because a given question has their words.
    """
    same = sum(question.words in asked for questions in found.values() for question in questions)
    ids = {page.id for page in pages}
    left: dict[Kind, list[Made]] = {
        kind: [made for made in questions if made.words not in asked and not ids & {*made.pages}]
        for kind, questions in found.items()
    }
    phrases = Phrases(made.words for questions in left.values() for made in questions)
    standing = {words for page in pages for words in phrases.found(f"{page.title}\n\n{page.text}")}
    return {kind: [made for made in questions if made.words not in standing] for kind, questions in left.items()}, same
