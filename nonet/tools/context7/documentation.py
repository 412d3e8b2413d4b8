"""Answers from an installed library: its README and the functions and classes of the modules that fit the question.

A whole library can take half a minute to read (torch), one module milliseconds. So the files are first ranked by how
often they name the question's words, and only the best are read statically; what was read is kept.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence

from nonet.errors import ToolError
from nonet.tools.context7.installed import Library, canonical, libraries
from nonet.tools.context7.signatures import Symbol, symbols
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.documents import Document, Section, sections
from nonet.tools.ranking import Ranking

MODULE_LIMIT = 24
FILE_LIMIT = 2_000_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")


def answer(name: str, query: str, limit: int, context: ToolContext) -> Found:
    """Return the best passages for a question. A library that is absent is an answer too: ``installed`` is false."""
    installed = libraries(context.environment)
    chosen = next((each for each in installed if canonical(each.name) == canonical(name)), None)
    if chosen is None:
        return Found("installed", [_absent(name, installed)])
    found = [symbol for module in _modules(chosen, query) for symbol in symbols(chosen, *module, context)]
    readme = sections(Document(chosen.name, tuple(chosen.description().splitlines()), False))
    items = _ranked(chosen, query, found, readme, limit)
    note = "" if items else f"{chosen.reference} says nothing readable about {query!r}; compiled parts are not read."
    return Found("installed", items, note)


def _ranked(library: Library, query: str, found: Sequence[Symbol], readme: Sequence[Section], limit: int) -> list[Item]:
    texts = [symbol.searchable for symbol in found] + [f"{each.title}\n{each.text}" for each in readme]
    asked = {name.lower() for name in _NAME.findall(query)}
    scored: list[tuple[float, int]] = []
    for position, score in Ranking(texts).best(query, len(texts)):
        # Who writes a symbol's own name asks for that symbol, not for a passage that mentions it.
        named = position < len(found) and found[position].name.rsplit(".", 1)[-1].lower() in asked
        scored.append((-score - (10.0 if named else 0.0), position))
    best = [position for _, position in sorted(scored)[:limit]]
    return [
        _symbol(library, found[position]) if position < len(found) else _passage(library, readme[position - len(found)])
        for position in best
    ]


def _modules(library: Library, query: str) -> list[tuple[str, bytes]]:
    """Return (path, source) of the modules that name the question's words most, rare words weighing more."""
    asked = sorted({word.lower() for word in _NAME.findall(query) if len(word) > 2})
    sources: list[tuple[str, bytes]] = []
    counts: list[list[int]] = []
    for path, file in library.modules():
        if file.stat().st_size <= FILE_LIMIT:
            content = file.read_bytes()
            lowered = path.encode().lower() + b"\n" + content.lower()
            sources.append((path, content))
            counts.append([lowered.count(word.encode()) for word in asked])
    rarity = [
        math.log((1 + len(sources)) / (1 + sum(1 for row in counts if row[place]))) for place in range(len(asked))
    ]
    weights = [
        sum(math.log1p(n) * weight for n, weight in zip(row, rarity, strict=True)) + 1e-3 * sum(map(bool, row))
        for row in counts
    ]
    order = sorted(range(len(sources)), key=lambda position: (-weights[position], sources[position][0]))
    return [sources[position] for position in order[:MODULE_LIMIT] if weights[position] > 0]


def _symbol(library: Library, symbol: Symbol) -> Item:
    facts: Facts = {
        "library": library.name,
        "version": library.version,
        "installed": True,
        "file": f"{symbol.file}:{symbol.line}",
        "defaults": symbol.defaults,
    }
    excerpt = f"{symbol.signature}\n\n{symbol.docstring}".strip()[:EXCERPT_LIMIT]
    title = f"{symbol.name} ({symbol.file}:{symbol.line})"
    return Item(reference=f"{library.reference}#{symbol.name}", title=title, excerpt=excerpt, facts=facts)


def _passage(library: Library, section: Section) -> Item:
    facts: Facts = {"library": library.name, "version": library.version, "installed": True}
    return Item(
        reference=f"{library.reference}#readme",
        title=section.title,
        excerpt=section.text[:EXCERPT_LIMIT],
        facts=facts,
    )


def _absent(name: str, installed: Sequence[Library]) -> Item:
    if not installed:
        raise ToolError("The environment holds no libraries.", "Give another interpreter.")
    close = difflib.get_close_matches(canonical(name), [canonical(each.name) for each in installed], n=3, cutoff=0.6)
    excerpt = f"{name} is not installed in this environment."
    if close:
        excerpt += f" Installed, with like names: {', '.join(close)}."
    facts: Facts = {"library": name, "version": None, "installed": False}
    return Item(reference=f"{name}@absent", title=f"{name} is not installed", excerpt=excerpt, facts=facts)
