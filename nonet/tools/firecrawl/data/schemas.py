"""The JSON Schema that a caller wants data in: the part of it that says what to look for, and the check of a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from nonet.errors import ToolError
from nonet.state import Json

Kind: TypeAlias = Literal["string", "number", "integer", "boolean", "array", "object"]
KINDS = ("string", "number", "integer", "boolean", "array", "object")
PROPERTIES = 200
DEPTH = 6
_SILENT = frozenset(
    (
        "type", "properties", "items", "enum", "const", "format", "title", "description", "required", "default",
        "additionalProperties", "examples", "nullable", "minimum", "maximum", "anyOf", "oneOf", "$ref", "$defs",
        "definitions", "$schema", "$id", "$comment", "deprecated", "readOnly", "writeOnly",
    )
)  # fmt: skip
"""Keywords that are followed, or that say nothing of a value. Of another the answer says that it was not checked."""


@dataclass(frozen=True)
class Wanted:
    """One value that is wanted; a missing one is null, whatever ``required`` says.

    Attributes:
        labels: what it may be called in a page: its name, and its title.
        description: what the caller says of it.
        choices: the values of ``enum`` or ``const``; empty: any.
    """

    kind: Kind
    labels: tuple[str, ...] = ()
    properties: Mapping[str, Wanted] = field(default_factory=dict[str, "Wanted"])
    items: Wanted | None = None
    description: str = ""
    choices: tuple[Json, ...] = ()
    format: str = ""
    minimum: float | None = None
    maximum: float | None = None


@dataclass
class _Reading:
    """What is kept while a schema is read: its definitions, its size, the keywords that nothing here checks."""

    root: Mapping[str, Any]
    unchecked: set[str] = field(default_factory=set[str])
    seen: int = 0


def read(schema: Mapping[str, Any]) -> tuple[Wanted, list[str]]:
    """Read a schema; the names beside it are keywords in it that are not checked.

    Raises:
        ToolError: it is no schema of an object, is too large, or leaves a value's type open.
    """
    reading = _Reading(schema)
    wanted = _wanted(schema, "the schema", (), reading, DEPTH)
    if wanted.kind != "object" or not wanted.properties:
        raise ToolError("The schema describes no object with properties.", 'Give {"type": "object", "properties": …}.')
    return wanted, sorted(reading.unchecked)


def described(wanted: Wanted) -> dict[str, Any]:
    """Return a plain JSON Schema of what is wanted, without references; nothing is required, so nothing is made up."""
    schema: dict[str, Any] = {"type": wanted.kind}
    said = {"title": next(iter(wanted.labels), ""), "description": wanted.description, "format": wanted.format}
    schema |= {name: value for name, value in said.items() if value}
    if wanted.kind == "object":
        schema["properties"] = {name: described(each) for name, each in wanted.properties.items()}
    if wanted.items is not None:
        schema["items"] = described(wanted.items)
    if wanted.choices:
        schema["enum"] = list(wanted.choices)
    return schema


def problems(value: Json, wanted: Wanted, path: str = "") -> list[tuple[str, str]]:
    """Return what in a value is not as wanted, as pairs of a path and a reason; null is always allowed."""
    if value is None:
        return []
    if wanted.kind == "object":
        if not isinstance(value, Mapping):
            return [(path, "is no object")]
        found = [("", f"{name!r} was not asked for") for name in value if name not in wanted.properties]
        for name, each in wanted.properties.items():
            found += problems(value.get(name), each, f"{path}.{name}" if path else name)
        return found
    if wanted.kind == "array":
        if not isinstance(value, list):
            return [(path, "is no array")]
        assert wanted.items is not None
        return [each for at, one in enumerate(value) for each in problems(one, wanted.items, f"{path}[{at}]")]
    reason = _scalar_problem(value, wanted)
    return [(path, reason)] if reason else []


def _scalar_problem(value: Json, wanted: Wanted) -> str:
    if wanted.choices:
        return "" if value in wanted.choices else "is none of the values allowed"
    if wanted.kind == "string":
        return "" if isinstance(value, str) else "is no string"
    if wanted.kind == "boolean":
        return "" if isinstance(value, bool) else "is neither true nor false"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "is no number"
    return outside(value, wanted)


def outside(value: float, wanted: Wanted) -> str:
    """Say how a number is not one of those wanted, "" where it is."""
    if wanted.kind == "integer" and value != int(value):
        return "is no whole number"
    if wanted.minimum is not None and value < wanted.minimum:
        return f"is below {wanted.minimum:g}"
    return f"is above {wanted.maximum:g}" if wanted.maximum is not None and value > wanted.maximum else ""


def _wanted(schema: Any, path: str, labels: tuple[str, ...], reading: _Reading, depth: int) -> Wanted:
    reading.seen += 1
    if depth == 0 or reading.seen > PROPERTIES:
        raise ToolError(
            f"The schema is deeper than {DEPTH} levels or has more than {PROPERTIES} values.", "Ask for less."
        )
    schema = _resolved(schema, path, reading, depth)
    title = schema.get("title")
    labels = (*labels, *([title] if isinstance(title, str) else []))
    kind = _kind(schema, path)
    properties: dict[str, Wanted] = {}
    if kind == "object":
        for name, each in _mapping(schema.get("properties", {}), path).items():
            properties[name] = _wanted(each, name, (name,), reading, depth - 1)
    items = _wanted(schema.get("items"), f"items of {path}", labels, reading, depth - 1) if kind == "array" else None
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return Wanted(
        kind=kind,
        labels=labels,
        properties=properties,
        items=items,
        description=str(schema.get("description", "")),
        choices=tuple(cast("list[Json]", choices)) if isinstance(choices, list) else (),
        format=str(schema.get("format", "")),
        minimum=_number(schema.get("minimum")),
        maximum=_number(schema.get("maximum")),
    )


def _resolved(schema: Any, path: str, reading: _Reading, depth: int) -> Mapping[str, Any]:
    """Follow ``$ref`` into the schema itself, and the one branch of ``anyOf`` or ``oneOf`` that is not null."""
    found = _mapping(schema, path)
    reading.unchecked |= set(found) - _SILENT
    for _ in range(depth):
        reference = found.get("$ref")
        branches = found.get("anyOf") or found.get("oneOf")
        if isinstance(reference, str):
            target: Any = reading.root
            for part in filter(None, reference.removeprefix("#").split("/")):
                target = _mapping(target, path).get(part.replace("~1", "/").replace("~0", "~"))
            inner = _mapping(target, f"{path} ({reference})")
        elif isinstance(branches, list):
            others = [each for each in cast("list[Any]", branches) if each != {"type": "null"}]
            if len(others) != 1:
                raise ToolError(f"{path}: the schema allows several forms.", "Ask for one form.")
            inner = _mapping(others[0], path)
        else:
            return found
        kept = {key: value for key, value in found.items() if key not in ("$ref", "anyOf", "oneOf")}
        found = {**inner, **kept}
    raise ToolError(f"{path}: the schema refers to itself.", "Ask for a form without a circle.")


def _kind(schema: Mapping[str, Any], path: str) -> Kind:
    kinds: Any = schema.get("type")
    kinds = [each for each in (cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds]) if each != "null"]
    if kinds == [None]:
        implied = {"properties": "object", "items": "array", "enum": "string", "const": "string"}
        kinds = [kind for name, kind in implied.items() if name in schema][:1]
    if len(kinds) != 1 or kinds[0] not in KINDS:
        raise ToolError(f"{path}: the schema names no one type.", f"Name one of {', '.join(KINDS)}.")
    return cast("Kind", kinds[0])


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ToolError(f"{path}: the schema is no JSON Schema.", 'Give {"type": …} for each value.')
    return cast("Mapping[str, Any]", value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
