"""Quasi-identifiers: what people may know of one another, and how small the groups are that it singles out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from fairness.features import Rows

MOST = 8
VALUES = (2, 200)
"""A column with so many distinct values may help to single a person out."""
ANONYMOUS = 5
"""A combination shared by fewer rows than this singles people out (k-anonymity, Sweeney 2002)."""


def privacy(rows: Rows, columns: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    """Return quasi-identifiers and how small the groups are that they single out.

    Of all columns with a number of values that people may know of one another, up to three are combined; the
    combination with the most rows in groups below ``ANONYMOUS`` is the worst of its size.
    """
    values = {name: [_cell(row, name, attributes) for row in rows] for name in dict.fromkeys([*attributes, *columns])}
    low, high = VALUES
    counts = {name: len(set(cells)) for name, cells in values.items()}
    candidates = sorted((n for n, c in counts.items() if low <= c <= high), key=lambda n: -counts[n])[:MOST]
    worst: list[dict[str, Any]] = []
    for size in (1, 2, 3):
        found = [_singled(values, names) for names in combinations(sorted(candidates), size)]
        if found:
            worst.append(max(found, key=lambda each: (each["rows_below"], each["columns"])))
    return {"quasi_identifiers": candidates, "k": ANONYMOUS, "combinations": worst}


def _singled(values: Mapping[str, Sequence[Any]], names: Sequence[str]) -> dict[str, Any]:
    sizes = Counter(zip(*(values[name] for name in names), strict=True))
    below = sum(size for size in sizes.values() if size < ANONYMOUS)
    return {
        "columns": list(names),
        "groups": len(sizes),
        "smallest": min(sizes.values()),
        "unique": sum(size == 1 for size in sizes.values()),
        "rows_below": below,
        "share_below": below / sum(sizes.values()),
    }


def _cell(row: Mapping[str, Any], name: str, attributes: Sequence[str]) -> Any:
    return row["groups"][name] if name in attributes else row["x"].get(name)
