"""Rendering a document as one page that loads nothing and runs nothing: style and pictures stand in it."""

from __future__ import annotations

import re
from functools import singledispatch
from html import escape
from importlib import resources

from nonet.graphs.steps.reporting.document import (
    Block,
    Bullets,
    Commands,
    Document,
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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Whatever should slip through as markup: a browser runs no script on this page and fetches nothing for it."""
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


def render(document: Document) -> str:
    """Return the whole page."""
    style = resources.files(__package__ or __name__).joinpath("page.css").read_text(encoding="utf-8")
    places = "".join(
        f'<li><a href="#{section.anchor}">{escape(section.heading)}</a></li>' for section in document.sections
    )
    warnings = "".join(f'<p class="warning" role="note">{escape(one_line(text))}</p>' for text in document.warnings)
    sections = "\n".join(_section(section) for section in document.sections)
    title = escape(one_line(document.title))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<nav aria-label="Sections"><ol>{places}</ol></nav>
<main>
<header><h1>{title}</h1><p class="lead">{escape(one_line(document.lead))}</p>{warnings}</header>
{sections}
</main>
</body>
</html>
"""


def _section(section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f'<section id="{section.anchor}">\n<h2>{escape(section.heading)}</h2>\n{blocks}\n</section>'


@singledispatch
def _block(block: Block) -> str:
    raise TypeError(f"no rendering for {type(block).__name__}")


@_block.register
def _(block: Paragraph) -> str:
    return f'<p class="warning">{_text(block.text)}</p>' if block.warning else f"<p>{_text(block.text)}</p>"


@_block.register
def _(block: Bullets) -> str:
    return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in block.items)}</ul>"


@_block.register
def _(block: Commands) -> str:
    return f"<pre><code>{escape(visible(block.text))}</code></pre>"


@_block.register
def _(block: Picture) -> str:
    return f"<figure>{block.svg}<figcaption>{escape(one_line(block.caption))}</figcaption></figure>"


@_block.register
def _(block: Table) -> str:
    kinds = [' class="number"' if place in block.numeric else "" for place in range(len(block.columns))]
    head = "".join(f"<th{kind}>{escape(column)}</th>" for kind, column in zip(kinds, block.columns, strict=True))
    rows = "\n".join(
        f"<tr>{''.join(f'<td{kind}>{_text(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in block.rows
    )
    table = f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    return f"<details><summary>{escape(block.folded)}</summary>{table}</details>" if block.folded else table


def _text(text: Text) -> str:
    return "".join(_span(part) if isinstance(part, Span) else escape(_spaced(part)) for part in spans(text))


def _span(span: Span) -> str:
    text = escape(_spaced(span.text))
    match span.kind:
        case "code":
            return f"<code>{text}</code>"
        case "strong":
            return f"<strong>{text}</strong>"
        case "link" if _ADDRESS.fullmatch(span.text):
            return f'<a href="{text}" rel="noopener noreferrer nofollow">{text}</a>'
        case "link":
            return f"<code>{text}</code>"
        case kind:
            return f'<span class="{kind}">{text}</span>'


def _spaced(text: str) -> str:
    """Return a text on one line, with the spaces at its edges."""
    return f"{' ' if text[:1] == ' ' else ''}{one_line(text)}{' ' if text[-1:] == ' ' else ''}"
