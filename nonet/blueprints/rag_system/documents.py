"""The parsed documents: one JSON object a line, as the worker's ``ingest`` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nonet.errors import storage

FILE = "documents.jsonl"
SKIPPED = "skipped.jsonl"


@dataclass(frozen=True)
class Section:
    """A heading with the text under it; level 0 and no heading before the first one."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True)
class Document:
    """A page: its id (path below the corpus, or its own id), title, sections and kind of file."""

    id: str
    title: str
    sections: Sequence[Section]
    kind: str

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
            out.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")


def skipped(folder: Path) -> dict[str, str]:
    """Return what ``ingest`` could not read: name → reason."""
    path = folder / SKIPPED
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    return {record["name"]: record["reason"] for record in records}


def _document(record: dict[str, object]) -> Document:
    sections = record["sections"]
    assert isinstance(sections, list), "documents.jsonl: sections must be a list"
    return Document(
        id=str(record["id"]),
        title=str(record["title"]),
        sections=[Section(str(s["heading"]), int(s["level"]), str(s["text"])) for s in sections],  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        kind=str(record["kind"]),
    )
