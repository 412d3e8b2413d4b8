"""Code queries in Sourcegraph's language, for a checkout.

Terms stand side by side for "and", within a file; ``AND``, ``OR``, ``NOT``, ``-term`` and parentheses combine them.
``"a phrase"`` is literal, ``/an expression/`` is RE2-like. Filters: ``lang: file: repo: content:``, each with ``-``
before it for "not"; ``case:yes|no count:N|all patterntype:keyword|standard|literal|regexp type:file|path
select:content|file|repo timeout:``. Case is ignored unless ``case:yes``. Two things differ from Sourcegraph: terms are
looked for in contents alone (``type:path`` looks in paths), and ``file:`` also takes globs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nonet.errors import ToolError
from nonet.tools.sourcegraph.expression import Content, File, Language, Node, Not, conjunction, disjunction
from nonet.tools.sourcegraph.languages import named
from nonet.tools.sourcegraph.scanning import Field, Scanner
from nonet.tools.sourcegraph.values import ELSEWHERE, Values

PATTERN_TYPES = ("keyword", "standard", "literal", "regexp")
_PATTERN_TYPE = re.compile(r"(?<![^\s(])patterntype:(\w+)", re.I)
_OPERATOR = re.compile(r"(?:^|\s|\))(?:and|or|not)(?=\s|\()", re.I)
_NEGATED = re.compile(r"-[A-Za-z_\"'/(]")
_HAS_CONTENT = re.compile(r"(?:has|contains)(?:\.content)?\((.*)\)", re.S)
_DEPTH = 50
"""Parentheses and negations within one another."""


@dataclass(frozen=True)
class CodeQuery:
    """What to find, and how to answer."""

    expression: Node | None = None
    values: Values = field(default_factory=Values)


@dataclass(frozen=True)
class _Word:
    """A bare pattern: in texts and expressions, one with the words beside it."""

    content: Content


def parse(text: str) -> CodeQuery:
    """Read a query.

    Raises:
        ToolError: a parenthesis is open, an operator has nothing to combine, or a filter does not apply to a checkout.
    """
    parser = _Parser(text)
    expression = parser.expression()
    if parser.scanner.here:
        raise ToolError("The query closes a parenthesis that is not open.", 'Write it in quotes to find it: ")".')
    return CodeQuery(expression, parser.values)


def combined(first: CodeQuery, second: CodeQuery) -> CodeQuery:
    """Return the query for files that satisfy both; what ``second`` says of the answer goes before."""
    nodes = [query.expression for query in (first, second) if query.expression is not None]
    return CodeQuery(conjunction(nodes), first.values.with_those_of(second.values))


class _Parser:
    def __init__(self, text: str) -> None:
        self.scanner = Scanner(text)
        self.values = Values()
        self._depth = 0
        match = _PATTERN_TYPE.search(text)
        self._type = match[1].lower() if match else "keyword"
        if self._type not in PATTERN_TYPES:
            raise ToolError(f"patterntype:{self._type} is not known here.", f"Known: {', '.join(PATTERN_TYPES)}.")

    def expression(self) -> Node | None:
        parts = [self._side_by_side()]
        while self.scanner.operator("or"):
            parts.append(self._side_by_side())
        if len(parts) == 1:
            return parts[0]
        wanted = [part for part in parts if part is not None]
        if len(wanted) < len(parts):
            raise _lonely("or", "on one side")
        return disjunction(wanted)

    def _side_by_side(self) -> Node | None:
        """Read terms up to an OR, a closing parenthesis or the end."""
        nodes: list[Node] = []
        words: list[_Word] = []
        after_and = False
        while not self._at_end():
            if self.scanner.operator("and"):
                if after_and or not (nodes or words):
                    raise _lonely("and", "before it")
                nodes, words, after_and = [*nodes, *self._run_together(words)], [], True
                continue
            term, after_and = self._term(), False
            if isinstance(term, _Word):
                words.append(term)
            elif term is not None:
                nodes, words = [*nodes, *self._run_together(words), term], []
        if after_and:
            raise _lonely("and", "after it")
        return conjunction([*nodes, *self._run_together(words)])

    def _at_end(self) -> bool:
        self.scanner.skip_space()
        start = self.scanner.place
        ends = self.scanner.here in ("", ")") or self.scanner.operator("or")
        self.scanner.place = start
        return ends

    def _term(self) -> Node | _Word | None:
        """Read one term; ``None`` for a filter that says how to answer."""
        scanner = self.scanner
        if scanner.operator("not"):
            return self._negation()
        filter_ = scanner.field()
        if filter_ is not None:
            return self._filter(filter_)
        if self._type == "keyword" and _NEGATED.match(scanner.text, scanner.place):
            scanner.place += 1
            return self._negation()
        if scanner.here == "(" and self._is_group():
            scanner.place += 1
            with self._deeper():
                node = self.expression()
            if not scanner.taken(")"):
                raise ToolError("The query leaves a parenthesis open.", 'Write it in quotes to find it: "(".')
            return node
        return self._pattern()

    def _negation(self) -> Node:
        if self._at_end():
            raise _lonely("not", "after it")
        with self._deeper():
            node = self._term()
        if node is None:
            raise ToolError("NOT stands before what cannot be negated.", "Negate a term, file:, lang: or content:.")
        return Not(node.content if isinstance(node, _Word) else node)

    def _is_group(self) -> bool:
        """Whether a parenthesis groups terms; in texts and expressions it does so only around an operator."""
        inside = self.scanner.text[self.scanner.place + 1 : self.scanner.group_end()]
        return bool(inside.strip()) if self._type == "keyword" else _OPERATOR.search(inside) is not None

    def _pattern(self) -> _Word:
        scanner = self.scanner
        if self._type in ("keyword", "regexp"):
            phrase = scanner.quoted()
            if phrase is not None:
                return _Word(Content(phrase))
        if self._type != "literal":
            expression = scanner.expression()
            if expression is not None:
                return _Word(Content(expression, regexp=True))
        regexp = self._type == "regexp"
        return _Word(Content(scanner.word(escapes=regexp), regexp))

    def _run_together(self, words: Sequence[_Word]) -> list[Content]:
        """Make one pattern of words side by side, unless each is a term: a text, or an expression with gaps."""
        patterns = [word.content for word in words]
        if self._type == "keyword" or len(patterns) < 2:
            return patterns
        if not any(pattern.regexp for pattern in patterns) and self._type != "regexp":
            return [Content(" ".join(pattern.pattern for pattern in patterns))]
        parts = [each.pattern if each.regexp else re.escape(each.pattern) for each in patterns]
        return [Content(".*?".join(f"(?:{part})" for part in parts), regexp=True)]

    def _filter(self, filter_: Field) -> Node | None:
        name, value = filter_.name, filter_.value
        if name in ("file", "lang", "content"):
            node = {"file": _file, "lang": _language, "content": self._content(filter_)}[name](value)
            return Not(node) if filter_.negated else node
        if name in ("repo", "case", "count", "type", "select", "timeout"):
            self.values = self.values.with_value(name, value, filter_.negated)
        elif name != "patterntype":
            raise ToolError(
                f"The filter {name}: does not apply to a checkout, which is searched as it lies.", ELSEWHERE
            )
        return None

    def _content(self, filter_: Field) -> Callable[[str], Node]:
        def node(value: str) -> Node:
            if not value:
                raise ToolError("The filter content: needs a text.", 'Write it without a space: content:"a b".')
            slashed = Scanner(value).expression()
            if not filter_.quoted and self._type != "literal" and slashed is not None:
                return Content(slashed, regexp=True)
            return Content(value, regexp=self._type == "regexp")

        return node

    @contextmanager
    def _deeper(self) -> Generator[None]:
        self._depth += 1
        if self._depth > _DEPTH:
            raise ToolError(f"The query nests more than {_DEPTH} terms.", "Write it with fewer parentheses.")
        yield
        self._depth -= 1


def _file(value: str) -> Node:
    if not value:
        raise ToolError("The filter file: needs a name.", "Write it without a space, such as file:*.py.")
    content = _HAS_CONTENT.fullmatch(value)
    if content:
        return Content(content[1], regexp=True)
    if value.startswith("has."):
        raise ToolError(f"file:{value} does not apply to a checkout.", ELSEWHERE)
    return File(value)


def _language(value: str) -> Node:
    return Language(named(value))


def _lonely(operator: str, where: str) -> ToolError:
    return ToolError(f"{operator.upper()} has nothing {where}.", f'Write "{operator}" in quotes to find the word.')
