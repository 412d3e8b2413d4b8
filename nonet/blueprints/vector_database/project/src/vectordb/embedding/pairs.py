"""What an encoder is tuned on: questions beside texts that answer them, given, judged, or made of texts.

Whatever was given, no question that is measured by is among them: pairs whose question is one of those are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vectordb import data, made
from vectordb.errors import DataError

FILE = "pairs.jsonl"
FIT = "fit.jsonl"
MOST = 20_000
"""Pairs that are trained on at most, evenly spaced."""
FEWEST = 8


@dataclass(frozen=True)
class Pair:
    """A question, a text that answers it and, if there is one, a text that only seems to."""

    query: str
    positive: str
    negative: str = ""


def read(path: Path) -> list[Pair]:
    """Read pairs: JSONL ``{"query", "positive", "negative"?}``.

    Raises:
        DataError: a line is none, or there is none at all.
    """
    found: list[Pair] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8: {error.reason} at byte {error.start}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path.name}:{number} is no JSON: {error}.") from error
        parts = [row.get(name) for name in ("query", "positive")] if isinstance(row, dict) else []
        negative = row.get("negative") or "" if isinstance(row, dict) else ""
        if len(parts) != 2 or not all(isinstance(part, str) and part.strip() for part in (*parts, negative or "-")):
            raise DataError(f'{path.name}:{number} is no pair; write {{"query": …, "positive": …, "negative"?: …}}.')
        found.append(Pair(parts[0], parts[1], negative))
    if not found:
        raise DataError(f"{path.name} holds no pair.")
    return found


def made_of(texts: Sequence[Mapping[str, Any]]) -> list[Pair]:
    """Make pairs of texts: a title or first sentence, and the rest of its text."""
    found = ((row, made.one(row)) for row in texts)
    return [Pair(question[0], data.passage(question[1])) for _, question in found if question is not None]


def unmeasured(pairs: Iterable[Pair], questions: Iterable[str]) -> list[Pair]:
    """Leave out the pairs whose question is measured by, whatever its case and spaces."""
    known = {_plain(question) for question in questions}
    return [pair for pair in pairs if _plain(pair.query) not in known]


def write(path: Path, pairs: Sequence[Pair]) -> None:
    """Write pairs."""
    data.write_rows(path, [vars(pair) for pair in pairs])


def of_data(folder: Path) -> list[Pair]:
    """Return the pairs of a data folder: those that lie there, and those of its questions that may be learned from."""
    found = [Pair(**row) for row in data.read_rows(folder / FILE)]
    fitted = data.read_rows(folder / FIT)
    if fitted:
        texts = {row["id"]: data.passage(row) for row in data.read_rows(folder / "texts.jsonl")}
        for row in fitted:
            relevant = row["label"].get("relevant") or {}
            found += [Pair(row["features"]["text"], texts[name]) for name in relevant if name in texts]
    step = max(1, -(-len(found) // MOST))
    return found[::step]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
