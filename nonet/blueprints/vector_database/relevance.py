"""Relevant texts as a person gives them: qrels, or JSONL beside the queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from nonet.errors import InputError

_REMEDY = 'Write "query-id<TAB>text-id<TAB>grade" a line, or JSONL {"id": …, "relevant": [text id, …]}.'


def read(path: Path) -> dict[str, dict[str, float]]:
    """Return query id → text id → grade above 0.

    Raises:
        InputError: a line is malformed, or nothing is relevant.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", _REMEDY) from error
    found: dict[str, dict[str, float]] = {}
    jsonl = path.suffix.lower() in (".jsonl", ".json")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows = list(_json(line)) if jsonl else _qrel(line, number)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path.name}:{number} names no relevant text: {error}.", _REMEDY) from error
        for query, text, grade in rows:
            if grade > 0:
                found.setdefault(query, {})[text] = grade
    if not found:
        raise InputError(f"{path.name} names no relevant text.", _REMEDY)
    return found


def _json(line: str) -> Iterator[tuple[str, str, float]]:
    row: Any = json.loads(line)
    for each in row["relevant"]:
        if isinstance(each, dict):
            known = cast("dict[str, Any]", each)
            yield str(row["id"]), str(known["doc"]), float(known.get("grade", 1))
        else:
            yield str(row["id"]), str(each), 1.0


def _qrel(line: str, number: int) -> list[tuple[str, str, float]]:
    parts = line.split("\t") if "\t" in line else line.split()
    if len(parts) == 4:  # TREC's own form has a column between query and document
        parts = [parts[0], parts[2], parts[3]]
    if len(parts) != 3:
        raise ValueError(f"{len(parts)} columns")
    try:
        return [(parts[0], parts[1], float(parts[2]))]
    except ValueError:
        if number == 1:
            return []  # the header
        raise
