"""Filters to measure by, made of the payloads: conditions that let through about 1, 10 and 50 percent of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.blueprints.vector_database.metrics import SELECTIVITIES
from nonet.state import Json

_NEAR = 2.0
"""A filter stands for a selectivity if it is within this factor of it."""
_MOST = 90.0
"""Percent of the rows beyond which a condition filters nothing to speak of."""


@dataclass(frozen=True)
class MadeFilter:
    """A filter: its percent, its conditions, the rows that meet it, and the share that they are."""

    percent: int
    conditions: list[Json]
    mask: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """The share of the rows that meet it."""
        return float(self.mask.mean())

    def text(self) -> str:
        """Write it for people."""
        shown = [f"{c['field']}{c['op']}{_short(c['value'])}" for c in self.conditions if isinstance(c, Mapping)]
        return f"{' and '.join(shown)} ({100 * self.share:.2g} %)"


def _short(value: Json) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def make(payloads: Sequence[Mapping[str, Json]]) -> list[MadeFilter]:
    """Return a filter for each selectivity that the payloads allow."""
    options = [option for name in _fields(payloads) for option in _options(payloads, name)]
    found: list[MadeFilter] = []
    for percent in SELECTIVITIES:
        near = [each for each in options if percent / _NEAR <= 100 * each.share <= min(_MOST, percent * _NEAR)]
        if near:
            best = min(near, key=lambda each: (abs(np.log(100 * each.share / percent)), each.text()))
            found.append(MadeFilter(percent, best.conditions, best.mask))
    return found


def _fields(payloads: Sequence[Mapping[str, Json]]) -> list[str]:
    return sorted({name for row in payloads for name in row})


def _options(payloads: Sequence[Mapping[str, Json]], name: str) -> list[MadeFilter]:
    values = [row.get(name) for row in payloads]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) == sum(value is not None for value in values) and len(set(numbers)) > 10:
        column = np.array([np.nan if not isinstance(v, int | float) else float(v) for v in values], dtype=np.float64)
        bars = [float(np.nanquantile(column, 1 - percent / 100)) for percent in SELECTIVITIES]
        return [_made(name, ">=", bar, column >= bar) for bar in bars]
    common = [value for value, _ in Counter(v for v in values if isinstance(v, str | int | float)).most_common(50)]
    if len(numbers) == sum(value is not None for value in values):
        return [_made(name, "=", float(value), np.array([v == value for v in values])) for value in common]
    # A column of mixed kinds is compared as text.
    written = ["" if value is None else str(value) for value in values]
    return [_made(name, "=", str(value), np.array([text == str(value) for text in written])) for value in common]


def _made(name: str, op: str, value: Json, mask: NDArray[np.bool_]) -> MadeFilter:
    condition: Json = {"field": name, "op": op, "value": value}
    return MadeFilter(0, [condition], mask)
