"""What a made question is, whatever it is made of, and in what order questions are taken."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nonet.blueprints.rag_system.phrases import Phrase

Kind = Literal["heading", "docstring", "sentence", "link"]


@dataclass(frozen=True)
class Made:
    """A question made of a phrase, and the pages that it asks for.

    Attributes:
        text: the question as it is asked.
        words: what must be hidden: the phrase, folded.
        pages: ids of the pages where the phrase names something, or to which it points.
        section: index of the section of the first page that answers; ``None`` when the page as a whole does.
        near: sentences of that page that answer, the best first; when there are none, the section's own.
    """

    text: str
    words: Phrase
    pages: tuple[str, ...]
    kind: Kind
    section: int | None = None
    near: tuple[str, ...] = ()


def ordered(candidates: Iterable[Made]) -> list[Made]:
    """Order by rounds over the pages, one question a page each round; within that by hash."""
    by_page: dict[str, list[Made]] = defaultdict(list)
    for question in sorted(candidates, key=lambda question: digest(" ".join(question.words))):
        by_page[question.pages[0]].append(question)
    rounds: list[tuple[int, str, Made]] = []
    for page, questions_of_page in by_page.items():
        rounds += [(number, digest(page), question) for number, question in enumerate(questions_of_page)]
    return [question for _, _, question in sorted(rounds, key=lambda place: place[:2])]


def digest(text: str) -> str:
    """Return 16 hex digits that name a text."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
