"""A document: a titled sequence of sections, and its text as one page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Section:
    """Text under one heading; before the first heading the heading is empty and the level 0."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True)
class Document:
    """A document and where it came from.

    Attributes:
        id: path below the corpus, ``/``-separated, or the id its collection gave it.
        kind: markdown, text, html, rst, notebook, code or beir.
    """

    id: str
    title: str
    sections: Sequence[Section]
    kind: str

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
    """

    text: str
    starts: tuple[int, ...]
    paths: tuple[tuple[str, ...], ...]


def page(document: Document) -> Page:
    """Join the sections: heading line, then text, a blank line between sections."""
    parts: list[str] = []
    starts: list[int] = []
    paths: list[tuple[str, ...]] = []
    open_headings: list[tuple[int, str]] = []
    length = 0
    for section in document.sections:
        body = "\n".join(part for part in (section.heading.strip(), section.text.strip()) if part)
        if not body:
            continue
        if section.heading.strip():
            open_headings = [(level, name) for level, name in open_headings if level < section.level]
            open_headings.append((section.level, section.heading.strip()))
        starts.append(length)
        paths.append(tuple(name for _, name in open_headings))
        parts.append(body)
        length += len(body) + 2
    return Page("\n\n".join(parts), tuple(starts), tuple(paths))


def write(documents: Iterable[Document], path: Path) -> int:
    """Write one document a line; return how many."""
    count = 0
    with path.open("w", encoding="utf-8") as lines:
        for document in documents:
            lines.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
            count += 1
    return count


def read(path: Path) -> Iterator[Document]:
    """Read what ``write`` wrote, one document at a time."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            sections = tuple(Section(s["heading"], int(s["level"]), s["text"]) for s in value["sections"])
            yield Document(value["id"], value["title"], sections, value["kind"])
