"""reStructuredText: sections by underlined titles. Directives are kept as text: nothing is included or run."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from rag.documents.markdown import title_of
from rag.documents.model import Document, Section

ADORNMENT = re.compile(r"^([=\-`:.'\"~^_*+#<>!$%&(),/;?@\[\]\\{|}])\1{2,}\s*$")
ROLE = re.compile(r":[\w:.+-]+:`([^`<]+?)(?:\s*<[^`>]*>)?`")
LABEL = re.compile(r"^\.\. _[^:]+:\s*$")


def parse(name: str, text: str) -> Document:
    """Cut at titles; a title style's level is the order in which the styles first appear (docutils' rule)."""
    lines = [ROLE.sub(r"\1", line) for line in text.splitlines() if not LABEL.match(line)]
    sections: list[Section] = []
    styles: list[tuple[str, bool]] = []
    heading, level, body = "", 0, list[str]()
    place = 0
    while place < len(lines):
        found = _title(lines, place)
        if not found:
            body.append(lines[place])
            place += 1
            continue
        if heading or "".join(body).strip():
            sections.append(Section(heading, level, "\n".join(body).strip()))
        style, heading, used = found
        if style not in styles:
            styles.append(style)
        level, body = styles.index(style) + 1, []
        place += used
    if heading or "".join(body).strip():
        sections.append(Section(heading, level, "\n".join(body).strip()))
    return Document(name, title_of(tuple(sections)) or PurePosixPath(name).stem, tuple(sections), "rst")


def _title(lines: list[str], place: int) -> tuple[tuple[str, bool], str, int] | None:
    """Return (style, title, lines used) when a title begins at ``place``."""
    line = lines[place]
    below = lines[place + 1] if place + 1 < len(lines) else ""
    over = ADORNMENT.match(line)
    if over and place + 2 < len(lines) and below.strip() and lines[place + 2].strip() == line.strip():
        if len(below.strip()) <= len(line.strip()):
            return (over.group(1), True), below.strip(), 3
        return None
    under = ADORNMENT.match(below)
    above_blank = place == 0 or not lines[place - 1].strip()
    titled = line.strip() and not line[0].isspace() and not over and above_blank
    if titled and under and len(below.strip()) >= len(line.strip()):
        return (under.group(1), False), line.strip(), 2
    return None
