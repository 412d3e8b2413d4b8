"""A code query written out again, as Sourcegraph reads it."""

from __future__ import annotations

import re

from nonet.tools.sourcegraph.expression import And, Content, File, Language, Node, Not, Or
from nonet.tools.sourcegraph.query import CodeQuery
from nonet.tools.sourcegraph.scanning import as_quoted, as_value

_PLAIN = re.compile(r"[A-Za-z0-9_.]+")
_OPERATORS = frozenset({"and", "or", "not"})


def written(query: CodeQuery) -> str:
    """Return a query as text; reading it gives the same query."""
    expression = "" if query.expression is None else _node(query.expression)
    values = " ".join(query.values.written())
    if values and isinstance(query.expression, Or):
        expression = f"({expression})"
    return " ".join(part for part in (expression, values) if part)


def regexp(pattern: str) -> str:
    """Return an expression between slashes."""
    escaped = re.sub(r"\\.|/", lambda match: r"\/" if match[0] == "/" else match[0], pattern, flags=re.S)
    return f"/{escaped}/"


def _node(node: Node) -> str:
    match node:
        case Content(pattern, is_regexp):
            return regexp(pattern) if is_regexp else _literal(pattern)
        case File(pattern):
            return f"file:{as_value(pattern)}"
        case Language(name):
            return f"lang:{as_value(name)}"
        case Not(child):
            return f"NOT {_enclosed(child)}"
        case And(children):
            return " ".join(_enclosed(child) for child in children)
        case Or(children):
            return " OR ".join(_enclosed(child) for child in children)


def _enclosed(node: Node) -> str:
    return f"({_node(node)})" if isinstance(node, And | Or) else _node(node)


def _literal(pattern: str) -> str:
    plain = _PLAIN.fullmatch(pattern) and pattern.lower() not in _OPERATORS
    return pattern if plain else as_quoted(pattern)
