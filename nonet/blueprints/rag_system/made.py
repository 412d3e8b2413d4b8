"""Made questions: headings, first lines of docstrings and, when those are few, sentences; each asks for its page.

On documentation with real questions beside them, the mean scores of designs on headings correlated .94 with those on
the real questions, on sentences .76, on link texts .40: headings come first, sentences fill up, links are not used.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nonet.blueprints.rag_system.documents import Document, Section
from nonet.blueprints.rag_system.hiding import Hider, Phrase, phrase
from nonet.errors import InputError
from nonet.state import Json
from nonet.trials.contract import Unit, UnitSet

Kind = Literal["heading", "docstring", "sentence"]

MOST = 400
"""Enough to seal 160, which show a difference of about .04 in nDCG@10, and to time p99 (299); more only costs time."""
ENOUGH = 100
"""With fewer headings than this, sentences fill up: 40 are then sealed."""
TIMED = 300
"""Distinct questions that p99 needs (299), and one."""
_HEADING_WORDS = range(3, 13)
_SENTENCE_WORDS = range(8, 31)
_PAGES = 3
_WORDS_LEFT = 20


@dataclass(frozen=True)
class Made:
    """A question made of a phrase, and the pages where the phrase names something."""

    text: str
    words: Phrase
    pages: tuple[str, ...]
    kind: Kind


def units(documents: Sequence[Document]) -> tuple[UnitSet, list[Document]]:
    """Make questions; return them with the measuring copy, in which their words are hidden everywhere.

    Raises:
        InputError: no question can be made of these documents.
    """
    chosen = questions(documents, MOST)
    if not chosen:
        raise InputError(
            "No questions can be made: the documents have no headings, docstrings or sentences to ask.",
            "Give questions: --questions FILE.",
        )
    hider = Hider(question.words for question in chosen)
    copy = [hider.document(document) for document in documents]
    made = [_unit(question) for question in chosen]
    return UnitSet(units=made, notes=_notes(chosen, len(documents)), hidden=True, timing=timing(documents, made)), copy


def timing(documents: Sequence[Document], asked: Sequence[Unit]) -> list[Unit]:
    """Return made questions, none of them among ``asked``, so that there are enough distinct ones to time p99."""
    wanted = TIMED - len({unit.content for unit in asked})
    if wanted <= 0:
        return []
    known = {unit.content for unit in asked}
    spare = [*_ordered(headings(documents)), *_ordered(sentences(documents))]
    fresh = {question.words: question for question in spare if " ".join(question.words) not in known}
    return [_unit(question, labelled=False) for question in list(fresh.values())[:wanted]]


def questions(documents: Sequence[Document], most: int) -> list[Made]:
    """Choose up to ``most`` questions, spread over the pages; the same documents give the same questions."""
    chosen = _ordered(headings(documents))[:most]
    if len(chosen) < min(ENOUGH, most):
        taken = {question.words for question in chosen}
        fill = [question for question in _ordered(sentences(documents)) if question.words not in taken]
        chosen += fill[: min(ENOUGH, most) - len(chosen)]
    return chosen


def headings(documents: Sequence[Document]) -> list[Made]:
    """Return headings and docstrings' first lines of 3 to 12 words that name something on at most 3 pages."""
    texts: dict[Phrase, tuple[str, Kind]] = {}
    pages: dict[Phrase, set[str]] = defaultdict(set)
    rich = {document.id for document in documents if len(phrase(document.text)) >= 2 * _WORDS_LEFT}
    for document in documents:
        for text, kind in _named(document):
            words = phrase(text)
            texts.setdefault(words, (text, kind))
            pages[words].add(document.id)
    asked = [words for words in texts if len(words) in _HEADING_WORDS and len(pages[words]) <= _PAGES]
    return [
        Made(texts[words][0], words, tuple(sorted(pages[words])), texts[words][1])
        for words in asked
        if pages[words] <= rich and _says_something(texts[words][0])
    ]


def sentences(documents: Sequence[Document]) -> list[Made]:
    """Return sentences of 8 to 30 words of prose that stand on one page only."""
    texts: dict[Phrase, str] = {}
    pages: dict[Phrase, set[str]] = defaultdict(set)
    for document in documents:
        for section in document.sections:
            for text in _sentences(section.text):
                words = phrase(text)
                if len(words) in _SENTENCE_WORDS:
                    texts.setdefault(words, text)
                    pages[words].add(document.id)
    return [Made(text, words, (*pages[words],), "sentence") for words, text in texts.items() if len(pages[words]) == 1]


def _named(document: Document) -> Iterator[tuple[str, Kind]]:
    if document.kind == "beir":
        yield _without_markup(document.title), "heading"
    for section in document.sections:
        if document.kind == "code":
            first = _first_line(section)
            if first:
                yield first, "docstring"
        elif section.heading:
            yield _without_markup(section.heading), "heading"


def _first_line(section: Section) -> str:
    """The summary of a docstring that goes on after it; a summary may run over two lines (PEP 257 says one)."""
    first, _, rest = section.text.strip().partition("\n\n")
    return " ".join(first.split()).rstrip(".") if section.heading and len(phrase(rest)) >= _WORDS_LEFT else ""


def _says_something(text: str) -> bool:
    """Words rather than names of code: at least three apart, most of letters, two long enough to carry meaning."""
    apart = [word.strip(".,:;!?()\"'’`") for word in text.split()]
    plain = [word for word in apart if word.replace("-", "").replace("'", "").isalpha()]
    return len(apart) >= 3 and len(plain) * 3 >= len(apart) * 2 and sum(1 for word in plain if len(word) > 3) >= 2


def _sentences(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n|^```.*?^```", text, flags=re.S | re.M):
        line = " ".join(block.split())
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])", line):
            letters = sum(character.isalpha() or character.isspace() for character in sentence)
            prose = sentence[:1].isupper() and sentence[-1:] in ".!?" and letters >= 0.9 * len(sentence)
            if prose:
                yield _without_markup(sentence)


def _without_markup(text: str) -> str:
    """Drop links' targets, emphasis, code marks, tags and a leading number of a section."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r":[a-z]+:(?=`)|<[^<>]{0,300}>|[*`]|\{#[^}]*\}", "", text)
    return " ".join(re.sub(r"^\s*(\d+\.)+\d*\s+", "", text).split()).strip("# ")


def _ordered(candidates: Iterable[Made]) -> list[Made]:
    """Order by rounds over the pages, one question a page each round; within that by hash."""
    by_page: dict[str, list[Made]] = defaultdict(list)
    for question in sorted(candidates, key=lambda question: _hash(" ".join(question.words))):
        by_page[question.pages[0]].append(question)
    rounds: list[tuple[int, str, Made]] = []
    for page, questions_of_page in by_page.items():
        rounds += [(number, _hash(page), question) for number, question in enumerate(questions_of_page)]
    return [question for _, _, question in sorted(rounds, key=lambda place: place[:2])]


def _unit(question: Made, labelled: bool = True) -> Unit:
    grades: dict[str, Json] = dict.fromkeys(question.pages, 1.0)
    content = " ".join(question.words)
    return Unit(
        key=f"{question.kind}-{_hash(content)}",
        features={"text": question.text},
        label={"relevant": grades, "quote": None} if labelled else None,
        content=content,
        kind="made",
    )


def _notes(chosen: Sequence[Made], pages: int) -> list[str]:
    counts = Counter(question.kind for question in chosen)
    parts = [f"{count} {kind}s" for kind, count in sorted(counts.items())]
    asked = len({page for question in chosen for page in question.pages})
    notes = [
        f"No questions were given. {len(chosen)} were made of the documents ({', '.join(parts)}, about {asked} of "
        f"{pages} pages); their words were hidden in every place of the measuring copy where they stood. The shipped "
        "index has all.",
        "This is a proxy: it can tell which designs find the page that a title or sentence belongs to, and on "
        "documentation it ordered designs much as real questions did. It cannot tell how well your users' wording is "
        "understood, whether answers are right, or how questions over several pages fare: give --questions for that.",
    ]
    if counts["sentence"] * 2 > len(chosen):
        notes.append("Most made questions are sentences, which order designs less well than headings do.")
    if pages < 10:
        notes.append(f"There are only {pages} pages: ranks among so few say little.")
    return notes


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
