"""Reading the user's own questions: JSONL, or BEIR queries with relevance judgements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from nonet.blueprints.rag_system.inputs import Inputs
from nonet.errors import InputError

_SHAPE = 'Each line: {"text": "…", "relevant": ["doc", {"doc": "…", "grade": 2}], "answer_quote": "…"}.'


@dataclass(frozen=True)
class Question:
    """A question, its relevant documents with grades above 0, and a quoted answer.

    Attributes:
        place: where it stands, for messages: ``file:line``.
    """

    id: str
    text: str
    relevant: Mapping[str, float]
    quote: str | None
    place: str


@dataclass(frozen=True)
class Given:
    """What was read: the questions, the files they came from, how many had no judgement and were left out."""

    questions: Sequence[Question] = ()
    paths: Sequence[Path] = field(default_factory=tuple)
    unjudged: int = 0


def given(inputs: Inputs) -> Given:
    """Read the given questions; nothing when there are none. A BEIR corpus brings its own.

    Raises:
        InputError: the questions are missing, empty or malformed; the message names the line.
    """
    corpus = Path(inputs.corpus).expanduser()
    if inputs.questions is None:
        beir = all((corpus / name).is_file() for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"))
        return _judged(corpus / "queries.jsonl", corpus / "qrels.tsv") if beir else Given()
    path = Path(inputs.questions).expanduser()
    if not path.exists():
        raise InputError(f"There are no questions at {inputs.questions}.", "Give a JSONL file: --questions PATH.")
    if path.is_dir():
        if not (path / "queries.jsonl").is_file() or not (path / "qrels.tsv").is_file():
            raise InputError(f"The folder {path} has no queries.jsonl with a qrels.tsv.", _SHAPE)
        return _judged(path / "queries.jsonl", path / "qrels.tsv")
    if path.name == "queries.jsonl" and (path.parent / "qrels.tsv").is_file():
        return _judged(path, path.parent / "qrels.tsv")
    found = [_question(record, place) for place, record in _records(path)]
    return Given(_distinct(found, path), (path,))


def _judged(queries: Path, qrels: Path) -> Given:
    judgements = _judgements(qrels)
    found: list[Question] = []
    unjudged = 0
    for place, record in _records(queries):
        identity = record.get("id", record.get("_id"))
        if identity is None:
            raise InputError(f'{place}: the query has no "id".', 'Each line: {"id": "…", "text": "…"}.')
        relevant = judgements.get(str(identity), {})
        if relevant:
            found.append(Question(str(identity), _text(record, place), relevant, None, place))
        else:
            unjudged += 1
    return Given(_distinct(found, queries), (queries, qrels), unjudged)


def _judgements(path: Path) -> dict[str, dict[str, float]]:
    """Query → document → grade, of grades above 0."""
    judgements: dict[str, dict[str, float]] = {}
    for number, line in enumerate(_lines(path), start=1):
        cells = line.rstrip("\n").split("\t")
        if not line.strip() or (number == 1 and not _is_number(cells[-1])):
            continue
        cells = [cells[0], *cells[-2:]] if len(cells) == 4 else cells
        if len(cells) != 3 or not _is_number(cells[2]):
            raise InputError(f"{path}:{number}: not a judgement.", "Each line: query-id, corpus-id, score, by tabs.")
        if float(cells[2]) > 0:
            judgements.setdefault(cells[0], {})[cells[1]] = float(cells[2])
    return judgements


def _question(record: Mapping[str, object], place: str) -> Question:
    raw, quote = record.get("relevant", []), record.get("answer_quote")
    if not isinstance(raw, list):
        raise InputError(f'{place}: "relevant" must be a list.', _SHAPE)
    if quote is not None and not isinstance(quote, str):
        raise InputError(f'{place}: "answer_quote" must be a text.', _SHAPE)
    relevant = dict(_relevance(item, place) for item in raw)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    relevant = {doc: grade for doc, grade in relevant.items() if grade > 0}
    quote = quote.strip() if quote else None
    if not relevant and not quote:
        raise InputError(f"{place}: the question has neither relevant documents nor a quoted answer.", _SHAPE)
    identity = record.get("id")
    return Question(place if identity is None else str(identity), _text(record, place), relevant, quote or None, place)


def _relevance(item: object, place: str) -> tuple[str, float]:
    if isinstance(item, str):
        return item, 1.0
    if isinstance(item, dict):
        named = cast("dict[str, object]", item)
        doc, grade = named.get("doc"), named.get("grade", 1)
        if isinstance(doc, str) and isinstance(grade, int | float) and not isinstance(grade, bool):
            return doc, float(grade)
    raise InputError(f"{place}: {_short(json.dumps(item))} is no relevant document.", _SHAPE)


def _text(record: Mapping[str, object], place: str) -> str:
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f'{place}: the question has no "text".', _SHAPE)
    return text.strip()


def _records(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    seen = False
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        seen = True
        place = f"{path.name}:{number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise InputError(f"{place}: not valid JSON ({reason}).", _SHAPE) from error
        if not isinstance(record, dict):
            raise InputError(f"{place}: not a JSON object.", _SHAPE)
        yield place, record  # pyright: ignore[reportUnknownVariableType]
    if not seen:
        raise InputError(f"The questions {path} are empty.", _SHAPE)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Give a readable file.") from error


def _distinct(found: Sequence[Question], path: Path) -> Sequence[Question]:
    seen: dict[str, str] = {}
    for question in found:
        if question.id in seen:
            first = seen[question.id]
            raise InputError(
                f"{question.place}: the id {question.id!r} stands at {first} too.", "Give each its own id."
            )
        seen[question.id] = question.place
    if not found:
        raise InputError(f"No query of {path} has a relevant document.", "Give judgements with a score above 0.")
    return found


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
