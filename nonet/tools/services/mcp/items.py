"""What an MCP server returned, as our items: objects with a place and a text where it gives such, else its text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from nonet.errors import ServiceError
from nonet.tools.contract import EXCERPT_LIMIT, Item

_PLACE = ("reference", "url", "uri", "path", "file", "id")
_TITLE = ("title", "name", "path", "url")
_TEXT = ("excerpt", "content", "text", "markdown", "snippet", "description", "summary")
_LISTS = ("items", "results", "result", "matches", "data", "documents")


def items(source: str, content: object, artifact: object) -> list[Item]:
    """Read an answer: structured content first, then JSON in its text blocks, then the text itself.

    Raises:
        ServiceError: it holds neither text nor anything structured.
    """
    structured = _objects(cast("Mapping[str, object]", artifact).get("structured_content")) if artifact else []
    texts = list(_texts(content))
    found = structured or [each for text in texts for each in _objects(_parsed(text))]
    if found:
        return [_item(source, number, each) for number, each in enumerate(found, start=1)]
    if texts:
        return [
            Item(reference=f"{source}#{number}", title=source, excerpt=text[:EXCERPT_LIMIT])
            for number, text in enumerate(texts, start=1)
            if text.strip()
        ]
    if content in ("", [], None):
        return []
    raise ServiceError(f"{source} answered with nothing that can be read as text", "malformed")


def _texts(content: object) -> Sequence[str]:
    if isinstance(content, str):
        return [content] if content else []
    blocks = cast("list[object]", content) if isinstance(content, list) else []
    found = [cast("Mapping[str, object]", block).get("text") for block in blocks if isinstance(block, dict)]
    return [text for text in found if isinstance(text, str)]


def _parsed(text: str) -> object:
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _objects(data: object) -> list[Mapping[str, object]]:
    """Return the objects of a list, of a list within an object, or an object that has a text itself."""
    if isinstance(data, list):
        each = [cast("Mapping[str, object]", one) for one in cast("list[object]", data) if isinstance(one, dict)]
        return [one for one in each if _first(one, _TEXT)]
    if not isinstance(data, dict):
        return []
    mapping = cast("Mapping[str, object]", data)
    for name in _LISTS:
        if isinstance(mapping.get(name), list):
            return _objects(mapping[name])
    return [mapping] if _first(mapping, _TEXT) else []


def _item(source: str, number: int, found: Mapping[str, object]) -> Item:
    return Item(
        reference=_first(found, _PLACE) or f"{source}#{number}",
        title=_first(found, _TITLE) or source,
        excerpt=_first(found, _TEXT)[:EXCERPT_LIMIT],
    )


def _first(found: Mapping[str, object], names: Sequence[str]) -> str:
    return next((str(found[name]) for name in names if isinstance(found.get(name), str | int) and found[name]), "")
