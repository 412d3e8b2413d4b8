"""Conditions on documents: ``year>=2020``, ``folder=guides``, ``kind in (markdown, pdf)``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunks import Chunks
from rag.errors import FilterError

FORM = re.compile(r"^\s*([\w.-]+?)\s*(?:(>=|<=|!=|==|=|<|>)\s*(.*?)|\s+in\s*\((.*)\))\s*$", re.DOTALL)
ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"']*?))\s*(?:,|$)""")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DATE_START = re.compile(r"\d{4}(-\d\d(-\d\d.*)?)?", re.DOTALL)
ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


@dataclass(frozen=True)
class Condition:
    """One condition on a document's field.

    Attributes:
        operator: ``=``, ``!=``, ``in``, ``<``, ``<=``, ``>`` or ``>=``.
        values: what is compared with, one but for ``in``.
    """

    field: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        """Return the condition as it is written, the same for every way to write it."""
        quoted = [f'"{value}"' for value in self.values]
        return f"{self.field} {self.operator} {'(' + ', '.join(quoted) + ')' if self.operator == 'in' else quoted[0]}"

    @classmethod
    def of(cls, field: str, operator: str, values: Sequence[object]) -> Condition:
        """Make a condition of plain values.

        Raises:
            FilterError: the operator takes one value and there are others.
        """
        texts = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
        if not texts or (operator != "in" and len(texts) != 1):
            raise FilterError(f"{field} {operator} takes {'values' if operator == 'in' else 'one value'}.")
        return cls(field, operator, texts)

    def meets(self, value: object) -> bool:
        """Whether a document's value meets the condition.

        A document without the field meets ``!=`` only.
        Numbers are compared as numbers, dates (2024-01-31) as far as the condition writes them, the rest as text.
        """
        if self.operator == "!=":
            return not Condition(self.field, "=", self.values).meets(value)
        if value is None:
            return False
        if self.operator in ORDERED:
            return _ordered(_shown(self.field, value, self.values[0]), self.values[0], ORDERED[self.operator])
        return any(_same(self.field, _shown(self.field, value, wanted), wanted) for wanted in self.values)


def parse(text: str) -> Condition:
    """Read one condition.

    Raises:
        FilterError: it is none.
    """
    match = FORM.match(text)
    if match is None:
        raise FilterError(f"{text!r} is no condition; write year>=2020, folder=guides or 'kind in (markdown, pdf)'.")
    field, operator, value, listed = match.groups()
    values = _items(listed if listed is not None else value, text)
    if listed is not None:
        return Condition(field, "in", tuple(values))
    if len(values) != 1:
        raise FilterError(f"{text!r} compares with {len(values)} values; for several write '{field} in (a, b)'.")
    return Condition(field, "=" if operator == "==" else operator, tuple(values))


class Filter:
    """The documents of an index, asked by conditions."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def allowed(self, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
        """Return which documents meet every condition, shape (documents,).

        Raises:
            FilterError: a field is in no document.
        """
        for condition in conditions:
            if condition.field not in self.fields:
                raise FilterError(
                    f"No document has a field {condition.field!r}; known: {', '.join(sorted(self.fields))}."
                )
        found = [
            all(condition.meets(record.get(condition.field)) for condition in conditions) for record in self._records
        ]
        return np.asarray(found, dtype=np.bool_)

    @cached_property
    def fields(self) -> frozenset[str]:
        """Every field that some document has."""
        return frozenset(field for record in self._records for field in record)

    @cached_property
    def _records(self) -> list[Mapping[str, Any]]:
        """Return each document's fields; what a document says of itself never hides its id."""
        first = self._chunks.first
        return [
            {"title": self._chunks[int(first[place])].title, **metadata, "id": doc}
            for place, (doc, metadata) in enumerate(zip(self._chunks.docs, self._chunks.metadata, strict=True))
        ]


def _items(text: str, whole: str) -> list[str]:
    """Split at commas outside quotes."""
    found: list[str] = []
    place = 0
    while place < len(text) or not found:
        match = ITEM.match(text, place)
        item = next((part for part in match.groups() if part is not None), "") if match else ""
        if match is None or (not item and match.group(1) is None and match.group(2) is None):
            raise FilterError(f"{whole!r} has an empty or badly quoted value.")
        found.append(item)
        place = match.end()
    return found


def _shown(field: str, value: object, wanted: str) -> object:
    """Write a time, held in seconds since the epoch, as a date (UTC) where it is compared with one."""
    if field == "modified" and isinstance(value, int | float) and DATE_START.fullmatch(wanted):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value


def _same(field: str, value: object, wanted: str) -> bool:
    """Whether a value is the one wanted; a folder is meant with the folders in it, a month with its days."""
    number, other = _number(value), _number(wanted)
    if number is not None and other is not None:
        return number == other
    text = str(value)
    if field == "folder":
        inside, above = text.strip("/"), wanted.strip("/")
        return inside == above or inside.startswith(f"{above}/")
    if isinstance(value, bool):
        return text.lower() == wanted.lower()
    if DATE.match(text) and DATE_START.fullmatch(wanted):
        return text.startswith(wanted)
    return text == wanted


def _ordered(value: object, bound: str, compare: Callable[[Any, Any], bool]) -> bool:
    number, other = _number(value), _number(bound)
    if number is not None and other is not None:
        return compare(number, other)
    text = str(value)
    if DATE.match(text) and DATE_START.match(bound):
        return compare(text[: len(bound)], bound)  # at the precision of the bound: after 2024 is from 2025 on
    return number is None and other is None and compare(text, bound)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
