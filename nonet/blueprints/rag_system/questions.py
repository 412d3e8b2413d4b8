"""The user's own questions as units: their documents resolved, what cannot be asked named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.question_files import Given, Question
from nonet.blueprints.rag_system.scoring import plain
from nonet.errors import InputError
from nonet.state import Json
from nonet.trials.contract import Unit


def units(found: Given, documents: Sequence[Document], skipped: Mapping[str, str]) -> tuple[list[Unit], list[str]]:
    """Resolve questions to units, with notes for the report.

    A question with only a quote is about every document that contains it (white space and case aside). Documents that
    were skipped when reading are taken off, and questions of which nothing is left.

    Raises:
        InputError: questions name unknown documents, or a quote stands in no document.
    """
    known = {document.id for document in documents}
    _refuse_unknown(found.questions, known | set(skipped))
    texts = {document.id: plain(f"{document.title}\n{document.text}") for document in documents if _quotes(found)}
    made: list[Unit] = []
    unreadable: list[str] = []
    missing_quotes = 0
    for question in found.questions:
        holders = [doc for doc, text in texts.items() if plain(question.quote) in text] if question.quote else []
        missing_quotes += bool(question.quote and not holders)
        relevant = {doc: grade for doc, grade in question.relevant.items() if doc in known}
        if not question.relevant:
            if not holders:
                raise InputError(
                    f"{question.place}: no document contains the quoted answer {_short(question.quote or '')!r}.",
                    'Quote it word for word, or name the documents: "relevant": [...].',
                )
            relevant = dict.fromkeys(holders, 1.0)
        if relevant:
            made.append(_unit(question, relevant))
        else:
            unreadable.append(question.id)
    if not made:
        raise InputError("No question has a relevant document that could be read.", "See the skipped files.")
    return made, _notes(made, unreadable, missing_quotes, found.unjudged)


def _notes(made: Sequence[Unit], unreadable: Sequence[str], missing_quotes: int, unjudged: int) -> list[str]:
    notes = [f"{len(made)} given questions with their relevant documents."]
    if unreadable:
        notes.append(f"{len(unreadable)} questions were dropped: their documents were skipped ({_first(unreadable)}).")
    if unjudged:
        notes.append(f"{unjudged} queries without a positive judgement were left out.")
    if missing_quotes:
        notes.append(f"{missing_quotes} quoted answers stand in no document as it was read; no context can hold them.")
    return notes


def _unit(question: Question, relevant: Mapping[str, float]) -> Unit:
    grades: dict[str, Json] = {doc: relevant[doc] for doc in sorted(relevant)}
    label: dict[str, Json] = {"relevant": grades, "quote": question.quote}
    return Unit(key=question.id, features={"text": question.text}, label=label, content=plain(question.text))


def _quotes(found: Given) -> bool:
    return any(question.quote for question in found.questions)


def _refuse_unknown(asked: Sequence[Question], known: set[str]) -> None:
    unknown = [(q.place, doc) for q in asked for doc in q.relevant if doc not in known]
    if unknown:
        place, _ = unknown[0]
        names = list(dict.fromkeys(doc for _, doc in unknown))
        raise InputError(
            f"{place}: the questions name {len(names)} documents that are not in the corpus: {_first(names)}.",
            "Name documents by their path below the corpus, or by their id in corpus.jsonl.",
        )


def _first(names: Sequence[str], count: int = 3) -> str:
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
