"""Questions with the documents that answer them, from JSONL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import QuestionsError


@dataclass(frozen=True)
class Question:
    """A question; ``relevant`` gives each answering document's grade, ``quote`` the answer's own words."""

    id: str
    text: str
    relevant: Mapping[str, float] = field(default_factory=dict[str, float])
    quote: str | None = None


def read(path: Path) -> list[Question]:
    """Read ``{id?, text, relevant?: [doc or {doc, grade}], answer_quote?}`` a line; other keys are ignored.

    Raises:
        QuestionsError: the file is missing, or a line is malformed (its number is named).
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path} cannot be read: {error}.") from error
    found: list[Question] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_question(json.loads(line), str(number)))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise QuestionsError(f'{path}, line {number}: no question with a "text": {error}.') from error
    if not found:
        raise QuestionsError(f"{path} has no questions.")
    return found


def _question(value: Any, number: str) -> Question:
    text = value["text"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the text is empty")
    named: list[Any] = value.get("relevant") or []
    graded = [{"doc": item} if isinstance(item, str) else item for item in named]
    relevant = {str(item["doc"]): float(item.get("grade", 1)) for item in graded}
    return Question(str(value.get("id", number)), text, relevant, value.get("answer_quote"))
