"""How a signature is written: parameters with their marks, defaults as values where they are literals."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nonet.state import Scalar

if TYPE_CHECKING:
    import griffe

WIDTH = 100
"""Characters of a signature beyond which each parameter has its own line."""
VALUE_LIMIT = 200


def parameters(member: griffe.Function | griffe.Class) -> list[str]:
    """Return the parameters as they are written, with the marks of those that are positional or named only."""
    shown: list[str] = []
    kinds = [_kind(parameter) for parameter in member.parameters]
    for place, parameter in enumerate(member.parameters):
        kind = kinds[place]
        if kind == "keyword-only" and not {"keyword-only", "variadic positional"} & set(kinds[:place]):
            shown.append("*")
        shown.append(_parameter(parameter))
        if kind == "positional-only" and "positional-only" not in kinds[place + 1 :]:
            shown.append("/")
    return shown[1:] if member.is_class and shown[:1] == ["self"] else shown


def _parameter(parameter: griffe.Parameter) -> str:
    stars = {"variadic positional": "*", "variadic keyword": "**"}.get(_kind(parameter), "")
    text = f"{stars}{parameter.name}"
    if parameter.annotation is not None:
        text += f": {parameter.annotation}"
    if parameter.default is not None and not stars:
        text += f" = {short(str(parameter.default))}" if parameter.annotation is not None else f"={parameter.default}"
    return text


def call(begin: str, parameters: Sequence[str]) -> str:
    """Return ``begin(parameters)``, on one line where that is short."""
    line = f"{begin}({', '.join(parameters)})"
    if len(line) <= WIDTH:
        return line
    return f"{begin}(\n" + "".join(f"    {each},\n" for each in parameters) + ")"


def _kind(parameter: griffe.Parameter) -> str:
    return parameter.kind.value if parameter.kind is not None else ""


def defaults(member: griffe.Function | griffe.Class) -> dict[str, Scalar]:
    """Return the defaults of a signature: values where they are literals, else their source text."""
    return {
        parameter.name: literal(str(parameter.default))
        for parameter in member.parameters
        if parameter.default is not None and not _kind(parameter).startswith("variadic")
    }


def literal(source: str) -> Scalar:
    """Return the value of a literal, of other source its text."""
    try:
        value: object = ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return short(source)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return short(source)


def short(source: str) -> str:
    """Return a source text, cut where it is long."""
    return source if len(source) <= VALUE_LIMIT else f"{source[:VALUE_LIMIT]}…"
