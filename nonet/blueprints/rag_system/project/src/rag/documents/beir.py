"""BEIR collections: ``corpus.jsonl``, one ``{_id | id, title, text, …}`` a line (Thakur et al., 2021).

Further scalar fields of a record, its own or those of its ``metadata`` object, are the document's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.documents.metadata import dated, scalars
from rag.documents.model import Document, Section, storable

OWN = ("_id", "id", "title", "text")


def read(path: Path) -> Iterator[Document | tuple[str, str]]:
    """Yield (name, reason) for records that give no document, then the documents in order of their ids.

    Of records that share an id the first counts. The file is read twice, so that memory holds ids and places only.
    """
    places: dict[str, int] = {}
    with path.open("rb") as lines:
        place = 0
        for number, line in enumerate(lines, 1):
            begun, place = place, place + len(line)
            if not line.strip():
                continue
            try:
                document = _document(line)
            except UnicodeDecodeError:
                yield f"{path.name}:{number}", "not UTF-8"
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                yield f"{path.name}:{number}", f"no record of a corpus: {error}"
            else:
                if document.id in places:
                    yield document.id, "the id stands twice in the corpus"
                elif not document.readable:
                    yield document.id, "no text"
                else:
                    places[document.id] = begun
        for name in sorted(places):
            lines.seek(places[name])
            yield _document(lines.readline())


def _document(line: bytes) -> Document:
    value: Any = json.loads(line.decode("utf-8-sig"))
    name = storable(str(value["_id"] if "_id" in value else value["id"]))
    title = storable(str(value.get("title") or "").strip())
    text = storable(str(value["text"]).strip())
    inner: Any = value.get("metadata")
    known = dated(scalars(inner if isinstance(inner, dict) else {}) | scalars(value, OWN))  # pyright: ignore[reportUnknownArgumentType]
    return Document(name, title or name, (Section(title, 1 if title else 0, text),), "beir", known)
