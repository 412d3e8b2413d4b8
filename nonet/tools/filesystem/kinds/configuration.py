"""Configurations: YAML, JSON and TOML, parsed within bounds, as scalars by dotted names beside the text."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from typing import Any

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.described import Described, counted, flat
from nonet.tools.filesystem.kinds.records import from_json
from nonet.tools.filesystem.kinds.yaml_text import parse as parse_yaml
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "configuration"
_LIMITS = {"YAML": 1_000_000, "JSON": 16_000_000, "TOML": 256_000}
"""Characters of each that are parsed; none is that long that people wrote."""


def configuration(text: str, form: str) -> Described:
    """Describe a configuration or, in JSON, a log; the text is shown too.

    A broken one is shown as text with a note that says where it breaks.

    Args:
        text: the file.
        form: "YAML", "JSON" or "TOML".
    """
    if len(text) > _LIMITS[form]:
        note = f"It is longer than {_LIMITS[form]:,} characters and was not parsed."
        return Described(KIND, facts={"format": form, "parsed": False}, notes=[note], source=True)
    readers: dict[str, Callable[[str], Described]] = {"YAML": _yaml, "JSON": _json, "TOML": _toml}
    try:
        return readers[form](text)
    except Unreadable as error:
        return Described(KIND, facts={"format": form, "parsed": False}, notes=[f"It {error.reason}."], source=True)


def _yaml(text: str) -> Described:
    parsed = parse_yaml(text)
    notes: list[str] = []
    if parsed.documents > 1:
        notes.append(f"It holds {parsed.documents} documents; the first is described.")
    if parsed.tags:
        notes.append(f"Tags are not followed: {', '.join(counted(parsed.tags, 5))}.")
    if parsed.texts:
        notes.append(f"PyYAML reads {', '.join(counted(parsed.texts, 5))} as text, for want of a dot.")
    return _described(parsed.value, "YAML", parsed.duplicates, notes)


def _json(text: str) -> Described:
    duplicates: list[str] = []

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            duplicates.extend(name for name, count in counts.items() if count > 1)
        return found

    try:
        value: object = json.loads(text, object_pairs_hook=fields)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not valid JSON in line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise Unreadable("is nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"is not valid JSON: {error}") from error
    return from_json(value) or _described(value, "JSON", duplicates, [])


def _toml(text: str) -> Described:
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"is not valid TOML: {error}") from error
    except RecursionError as error:
        raise Unreadable("is nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"is not valid TOML: {error}") from error
    return _described(value, "TOML", [], [])


def _described(value: object, form: str, duplicates: list[str], notes: list[str]) -> Described:
    values, whole = flat(value)
    if not whole:
        notes = [*notes, f"Only the first {len(values)} values are facts."]
    if duplicates:
        notes = [*notes, f"Keys that stand twice, the last one counts: {', '.join(counted(duplicates, 10))}."]
    facts: Facts = {"format": form, "parsed": True, "values": values}
    if duplicates:
        facts["duplicate_keys"] = list(counted(duplicates, 10))
    return Described(KIND, facts=facts, notes=notes, source=True)


def form(name: str, text: str) -> str:
    """Return what a text is written in by its name, else JSON if it is an object that ends where it began; else ""."""
    suffix = name.lower().rpartition(".")[2]
    by_name = {"yaml": "YAML", "yml": "YAML", "json": "JSON", "toml": "TOML"}.get(suffix, "")
    if by_name or suffix in ("ipynb", "jsonl", "ndjson"):
        return by_name
    is_object = re.match(r'\s*\{\s*("|\})', text) is not None and text.rstrip().endswith("}")
    return "JSON" if is_object and _parses(text) else ""


def _parses(text: str) -> bool:
    try:
        json.loads(text[: _LIMITS["JSON"]])
    except (ValueError, RecursionError):
        return False
    return True
