"""Markdown: sections by the headings that CommonMark sees (never a ``#`` inside a code fence)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath

from markdown_it import MarkdownIt

from rag.documents.metadata import front_matter
from rag.documents.model import Document, Section

ATTRIBUTES = re.compile(r"\s*\{[#.:][^}]*\}\s*$")


def parse(name: str, text: str) -> Document:
    """Parse Markdown; the title is the front matter's, the first heading of the highest level, or the file's stem."""
    front = front_matter(text)
    sections = split(text[front.length :])
    title = front.title or title_of(sections) or PurePosixPath(name).stem
    return Document(name, title, sections, "markdown", front.values)


def split(text: str) -> tuple[Section, ...]:
    """Cut Markdown at its top-level headings, in time and memory that grow as the text does."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")  # as the parser counts them: no other line break of Unicode
    heads: list[tuple[int, int, int, str]] = []
    tokens = _parser().parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            heads.append((token.map[0], token.map[1], int(token.tag[1:]), _plain(inline.content)))
    sections: list[Section] = []
    first = heads[0][0] if heads else len(lines)
    before = "\n".join(lines[:first]).strip()
    if before:
        sections.append(Section("", 0, before))
    ends = [*(head[0] for head in heads[1:]), len(lines)]
    for (_, start, level, heading), end in zip(heads, ends, strict=False):
        sections.append(Section(heading, level, "\n".join(lines[start:end]).strip()))
    return tuple(sections)


def title_of(sections: tuple[Section, ...]) -> str:
    """Return the first heading of the highest level, or nothing."""
    headed = [section for section in sections if section.heading]
    return min(headed, key=lambda section: section.level).heading if headed else ""


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])  # headings need no tokens of what stands within lines
    return parser


def _plain(heading: str) -> str:
    """Drop the markup of a heading: links, emphasis, code marks, attribute lists."""
    heading = ATTRIBUTES.sub("", " ".join(heading.split()))
    heading = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", heading)
    heading = re.sub(r"<[^>]+>", "", heading)
    return re.sub(r"(\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w))", "", heading).replace("\\", "").strip()
