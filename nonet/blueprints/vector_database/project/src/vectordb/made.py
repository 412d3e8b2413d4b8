"""Questions made of texts where none are given: a text's title, or its first sentence, which is then hidden from it.

A document is what its own title asks for. What finds it by words alone is favoured less than by a copied sentence,
since the asked words were taken out of the text that is searched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 200
SHARE = 0.25
"""Of the texts at most so many lend a question."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FEWEST_WORDS = 4
_FEWEST_LEFT = 12


def questions(texts: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return questions {id, text, relevant: [id]} and the texts with what was asked taken out."""
    usable = {row["id"]: made for row in texts if (made := one(row)) is not None}
    most = min(MOST, int(SHARE * len(texts)))
    chosen = set(sorted(usable, key=lambda name: hashlib.blake2b(name.encode(), digest_size=8).digest())[:most])
    found = [{"id": f"made-{name}", "text": usable[name][0], "relevant": [name]} for name in sorted(chosen)]
    copy = [usable[row["id"]][1] if row["id"] in chosen else dict(row) for row in texts]
    return found, copy


def one(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return a question made of a text, and the text without it; nothing where too little would be left."""
    title = str(row.get("title", "")).strip()
    if len(title.split()) >= _FEWEST_WORDS and len(str(row["text"]).split()) >= _FEWEST_LEFT:
        return title, {**row, "title": ""}
    first, *rest = _SENTENCE.split(str(row["text"]).strip(), maxsplit=1)
    if not rest or len(first.split()) < _FEWEST_WORDS or len(rest[0].split()) < _FEWEST_LEFT:
        return None
    return first, {**row, "text": rest[0]}
