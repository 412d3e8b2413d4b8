"""Named values of Python code, read from its syntax tree: nothing of it is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import replace

from nonet.state import Scalar
from nonet.tools.git.values import Value, in_lines, passed_on, typed

_TEXT_LIMIT = 120


def in_python(lines: tuple[str, ...]) -> list[Value]:
    """Return the named values of Python code, in the order of their lines.

    A value has a name as a variable, an attribute, a key, an argument or its default, as a command-line option
    (``add_argument("--lr", default=1e-3)``) and as a search space (``trial.suggest_float("lr", 1e-5, 1e-1)``). Code
    that no Python 3 reads is read line by line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
        found = list(_walk(tree, ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return in_lines(lines)
    return sorted(found, key=lambda value: value.line)


def in_cells(lines: tuple[str, ...], places: tuple[tuple[int, int], ...]) -> list[Value]:
    """Return the named values of a notebook's code, cell by cell; ``line`` counts over all of them."""
    found: list[Value] = []
    begin = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or places[end][0] != places[begin][0]:
            cell = lines[begin:end]
            # A line for the shell or a magic is no Python; what it passes on the command line counts as well.
            magic = tuple(line if line.lstrip().startswith(("!", "%")) else "" for line in cell)
            code = tuple("" if other else line for line, other in zip(cell, magic, strict=True))
            values = [*in_python(code), *in_lines(magic)]
            found += [replace(value, line=value.line + begin) for value in values]
            begin = end
    return sorted(found, key=lambda value: value.line)


def _walk(node: ast.AST, where: str) -> Iterator[Value]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        where = node.name
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _defaults(node)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value, where)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _assigned(node.target, node.value, where)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield _value(key.value, where, value, key.lineno)
    elif isinstance(node, ast.Call):
        yield from _called(node, where)
    elif isinstance(node, ast.List):
        yield from _words(node, where)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, where)


def _assigned(target: ast.expr, value: ast.expr, where: str) -> Iterator[Value]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _assigned(one, other, where)
    elif isinstance(target, ast.Name):
        yield _value(target.id, where, value, target.lineno)
    elif isinstance(target, ast.Attribute):
        yield _value(target.attr, where, value, target.lineno)
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        yield _value(str(target.slice.value), where, value, target.lineno)


def _called(node: ast.Call, where: str) -> Iterator[Value]:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    names = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if function.startswith("suggest_") and names:
        yield Value(names[0], where, ast.unparse(node)[:_TEXT_LIMIT], node.lineno)
        return
    options = [name.lstrip("-") for name in names if name.startswith("-")]
    for keyword in node.keywords:
        if keyword.arg == "default" and options:
            yield _value(max(options, key=len), function, keyword.value, keyword.value.lineno)
        elif keyword.arg:
            yield _value(keyword.arg, function, keyword.value, keyword.value.lineno)


def _words(node: ast.List, where: str) -> Iterator[Value]:
    """A command line as a list of words: ``["--lr", "0.1"]``."""
    for one, other in zip(node.elts, node.elts[1:], strict=False):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.startswith("--"):
            value = _value(one.value.lstrip("-"), where, other, other.lineno)
            # A command line's words are all text: a number is one as it is written.
            yield replace(value, value=typed(value.value)) if isinstance(value.value, str) else value


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Value]:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    pairs = [
        *zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if default is not None:
            yield _value(argument.arg, node.name, default, default.lineno)


def _value(name: str, where: str, node: ast.expr, line: int) -> Value:
    text = ast.unparse(node)[:_TEXT_LIMIT]
    value: Scalar = typed(text)
    if isinstance(node, ast.Constant):
        constant = node.value
        value = constant if isinstance(constant, bool | int | float | str | None) else text
    return Value(name, where, value if not isinstance(value, str) else value[:_TEXT_LIMIT], line, passed_on(name, text))
