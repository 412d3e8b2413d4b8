"""Documents as readable text: Markdown, plain text and reStructuredText as they stand, HTML by trafilatura."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nonet.errors import ToolError
from nonet.tools.filesystem.roots import text

SUFFIXES = (".md", ".markdown", ".txt", ".rst", ".html", ".htm")
SECTION_LIMIT = 2000
_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"#{1,6}\s+(?P<title>\S.*)")


@dataclass(frozen=True)
class Document:
    """A document's text; ``lined`` where its lines are those of the file."""

    name: str
    lines: tuple[str, ...]
    lined: bool

    @property
    def title(self) -> str:
        """Its first heading or line that says something, else its name."""
        for line in self.lines[:40]:
            stripped = line.strip("#=-*~^ \t")
            if stripped:
                return stripped[:120]
        return self.name


@dataclass(frozen=True)
class Section:
    """A passage of a document, beginning at ``line``."""

    reference: str
    title: str
    text: str


def document(name: str, content: bytes) -> Document:
    """Read a document.

    Raises:
        ToolError: it is binary, mis-encoded, or holds no text.
    """
    if not name.lower().endswith((".html", ".htm")):
        return Document(name, tuple(text(content, name).splitlines()), True)
    import trafilatura

    source = text(content, name)
    extracted = trafilatura.extract(source, output_format="markdown", include_tables=True, favor_recall=True)
    extracted = extracted or trafilatura.html2txt(source)
    if not extracted:
        raise ToolError(f"{name!r} holds no readable text.", "Name another page.")
    return Document(name, tuple(extracted.splitlines()), False)


def sections(found: Document) -> list[Section]:
    """Cut a document at its headings, and where a section grows past ``SECTION_LIMIT`` characters."""
    made: list[Section] = []
    heading, block, start, size, fenced = found.title, list[str](), 1, 0, False

    def close(following: int) -> None:
        nonlocal block, start, size
        body = "\n".join(block).strip()
        if body:
            reference = f"{found.name}:{start}" if found.lined else found.name
            title = found.title if heading == found.title else f"{found.title} › {heading}"
            made.append(Section(reference, title, body))
        block, start, size = [], following, 0

    for number, line in enumerate(found.lines, start=1):
        fenced ^= bool(_FENCE.match(line))
        match = None if fenced else _HEADING.match(line)  # in a block of code it is a comment
        if match or size > SECTION_LIMIT:
            close(number)
        if match:
            heading = match["title"].strip(" #")
        block.append(line[:SECTION_LIMIT])
        size += len(line)
    close(len(found.lines) + 1)
    return made
