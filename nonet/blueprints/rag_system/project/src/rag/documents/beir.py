"""BEIR collections: ``corpus.jsonl``, one ``{_id | id, title, text}`` a line (Thakur et al., 2021)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.documents.model import Document, Section


def read(path: Path) -> Iterator[Document | tuple[str, str]]:
    """Yield each record's document, or (name, reason) for a record that is none."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value: Any = json.loads(line.decode("utf-8"))
                yield _document(value)
            except UnicodeDecodeError:
                yield f"{path.name}:{number}", "not UTF-8"
            except (ValueError, KeyError, TypeError) as error:
                yield f"{path.name}:{number}", f"no record of a corpus: {error}"


def _document(value: Any) -> Document:
    name = str(value["_id"] if "_id" in value else value["id"])
    title = str(value.get("title") or "").strip()
    text = str(value["text"]).strip()
    section = Section(title, 1 if title else 0, text)
    return Document(name, title or name, (section,), "beir")
