"""Rendering a document as Markdown (CommonMark with GitHub's tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonet.graphs.steps.reporting.document import (
    Block,
    Bullets,
    Commands,
    Document,
    Kind,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
    Text,
    one_line,
    spans,
    visible,
)

_SPECIAL = re.compile(r"([\\`*{}\[\]<>|~$&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_OPENING = re.compile(r"^(\s*\d*)([#+.)=-])(?=[#=-]*(\s|$))")
"""What makes a line a heading, a list or a rule; it never does so within a table's cell."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


def render(document: Document, pictures: str) -> str:
    """Return the document; ``pictures`` is the folder in which its pictures lie as ``<name>.svg``."""
    parts = [f"# {escaped(document.title)}", escaped(document.lead)]
    parts += [f"> **Warning:** {escaped(warning)}" for warning in document.warnings]
    parts += [part for section in document.sections for part in _section(section, pictures)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return a text on one line that Markdown shows as it is, whatever it holds."""
    return _OPENING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _edges(text)))


def _edges(text: str) -> str:
    """Return the text on one line; a space at an edge keeps spans apart."""
    line = one_line(text)
    return f"{' ' if text[:1] == ' ' else ''}{line}{' ' if text[-1:] == ' ' and line else ''}"


def _section(section: Section, pictures: str) -> Iterator[str]:
    yield f"## {escaped(section.heading)}"
    for block in section.blocks:
        yield _block(block, pictures)


def _block(block: Block, pictures: str) -> str:
    match block:
        case Paragraph(text, warning):
            return f"> **{_text(text)}**" if warning else _text(text)
        case Bullets(items):
            return "\n".join(f"- {_text(item)}" for item in items)
        case Commands(text):
            return _fenced(text)
        case Table():
            return _table(block)
        case Picture(name, _, caption):
            return f"![{escaped(caption)}]({pictures}/{name}.svg)\n\n*{escaped(caption)}*"


def _text(text: Text) -> str:
    joined = "".join(
        _span(part) if isinstance(part, Span) else _SPECIAL.sub(r"\\\1", _edges(part)) for part in spans(text)
    )
    return _OPENING.sub(r"\1\\\2", joined)


def _span(span: Span) -> str:
    """Render a span; spaces at its edges stand outside, where they end no emphasis."""
    edged = _edges(span.text)
    text = edged.strip()
    if not text:
        return edged
    return f"{' ' if edged[0] == ' ' else ''}{_marked(text, span.kind)}{' ' if edged[-1] == ' ' else ''}"


def _marked(text: str, kind: Kind) -> str:
    match kind:
        case "link" if _ADDRESS.fullmatch(text):
            return f"<{text}>"
        case "code" | "link":
            return _code(text)
        case "strong" | "good" | "bad" | "open":
            return f"**{escaped(text)}**"
        case "muted":
            return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    """Return a code span; its fence is longer than any run of backticks within, and a table's bar stays inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def _fenced(text: str) -> str:
    plain = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{plain}\n{fence}"


def _table(table: Table) -> str:
    rules = ["---:" if place in table.numeric else "---" for place in range(len(table.columns))]
    rows = [
        [escaped(column) for column in table.columns],
        rules,
        *([_text(cell) for cell in row] for row in table.rows),
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{escaped(table.folded)}:\n\n{lines}" if table.folded else lines
