"""Answers from an installed library: its README, functions, classes, methods and properties that fit the question.

BM25 finds candidates; among them a name that the question writes out goes first, and what the package offers by a
public name goes before what it keeps to itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from nonet.errors import ToolError
from nonet.tools.context7 import index
from nonet.tools.context7.exports import private
from nonet.tools.context7.installed import Library, canonical, find, libraries
from nonet.tools.context7.passages import passages
from nonet.tools.context7.store import README, Match
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.ranking import words

BACKEND = "installed"
CANDIDATES = 150
SIGNATURE_LIMIT = 2400
_PAST = frozenset({"v1", "deprecated", "legacy", "compat", "mypy"})
_KINDS = {"property": 0.85, "attribute": 0.9}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_ALIAS = re.compile(r"^[a-z]{1,3}\.")
"""What a package is commonly called by in code: ``np.``."""
_CODE = re.compile(r"_|\.|[a-z0-9][A-Z]|^[A-Z]+[a-z0-9]*[A-Z]|\d")


def answer(name: str, query: str, limit: int, context: ToolContext) -> Found:
    """Return the best passages for a question. A library that is absent is an answer too: ``installed`` is false.

    Raises:
        ToolError: the environment is none, or holds nothing.
    """
    name, _, version = name.partition("@")
    library = find(name, context.environment)
    if library is None:
        return Found(BACKEND, [absent(name, context)])
    names = [_ALIAS.sub("", written) for written in _NAME.findall(query)]
    found = index.ask(library, index.Question(query, names, CANDIDATES), context.settings)
    items = [_item(library, match, query) for match in ranked(found.matches, query, names)[:limit]]
    return Found(BACKEND, items, " ".join(_notes(library, version, query, items, found)))


def absent(name: str, context: ToolContext) -> Item:
    """Say that a library is not installed, and which have like names.

    Raises:
        ToolError: the environment is none, or holds nothing.
    """
    installed = libraries(context.environment)
    if not installed:
        raise ToolError("The environment holds no libraries.", "Give another interpreter.")
    close = difflib.get_close_matches(canonical(name), [canonical(each.name) for each in installed], n=3, cutoff=0.6)
    excerpt = f"{name} is not installed in this environment."
    if close:
        excerpt += f" Installed, with like names: {', '.join(close)}."
    facts: Facts = {"library": name, "version": None, "installed": False}
    return Item(reference=f"{name}@absent", title=f"{name} is not installed", excerpt=excerpt, facts=facts)


def ranked(matches: Sequence[Match], query: str, named: Sequence[str]) -> list[Match]:
    """Order candidates by likeness, by how much of the question they speak of, what it names and what is public."""
    top = max((match.score for match in matches), default=0.0) or 1.0
    asked = frozenset(words(query))
    worth = [_worth(match, match.score / top, named, asked) for match in matches]
    order = sorted(range(len(matches)), key=lambda place: (-worth[place], place))
    return _once([matches[place] for place in order])


def _once(matches: Sequence[Match]) -> list[Match]:
    """Leave out what stands in several classes with one name and one text: the first speaks for them."""
    kept = {(each.public.rpartition(".")[2], each.symbol.docstring or each.public): each for each in reversed(matches)}
    chosen = {id(each) for each in kept.values()}
    return [each for each in matches if id(each) in chosen]


def _worth(match: Match, likeness: float, named: Sequence[str], asked: frozenset[str]) -> float:
    symbol = match.symbol
    worth = likeness * (0.3 + 0.7 * len(asked & match.spoken) / max(len(asked), 1))
    if symbol.kind == README:
        return 0.8 * worth
    worth += 0.4 * len(asked.intersection(words(match.public.rpartition(".")[2]))) / max(len(asked), 1)
    names = (match.public, symbol.name)
    for name in named:
        if any(each == name or each.endswith(f".{name}") for each in names):
            # A word of plain English may be a function's name as well; one that is written as code is meant.
            worth += 1.0 if _CODE.search(name) or len(named) == 1 else 0.15
        elif symbol.kind in ("class", "function") and match.public.lower().endswith(f".{name.lower()}"):
            worth += 0.5 if len(named) == 1 else 0.15
    return worth * _standing(match)


def _standing(match: Match) -> float:
    """Weigh how openly a symbol is offered: by its package's top level, deeper, or not at all.

    What is said to be of the past, or is not described, weighs less; so does a part of a class that is no method.
    """
    parts = match.public.split(".")
    if private(match.public):
        weight = 0.5
    else:
        depth = len(parts) - 1 - (match.symbol.kind in ("method", "property", "attribute"))
        weight = 1.0 - 0.06 * min(max(depth - 1, 0), 4)
    if _PAST.intersection(parts) or "deprecated" in match.symbol.docstring[:120].lower():
        weight *= 0.6
    weight *= 1.0 if match.symbol.docstring else 0.8
    return weight * _KINDS.get(match.symbol.kind, 1.0)


def _item(library: Library, match: Match, query: str) -> Item:
    symbol = match.symbol
    facts: Facts = {"library": library.name, "version": library.version, "installed": True}
    if symbol.kind == README:
        excerpt = passages(symbol.docstring, query, EXCERPT_LIMIT)
        return Item(reference=f"{library.reference}#readme", title=symbol.name, excerpt=excerpt, facts=facts)
    facts |= {"kind": symbol.kind, "file": f"{match.path}:{symbol.line}", "defaults": symbol.defaults}
    signature = symbol.signature[:SIGNATURE_LIMIT]
    said = passages(symbol.docstring, query, EXCERPT_LIMIT - len(signature) - 2)
    return Item(
        reference=f"{library.reference}#{match.public}",
        title=f"{match.public} ({match.path}:{symbol.line})",
        excerpt=f"{signature}\n\n{said}".strip(),
        facts=facts,
    )


def _notes(library: Library, version: str, query: str, items: Sequence[Item], found: index.Answer) -> list[str]:
    notes: list[str] = []
    if version and version != library.version:
        notes.append(f"{library.version} is installed, not {version}.")
    if not items:
        notes.append(f"{library.reference} says nothing readable about {query!r}; compiled parts are not read.")
    if found.read < found.sources:
        notes.append(f"{found.read} of {found.sources} sources were read, those nearest the question; others as asked.")
    return notes
