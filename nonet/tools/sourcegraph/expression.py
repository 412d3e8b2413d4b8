"""The boolean expression of a code query, and the files that satisfy it.

Truth is a file's: ``a AND b`` holds where both stand somewhere in it, ``NOT a`` where a stands nowhere. What is shown
of a file are the places of the terms that make the expression true in it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, TypeGuard

Places: TypeAlias = dict[int, int]
"""Matching lines, counted from 1, and the byte column of each line's first match, counted from 1."""


@dataclass(frozen=True)
class Content:
    """What a line must hold: a text as it stands, or an expression."""

    pattern: str
    regexp: bool = False


@dataclass(frozen=True)
class File:
    """What a path must match: an expression, or a glob."""

    pattern: str


@dataclass(frozen=True)
class Language:
    """The language that a file must be of."""

    name: str


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    child: Node


@dataclass(frozen=True)
class And:
    """What must all hold."""

    children: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Of which one must hold."""

    children: tuple[Node, ...]


Node: TypeAlias = "Content | File | Language | Not | And | Or"


class Corpus(ABC):
    """Files that can be searched."""

    @abstractmethod
    def matching(self, patterns: Sequence[Content], within: Iterable[str] | None) -> Mapping[str, Places]:
        """Return the files that hold one of the patterns, of all or of those ``within``, and where."""

    @abstractmethod
    def listed(self) -> Iterable[str]:
        """Return all files."""

    @abstractmethod
    def accepted(self, test: File | Language, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that pass a test."""


def satisfying(node: Node, corpus: Corpus, within: Iterable[str] | None = None) -> dict[str, Places]:
    """Return the files that satisfy an expression, and the places to show of each.

    Args:
        node: the expression.
        corpus: where to look.
        within: the files that still count; ``None`` for all.
    """
    patterns = _alternatives(node)
    if patterns:
        return dict(corpus.matching(patterns, within))
    match node:
        case And(children):
            return _all(children, corpus, within)
        case Or(children):
            found: dict[str, Places] = {}
            for child in _joined(children):
                _merge(found, satisfying(child, corpus, within))
            return found
        case File() | Language():
            return {path: {} for path in corpus.accepted(node, _known(corpus, within))}
        case Not(child):
            known = set(_known(corpus, within))
            return {path: {} for path in known - satisfying(child, corpus, known).keys()}
        case Content():  # had its patterns above
            return {}


def conjunction(nodes: Sequence[Node]) -> Node | None:
    """Return what holds where all hold, ``None`` for no condition; conjunctions within are made one."""
    flat = [child for node in nodes for child in (node.children if isinstance(node, And) else (node,))]
    return None if not flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(nodes: Sequence[Node]) -> Node:
    """Return what holds where one holds; disjunctions within are made one."""
    flat = [child for node in nodes for child in (node.children if isinstance(node, Or) else (node,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def conditions(node: Node | None) -> tuple[Node, ...]:
    """Return what must hold of every file that satisfies the expression, each condition by itself."""
    return () if node is None else node.children if isinstance(node, And) else (node,)


def leaves(node: Node | None) -> Iterator[Content | File | Language]:
    """Yield the terms of an expression."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case Not(child):
            yield from leaves(child)
        case Content() | File() | Language():
            yield node
        case None:
            return


def _all(children: Sequence[Node], corpus: Corpus, within: Iterable[str] | None) -> dict[str, Places]:
    """Narrow down: the longest pattern first, over all files; then what paths tell, for nothing; absence last."""
    first = max((node for node in children if _alternatives(node)), key=_length, default=None)
    rest = sorted((node for node in children if node is not first), key=_cost)
    found: dict[str, Places] | None = None
    for child in rest if first is None else [first, *rest]:
        holding = satisfying(child, corpus, within if found is None else found)
        kept = holding if found is None else {path: found[path] for path in found if path in holding}
        if found is not None:
            _merge(kept, {path: holding[path] for path in kept})
        found = kept
    return found or {}


def _cost(node: Node) -> int:
    if isinstance(node, File | Language):
        return 0
    return 1 if _alternatives(node) else 3 if isinstance(node, Not) else 2


def _length(node: Node) -> int:
    """How rare a node is likely to be: the length of its shortest pattern."""
    return min(len(pattern.pattern) for pattern in _alternatives(node))


def _alternatives(node: Node) -> tuple[Content, ...]:
    """Return the patterns of a node that is nothing but patterns, any of which may hold: they cost one search."""
    if isinstance(node, Content):
        return (node,)
    if isinstance(node, Or):
        patterns = tuple(child for child in node.children if _is_content(child))
        return patterns if len(patterns) == len(node.children) else ()
    return ()


def _joined(children: Sequence[Node]) -> Iterator[Node]:
    """Yield the parts of a disjunction, its patterns as one."""
    for is_content, group in groupby(sorted(children, key=lambda each: not _is_content(each)), key=_is_content):
        if is_content:
            yield disjunction(list(group))
        else:
            yield from group


def _is_content(node: Node) -> TypeGuard[Content]:
    return isinstance(node, Content)


def _known(corpus: Corpus, within: Iterable[str] | None) -> Iterable[str]:
    return corpus.listed() if within is None else within


def _merge(into: dict[str, Places], more: Mapping[str, Places]) -> None:
    for path, places in more.items():
        into[path] = {**into[path], **places} if path in into else places
