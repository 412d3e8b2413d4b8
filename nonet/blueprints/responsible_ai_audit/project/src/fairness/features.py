"""From columns to a matrix: numbers imputed and scaled, texts one column a value, rare values together.

What is fitted is plain numbers, so that applying it needs numpy alone and a row is encoded alike in every batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from fairness.groups import is_number

MISSING = "(missing)"
RARE = 0.005
"""Values with a smaller share of the fitted rows are one column together."""
Rows = Sequence[Mapping[str, Any]]


def kinds(rows: Rows, features: Sequence[str]) -> dict[str, str]:
    """Return column → "number" or "text": a number where every cell that is there is one."""
    found: dict[str, str] = {}
    for name in features:
        there = [cell for row in rows if (cell := row["x"].get(name)) is not None]
        found[name] = "number" if there and all(is_number(cell) for cell in there) else "text"
    return found


@dataclass
class Encoder:
    """A fitted encoding.

    Attributes:
        numbers: column → (median that stands for what is missing, mean, standard deviation).
        texts: column → its values that have a column of their own, in order.
        rare: columns of texts with one more encoded column, for rare values and those never seen.
    """

    numbers: dict[str, list[float]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    rare: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many encoded columns there are."""
        return len(self.numbers) + sum(map(len, self.texts.values())) + len(self.rare)

    def encode(self, rows: Rows) -> np.ndarray:
        """Return float64 of shape (rows, width)."""
        found = np.zeros((len(rows), self.width))
        for place, (name, (median, mean, deviation)) in enumerate(self.numbers.items()):
            found[:, place] = (numeric(rows, name, median) - mean) / deviation
        start = len(self.numbers)
        for name, values in self.texts.items():
            places = {value: start + place for place, value in enumerate(values)}
            start += len(values)
            other = start if name in self.rare else None
            start += name in self.rare
            for row, record in enumerate(rows):
                place = places.get(text(record["x"].get(name)), other)
                if place is not None:
                    found[row, place] = 1.0
        return found

    def json(self) -> dict[str, Any]:
        """Return what ``Encoder(**…)`` reads."""
        return asdict(self)


def fit(rows: Rows, columns: Mapping[str, str]) -> Encoder:
    """Fit an encoder on rows.

    Args:
        rows: to learn medians, scales and values from.
        columns: column → "number" or "text", from ``kinds``.
    """
    encoder = Encoder()
    for name, kind in columns.items():
        if kind == "number":
            known = numeric(rows, name, np.nan)
            median = float(np.nanmedian(known))
            filled = np.where(np.isnan(known), median, known)
            encoder.numbers[name] = [median, float(filled.mean()), float(filled.std()) or 1.0]
            continue
        counts = Counter(text(row["x"].get(name)) for row in rows)
        common = sorted(value for value, count in counts.items() if count >= RARE * len(rows))
        encoder.texts[name] = common
        if len(common) < len(counts):
            encoder.rare.append(name)
    return encoder


def numeric(rows: Rows, name: str, missing: float) -> np.ndarray:
    """Return a column as float64 of shape (rows,); what is missing or no number becomes ``missing``."""
    return np.asarray([_float(row["x"].get(name), missing) for row in rows], dtype=np.float64)


def text(cell: Any) -> str:
    """Return a cell as text."""
    return MISSING if cell is None else str(cell)


def _float(cell: Any, missing: float) -> float:
    if is_number(cell):
        return float(cell)
    try:
        value = float(cell) if isinstance(cell, str) else missing
    except ValueError:
        return missing
    return value if np.isfinite(value) else missing
