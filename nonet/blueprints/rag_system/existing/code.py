"""Calls in excerpts of Python code: read by its own parser where the excerpt parses, else call by call."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_CALL = 2000
"""Characters of a call that are read where its excerpt does not parse as a whole."""


@dataclass(frozen=True)
class Call:
    """A call as it stands in the code.

    Attributes:
        name: the class or function, without the modules before it: ``FAISS``, ``IndexFlatIP``.
        method: the class method that constructs, such as ``from_documents``; "" for a plain call.
        module: what stands before the name, such as ``faiss``.
        arguments: what is given by position.
        keywords: what is given by name.
        excerpt: index of the excerpt it stands in.
    """

    name: str
    method: str = ""
    module: str = ""
    arguments: tuple[ast.expr, ...] = ()
    keywords: Mapping[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    excerpt: int = 0

    def given(self, *names: str) -> ast.expr | None:
        """The value of the first of the keywords that is given."""
        return next((self.keywords[name] for name in names if name in self.keywords), None)

    def text(self) -> str:
        """The arguments as code."""
        named = [f"{name}={ast.unparse(value)}" for name, value in self.keywords.items()]
        return ", ".join([*(ast.unparse(value) for value in self.arguments), *named])


def calls(excerpts: Sequence[str]) -> list[Call]:
    """Return the calls of all excerpts in order, each once however many excerpts show it."""
    aliases = dict(_aliases("\n".join(excerpts)))
    found: dict[tuple[str, str, str], Call] = {}
    for index, excerpt in enumerate(excerpts):
        for node in _nodes(excerpt):
            call = _call(node, index, aliases)
            if call is not None:
                found.setdefault((call.name, call.method, call.text()), call)
    return list(found.values())


def plain(excerpt: str) -> str:
    """Return an excerpt without the line numbers that some search services put before its lines."""
    lines = excerpt.splitlines()
    if lines and all(re.match(r"\s*\d+\s*[:|]", line) for line in lines if line.strip()):
        lines = [re.sub(r"^\s*\d+\s*[:|] ?", "", line) for line in lines]
    return "\n".join(lines)


def _nodes(excerpt: str) -> Iterator[ast.Call]:
    """Yield the call nodes of an excerpt, outer ones first."""
    try:
        tree = ast.parse(textwrap.dedent(excerpt))
    except (SyntaxError, ValueError):
        yield from _one_by_one(excerpt)
        return
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _one_by_one(excerpt: str) -> Iterator[ast.Call]:
    """Read each call from its name to the bracket that closes it: excerpts begin and end where they like."""
    code = "\n".join(re.sub(r"(^|\s)#.*$", r"\1", line) for line in excerpt.splitlines())
    for match in re.finditer(r"(?<![\w.])[A-Za-z_][\w.]*\s*\(", code):
        if re.search(r"\b(class|def)\s+$", code[max(0, match.start() - 8) : match.start()]):
            continue
        text = code[match.start() : _closing(code, match.end())]
        try:
            node = ast.parse(" ".join(text.split("\n")).strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if isinstance(node, ast.Call):
            yield node


def _closing(code: str, start: int) -> int:
    depth = 1
    for place in range(start, min(len(code), start + LONGEST_CALL)):
        depth += (code[place] in "([{") - (code[place] in ")]}")
        if depth == 0:
            return place + 1
    return start


def _call(node: ast.Call, excerpt: int, aliases: Mapping[str, str]) -> Call | None:
    path = _path(node.func)
    if not path:
        return None
    path = [aliases.get(part, part) for part in path]
    method = ""
    if len(path) > 1 and path[-1][:1].islower() and path[-2][:1].isupper():
        method = path.pop()
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    for keyword in node.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            keywords |= _literal_keys(keyword.value)
    return Call(path[-1], method, ".".join(path[:-1]).removeprefix("self."), tuple(node.args), keywords, excerpt)


def _literal_keys(node: ast.Dict) -> dict[str, ast.expr]:
    pairs = zip(node.keys, node.values, strict=True)
    return {key.value: value for key, value in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def _path(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*_path(node.value), node.attr]
    return [""] if isinstance(node, ast.Call) else []


def _aliases(code: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"^\s*(?:from\s+[\w.]+\s+)?import\s+(.+)$", code, re.M):
        for name, alias in re.findall(r"(\w+)\s+as\s+(\w+)", match[1]):
            yield alias, name
