"""Conditions on payloads: ``year>=2020``, ``kind=guide``; and the payloads as columns that answer them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import ConditionError

Scalar = str | float | int | bool
_CONDITION = re.compile(r"\s*(?P<field>[\w.-]+)\s*(?P<op>>=|<=|!=|=|<|>)\s*(?P<value>.+?)\s*")


@dataclass(frozen=True)
class Condition:
    """One comparison of a payload's field with a value; a row without the field meets none but ``!=``."""

    field: str
    op: str
    value: Scalar


def parse(text: str) -> Condition:
    """Read a condition; a value that is a number is one.

    Raises:
        ConditionError: it is none.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ConditionError(f"{text!r} is no condition; write FIELD=VALUE, FIELD>=NUMBER, …")
    value = match["value"].strip("\"'")
    try:
        return Condition(match["field"], match["op"], float(value))
    except ValueError:
        if match["op"] not in ("=", "!="):
            raise ConditionError(f"{text!r} compares by order, which needs a number.") from None
        return Condition(match["field"], match["op"], value)


def from_json(rows: Sequence[Mapping[str, Any]]) -> list[Condition]:
    """Read conditions written as ``{"field", "op", "value"}``.

    Raises:
        ConditionError: one is malformed.
    """
    try:
        return [Condition(str(row["field"]), str(row["op"]), row["value"]) for row in rows]
    except KeyError as error:
        raise ConditionError(f"A condition lacks {error}; it needs field, op and value.") from error


class Columns:
    """The payloads by field: numbers as float64 with NaN where missing, everything else as text."""

    def __init__(self, payloads: Sequence[Mapping[str, Any]]) -> None:
        self.rows = len(payloads)
        self.numbers: dict[str, NDArray[np.float64]] = {}
        self.texts: dict[str, NDArray[np.str_]] = {}
        for name in sorted({name for row in payloads for name in row}):
            values = [row.get(name) for row in payloads]
            if all(value is None or _is_number(value) for value in values):
                self.numbers[name] = np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
            else:
                self.texts[name] = np.array(["" if value is None else str(value) for value in values])

    @property
    def names(self) -> list[str]:
        """The fields that there are."""
        return sorted([*self.numbers, *self.texts])

    def mask(self, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
        """Return which rows meet every condition, shape (rows,).

        Raises:
            ConditionError: a field is unknown, or a text is compared by order.
        """
        allowed = np.ones(self.rows, dtype=np.bool_)
        for each in conditions:
            allowed &= self._one(each)
        return allowed

    def _one(self, condition: Condition) -> NDArray[np.bool_]:
        name, value = condition.field, condition.value
        if name in self.texts:
            if condition.op not in ("=", "!="):
                raise ConditionError(f"{name} holds texts, which have no order; use = or !=.")
            same = self.texts[name] == str(value)
            return same if condition.op == "=" else ~same
        if name not in self.numbers:
            known = ", ".join(self.names) or "none"
            raise ConditionError(f"No payload has a field {name!r}; fields: {known}.")
        if not _is_number(value):
            raise ConditionError(f"{name} holds numbers; {value!r} is none.")
        column, number = self.numbers[name], float(value)
        return {
            "=": column == number,
            "!=": column != number,
            "<": column < number,
            "<=": column <= number,
            ">": column > number,
            ">=": column >= number,
        }[condition.op]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
