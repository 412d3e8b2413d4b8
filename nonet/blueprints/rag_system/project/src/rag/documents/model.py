"""A document: a titled sequence of sections, what is known about it, and its text as one page."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Value = str | float | bool


class UnreadableError(ValueError):
    """A file gives no document; the message is the whole reason."""


FILE = "documents.jsonl"
"""What a folder of parsed documents keeps them in."""


@dataclass(frozen=True)
class Section:
    """Text under one heading; before the first heading the heading is empty and the level 0.

    Attributes:
        pages: where printed pages begin, as (character of ``text``, page number from 1), ascending; the first is the
            page of the heading. Empty for text that has no pages.
    """

    heading: str
    level: int
    text: str
    pages: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Document:
    """A document and where it came from.

    Attributes:
        id: path below the corpus, ``/``-separated, or the id its collection gave it.
        kind: markdown, text, html, rst, notebook, code, pdf or beir.
        metadata: what is known about it beside its text, to filter and weigh by; see ``documents/metadata.py``.
    """

    id: str
    title: str
    sections: Sequence[Section]
    kind: str
    metadata: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @property
    def readable(self) -> bool:
        """Whether any section has text."""
        return any(section.text.strip() or section.heading.strip() for section in self.sections)


@dataclass(frozen=True)
class Page:
    """A document as one string.

    Attributes:
        starts: character offset at which each section begins, heading line included.
        paths: for each section its headings from the outermost to its own.
        pages: where printed pages begin, as (character offset, page number), ascending; empty where there are none.
    """

    text: str
    starts: tuple[int, ...]
    paths: tuple[tuple[str, ...], ...]
    pages: tuple[tuple[int, int], ...] = ()

    def heading_path(self, place: int) -> tuple[str, ...]:
        """Return the headings above the character at ``place``."""
        index = bisect_right(self.starts, place) - 1
        return self.paths[index] if index >= 0 else ()

    def page_number(self, place: int) -> int | None:
        """Return the printed page on which the character at ``place`` stands, if the document has pages."""
        index = bisect_right(self.pages, place, key=lambda begun: begun[0]) - 1
        return self.pages[index][1] if index >= 0 else None


def page(document: Document) -> Page:
    """Join the sections: heading line, then text, a blank line between sections."""
    parts: list[str] = []
    starts: list[int] = []
    paths: list[tuple[str, ...]] = []
    pages: list[tuple[int, int]] = []
    open_headings: list[tuple[int, str]] = []
    length = 0
    for section in document.sections:
        heading, text = section.heading.strip(), section.text.strip()
        body = "\n".join(part for part in (heading, text) if part)
        if not body:
            continue
        if heading:
            open_headings = [(level, name) for level, name in open_headings if level < section.level]
            open_headings.append((section.level, heading))
        starts.append(length)
        paths.append(tuple(name for _, name in open_headings))
        parts.append(body)
        shift = length + len(body) - len(text) - (len(section.text) - len(section.text.lstrip()))
        for index, (place, number) in enumerate(section.pages):
            pages.append((max(length, shift + place) if index else length, number))
        length += len(body) + 2
    return Page("\n\n".join(parts), tuple(starts), tuple(paths), tuple(pages))


def write(documents: Iterable[Document], path: Path) -> int:
    """Write one document a line; return how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for document in documents:
            json.dump(_record(document), lines, ensure_ascii=False)
            lines.write("\n")
            count += 1
    return count


def read(path: Path) -> Iterator[Document]:
    """Read what ``write`` wrote, one document at a time; what an older version left out is empty."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            value = json.loads(line)
            sections = tuple(_section(section) for section in value["sections"])
            yield Document(value["id"], value["title"], sections, value["kind"], value.get("metadata", {}))


def storable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON's escapes can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _record(document: Document) -> dict[str, Any]:
    sections = [
        {"heading": section.heading, "level": section.level, "text": section.text}
        | ({"pages": list(section.pages)} if section.pages else {})
        for section in document.sections
    ]
    found: dict[str, Any] = {"id": document.id, "title": document.title, "sections": sections, "kind": document.kind}
    return found | ({"metadata": dict(document.metadata)} if document.metadata else {})


def _section(value: Mapping[str, Any]) -> Section:
    pages = tuple((int(place), int(number)) for place, number in value.get("pages", ()))
    return Section(value["heading"], int(value["level"]), value["text"], pages)
