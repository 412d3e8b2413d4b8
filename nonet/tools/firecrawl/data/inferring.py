"""What a model reads out of a page, held against the page: each value stands in its text, or is marked as inferred."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nonet.errors import ToolError
from nonet.state import Json
from nonet.tools.contract import Extract
from nonet.tools.firecrawl.data import schemas
from nonet.tools.firecrawl.data.filling import Filled
from nonet.tools.firecrawl.data.schemas import Wanted
from nonet.tools.firecrawl.data.values import Unreadable, number

TEXT_LIMIT = 60_000
"""Characters of a page that a model is shown."""
_MARKS = re.compile(r"[^\w.,:/%€$£-]+")
_NUMBER = re.compile(r"\d[\d.,'’\u00a0\u202f]*")


async def completed(filled: Filled, wanted: Wanted, text: str, extract: Extract) -> Filled:
    """Ask a model for what was not found without one; what was found stays as it is.

    A model that fails leaves a note.
    """
    absent = {name: each for name, each in wanted.properties.items() if filled.values.get(name) is None}
    if not absent:
        return filled
    asked = replace(wanted, properties=absent)
    try:
        answer = await extract(text[:TEXT_LIMIT], schemas.described(asked))
    except ToolError as error:
        return replace(filled, notes=[*filled.notes, f"The model was asked for the rest and failed: {error.message}"])
    found, wrong = marked(answer, asked, text[:TEXT_LIMIT], "the model")
    notes = [*filled.notes, *found.notes, *(f"The model's answer was left out: {each}." for each in wrong)]
    if len(text) > TEXT_LIMIT:
        notes.append(f"The model was shown the first {TEXT_LIMIT:,} characters.")
    kept = [path for path in filled.missing if re.split(r"[.\[]", path, maxsplit=1)[0] not in absent]
    return Filled(
        values={name: found.values.get(name) if name in absent else filled.values[name] for name in wanted.properties},
        origins={**filled.origins, **found.origins},
        missing=[*kept, *found.missing],
        notes=notes,
    )


def marked(answer: Mapping[str, Any], wanted: Wanted, text: str, who: str) -> tuple[Filled, list[str]]:
    """Check a model's answer against the schema and the page's text.

    Returns:
        What holds, property by property, its origins saying ``verbatim`` or ``inferred``; and what is not of the schema
        and was left out.
    """
    said, numbers = _plain(text), _numbers(text)
    filled, wrong = Filled(), list[str]()
    for name, each in wanted.properties.items():
        value: Json = answer.get(name)
        found = schemas.problems(value, each, name)
        if found:
            wrong += [f"{path} {reason}" for path, reason in found[:1]]
            value = None
        filled.values[name] = value
        leaves = [(path, leaf) for path, leaf in _leaves(value, name) if leaf is not None]
        if not leaves:
            filled.values[name] = None
            filled.missing.append(name)
            continue
        inferred = [path for path, leaf in leaves if not _stands(leaf, said, numbers)]
        if inferred:
            shown = "" if inferred == [name] else f" ({', '.join(inferred[:5])}{' …' if len(inferred) > 5 else ''})"
            filled.origins[name] = f"inferred by {who}{shown}"
        else:
            filled.origins[name] = f"read by {who}, verbatim in the page"
    return filled, wrong


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _leaves(each, f"{path}.{name}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, f"{path}[{at}]")
    else:
        yield path, value


def _stands(value: Json, said: str, numbers: frozenset[float]) -> bool:
    """Whether a page says a value: a text with its words in order, a number in any way of writing it."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(float(value)) in numbers
    return _plain(str(value)) in said


def _plain(text: str) -> str:
    """A text without marks of Markdown, in one case and with single spaces; bounded by spaces, so that words count."""
    words = _MARKS.sub(" ", text.casefold()).split()
    return f" {' '.join(words)} "


def _numbers(text: str) -> frozenset[float]:
    found: set[float] = set()
    for match in _NUMBER.finditer(text):
        try:
            found.add(number(match[0].strip(".,'’"))[0])
        except Unreadable:
            continue
    return frozenset(found)
