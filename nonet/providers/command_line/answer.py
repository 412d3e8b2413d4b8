"""Finding the answer in what an agent printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from nonet.errors import ServiceError
from nonet.providers.command_line.description import Output


@dataclass(frozen=True)
class Answer:
    """An answer's text, and what a later question continues by ("" where nothing does)."""

    text: str
    session: str = ""


def read(name: str, printed: bytes, output: Output) -> Answer:
    """Find the answer.

    Raises:
        ServiceError: it is not where the description says.
    """
    text = printed.decode("utf-8", errors="replace")
    if output.form == "text":
        return Answer(text.strip())
    objects = list(_objects(text, lines=output.form == "jsonl"))
    carrying = [each for each in objects if all(str(_at(each, path)) == value for path, value in output.event.items())]
    found = [said for each in carrying if isinstance(said := _at(each, output.answer), str)]
    if not found:
        raise ServiceError(f"{name} printed no answer at {output.answer!r}", "malformed")
    sessions = [said for each in objects if output.session and isinstance(said := _at(each, output.session), str)]
    return Answer(found[-1].strip(), sessions[-1] if sessions else "")


def _objects(text: str, *, lines: bool) -> Iterable[Mapping[str, Any]]:
    """Yield the JSON objects: of every line that is one, or of the whole; what is said around them is passed over."""
    parts = text.splitlines() if lines else [text, text[text.find("{") : text.rfind("}") + 1]]
    for part in parts:
        try:
            data = json.loads(part)
        except ValueError:
            continue
        if isinstance(data, dict):
            yield cast("Mapping[str, Any]", data)


def _at(data: object, path: str) -> object:
    for name in path.split("."):
        data = cast("Mapping[str, object]", data).get(name) if isinstance(data, dict) else None
    return data
