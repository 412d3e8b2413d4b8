"""What a report is made of: sections of paragraphs, lists, tables and pictures. How it looks is for a renderer.

Text is never markup: whatever a section says, a document's title among it, a renderer escapes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["strong", "code", "muted", "good", "bad", "open", "link"]


@dataclass(frozen=True)
class Span:
    """A stretch of text with a meaning of its own.

    Attributes:
        kind: "good", "bad" and "open" are verdicts: met, missed, not shown; "link" is a web address.
    """

    text: str
    kind: Kind


Text: TypeAlias = "str | Span | tuple[str | Span, ...]"


@dataclass(frozen=True)
class Paragraph:
    """Sentences; a warning stands out."""

    text: Text
    warning: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: Sequence[Text]


@dataclass(frozen=True)
class Commands:
    """Lines to be typed, or what a program printed."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        numeric: positions of the columns that hold numbers.
        folded: where not empty, the table is closed at first and this is what can be read of it.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Text]]
    numeric: Sequence[int] = ()
    folded: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing.

    Attributes:
        name: of its file, without an ending.
        svg: a complete SVG element that loads nothing and runs nothing.
        caption: what is to be seen, in words: it stands for the picture where there are no eyes.
    """

    name: str
    svg: str
    caption: str


Block: TypeAlias = "Paragraph | Bullets | Commands | Table | Picture"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """The heading as an address within the page."""
        return re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-")


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes:
        lead: one line under the title.
        warnings: what must be read before anything else.
    """

    title: str
    lead: str
    warnings: Sequence[str]
    sections: Sequence[Section]


def spans(text: Text) -> tuple[str | Span, ...]:
    """Return a text as a sequence of plain strings and spans."""
    return text if isinstance(text, tuple) else (text,)


def one_line(text: object, limit: int = 0) -> str:
    """Return a text on one line without control and direction characters, cut to ``limit`` characters (0: uncut)."""
    line = " ".join("".join(c if _shown(c) else " " for c in str(text)).split())
    return f"{line[: limit - 1].rstrip()}…" if limit and len(line) > limit else line


def visible(text: str) -> str:
    """Return a text of several lines without control and direction characters."""
    return "\n".join("".join(c if _shown(c) or c == "\t" else "" for c in line) for line in text.splitlines())


def _shown(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return False
    return unicodedata.bidirectional(character) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
