"""Structured data as a tool's answer: JSON with the place of each value, cut where it is larger than one item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from nonet.state import Json, Scalar
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item
from nonet.tools.firecrawl.data.filling import Filled

ITEMS = 20
_ROOM = EXCERPT_LIMIT - 200


def presented(
    backend: str, reference: str, title: str, filled: Filled, unchecked: Sequence[str], source: str, note: str = ""
) -> Found:
    """Make the answer.

    The first item holds ``{"values": …, "origins": …}`` where both fit into one; else each property has items of its
    own (``URL#property``, ``URL#rows[0:25]``), every one of them JSON that stands by itself.
    """
    facts: Facts = {
        "source": source,
        "values": {name: cast("Scalar", value) for name, value in filled.values.items() if _scalar(value)},
        "origins": dict[str, Scalar](filled.origins),
    }
    whole = _json({"values": filled.values, "origins": filled.origins})
    if len(whole) <= EXCERPT_LIMIT:
        items = [Item(reference=reference, title=title or reference, excerpt=whole, facts=facts)]
        cut = ""
    else:
        parts = list(_parts("", {"values": filled.values, "origins": filled.origins}))
        items = [
            Item(
                reference=f"{reference}#{path}", title=title or reference, excerpt=text, facts=facts if at == 0 else {}
            )
            for at, (path, text) in enumerate(parts[:ITEMS])
        ]
        items[0] = items[0].model_copy(update={"facts": facts})
        cut = f"{len(parts)} parts were found; the first {ITEMS} are shown." if len(parts) > ITEMS else ""
    missing = f"Not found, and null: {', '.join(filled.missing[:30])}." if filled.missing else ""
    skipped = f"Not checked, for nothing here does: {', '.join(unchecked)}." if unchecked else ""
    said = [note, missing, *list(dict.fromkeys(filled.notes))[:10], skipped, cut]
    return Found(backend, items, " ".join(each for each in said if each))


def _parts(path: str, value: Json) -> Iterator[tuple[str, str]]:
    """Cut a value into pieces that fit, with their paths: mappings by name, lists into runs of rows."""
    text = _json(value)
    if len(text) <= _ROOM or not isinstance(value, Mapping | list):
        yield path, text[:EXCERPT_LIMIT]
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _parts(f"{path}.{name}" if path else name, each)
    else:
        start = 0
        while start < len(value):
            end = start + 1
            while end < len(value) and len(_json(value[start : end + 1])) <= _ROOM:
                end += 1
            if end == start + 1:
                yield from _parts(f"{path}[{start}]", value[start])
            else:
                yield f"{path}[{start}:{end}]", _json(value[start:end])
            start = end


def _scalar(value: Json) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
