"""The parsed documents: one JSON object a line, as the worker's ``ingest`` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nonet.errors import storage
from nonet.state import Json

FILE = "documents.jsonl"
SKIPPED = "skipped.jsonl"


@dataclass(frozen=True)
class Section:
    """A heading with the text under it; level 0 and no heading before the first one.

    Attributes:
        pages: where printed pages begin in ``text``: (character offset, page number).
    """

    heading: str
    level: int
    text: str
    pages: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        id: path below the corpus, or the page's own id.
        kind: of file.
        metadata: what is known about it beside its text.
    """

    id: str
    title: str
    sections: Sequence[Section]
    kind: str
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def text(self) -> str:
        """The whole page: each section's heading line and text."""
        parts = (f"{section.heading}\n{section.text}" if section.heading else section.text for section in self.sections)
        return "\n\n".join(parts)


def read(folder: Path) -> list[Document]:
    """Read the documents of a data folder, in their order."""
    with (folder / FILE).open(encoding="utf-8") as lines:
        return [_document(json.loads(line)) for line in lines if line.strip()]


def write(documents: Iterable[Document], folder: Path) -> None:
    """Write the documents of a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with storage(path), path.open("w", encoding="utf-8", newline="\n") as out:
        for document in documents:
            out.write(json.dumps(_record(document), ensure_ascii=False) + "\n")


def skipped(folder: Path) -> dict[str, str]:
    """Return what ``ingest`` could not read: name → reason."""
    path = folder / SKIPPED
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    return {record["name"]: record["reason"] for record in records}


def _record(document: Document) -> dict[str, Any]:
    """A page as ``ingest`` writes it: printed pages and metadata only where there are some."""
    record = asdict(document)
    for holder, name in [(record, "metadata"), *((section, "pages") for section in record["sections"])]:
        if not holder[name]:
            del holder[name]
    return record


def _document(record: dict[str, Any]) -> Document:
    return Document(
        id=str(record["id"]),
        title=str(record["title"]),
        sections=[
            Section(
                heading=str(section["heading"]),
                level=int(section["level"]),
                text=str(section["text"]),
                pages=tuple((int(place), int(number)) for place, number in section.get("pages", ())),
            )
            for section in record["sections"]
        ],
        kind=str(record["kind"]),
        metadata=record.get("metadata", {}),
    )
