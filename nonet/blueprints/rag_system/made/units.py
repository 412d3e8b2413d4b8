"""Made questions as units, with the measuring copy in which their words are hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.hiding import Hider
from nonet.blueprints.rag_system.made import headings, notes, sentences
from nonet.blueprints.rag_system.made.choice import apart, candidates, chosen
from nonet.blueprints.rag_system.made.question import Made, digest, ordered
from nonet.blueprints.rag_system.made.quotas import BESIDE, MOST, TIMED
from nonet.blueprints.rag_system.made.quotes import answers
from nonet.blueprints.rag_system.phrases import Phrase, phrase
from nonet.errors import InputError
from nonet.state import Json
from nonet.trials.contract import Unit, UnitSet


def units(documents: Sequence[Document]) -> tuple[UnitSet, list[Document]]:
    """Make questions where none are given; return them with the measuring copy.

    Raises:
        InputError: no question can be made of these documents.
    """
    asked = chosen(candidates(documents), MOST)
    if not asked:
        raise InputError(
            "No questions can be made: the documents have no headings, docstrings, links or sentences to ask.",
            "Give questions: --questions FILE.",
        )
    copy, made, said = _measurable(asked, documents)
    return UnitSet(made, notes.alone(asked, len(documents)) + said, True, timing(documents, made)), copy


def beside(given: Sequence[Unit], documents: Sequence[Document]) -> tuple[UnitSet, list[Document]]:
    """Join made questions to given ones that are too few to seal any; return all with the measuring copy.

    All of them choose, none is sealed. The pages that given questions ask for are the same in the copy, letter for
    letter: no question is made of them, nor of words that stand on them. Other pages may lose words, under every design
    alike. Every question counts once, and made ones are ``BESIDE`` at most: a given one counts no less than a made one.
    """
    wanted = {page for unit in given for page in _relevant(unit)}
    pages = [document for document in documents if document.id in wanted]
    found, same = apart(candidates(documents), {phrase(_text(unit)) for unit in given}, pages)
    asked = chosen(found, BESIDE)
    copy, made, said = _measurable(asked, documents)
    every = [*given, *made]
    said = notes.together(len(given), asked, same) + said
    return UnitSet(every, said, bool(asked), timing(documents, every), seal=False), copy


def timing(documents: Sequence[Document], asked: Sequence[Unit]) -> list[Unit]:
    """Return made questions, none of them among ``asked``, so that there are enough distinct ones to time p99."""
    known = {phrase(_text(unit)) for unit in asked}
    if len(known) >= TIMED:
        return []
    spare = [*ordered(headings.find(documents)), *ordered(sentences.find(documents, apart=1))]
    fresh = {question.words: question for question in spare if question.words not in known}
    return [_unit(question, None) for question in list(fresh.values())[: TIMED - len(known)]]


def _measurable(asked: Sequence[Made], documents: Sequence[Document]) -> tuple[list[Document], list[Unit], list[str]]:
    """Hide what is asked; return the copy, the units with their quoted answers, and what to say of those."""
    hider = Hider(question.words for question in asked)
    copy = [hider.document(document) for document in documents]
    quotes = answers(asked, copy)
    made = [_unit(question, _label(question, quotes)) for question in asked]
    return copy, made, notes.quoted(len(quotes), len(asked))


def _label(question: Made, quotes: Mapping[Phrase, str]) -> Json:
    grades: dict[str, Json] = dict.fromkeys(question.pages, 1.0)
    return {"relevant": grades, "quote": quotes.get(question.words)}


def _unit(question: Made, label: Json) -> Unit:
    content = " ".join(question.words)
    key = f"{question.kind}-{digest(content)}"
    return Unit(key=key, features={"text": question.text}, label=label, content=content, kind="made")


def _text(unit: Unit) -> str:
    return str(unit.features["text"])


def _relevant(unit: Unit) -> set[str]:
    label = unit.label
    relevant = label["relevant"] if isinstance(label, Mapping) else None
    return set(relevant) if isinstance(relevant, Mapping) else set()
