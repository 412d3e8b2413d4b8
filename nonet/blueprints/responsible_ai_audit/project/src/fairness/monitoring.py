"""Monitoring: the same rates on new decisions, and how far the rows have moved from those fitted on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairness import rates
from fairness.features import Rows
from fairness.groups import is_number, joint

MOST_VALUES = 50
MOVED = 0.25
"""A population stability index from here on is a large shift, as credit scoring reads it (Siddiqi 2006)."""
_SMALL = 1e-4


def profile(rows: Rows, features: Sequence[str]) -> dict[str, Any]:
    """Describe rows so that others can be compared with them: deciles and frequencies, no single row."""
    columns: dict[str, Any] = {}
    for name in features:
        cells = [row["x"].get(name) for row in rows]
        known = [cell for cell in cells if cell is not None]
        if known and all(is_number(cell) for cell in known):
            edges = sorted(set(np.quantile(known, [share / 10 for share in range(1, 10)]).tolist()))
            columns[name] = {"edges": edges, "shares": _shares([_bin(cell, edges) for cell in cells])}
        else:
            common = [value for value, _ in Counter(map(str, known)).most_common(MOST_VALUES)]
            columns[name] = {"values": common, "shares": _shares([_value(cell, common) for cell in cells])}
    groups = _shares([joint(row["groups"]) for row in rows])
    return {"rows": len(rows), "columns": columns, "groups": groups}


def moved(reference: Mapping[str, Any], rows: Rows) -> dict[str, float]:
    """Return column → population stability index of rows against the reference, the groups under "(groups)"."""
    found = {"(groups)": _index(reference["groups"], _shares([joint(row["groups"]) for row in rows]))}
    for name, known in reference["columns"].items():
        cells = [row["x"].get(name) for row in rows]
        bins = [_bin(c, known["edges"]) if "edges" in known else _value(c, known["values"]) for c in cells]
        found[name] = _index(known["shares"], _shares(bins))
    return found


def report(reference: Mapping[str, Any], rows: Rows, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what to watch: selection by group at once, error rates where outcomes are known, and shifts.

    Args:
        reference: of the fitted rows, from ``profile``.
        rows: new ones; those without an outcome have no "y".
        decisions: {"label", "score"} of each row.
    """
    labelled = [(row, each) for row, each in zip(rows, decisions, strict=True) if row.get("y") is not None]
    found: dict[str, Any] = {"rows": len(rows), "labelled": len(labelled), "attributes": {}}
    for name in rows[0]["groups"] if rows else ():
        selected: dict[str, Any] = {}
        sizes = Counter(row["groups"][name] for row in rows)
        for group in sorted({row["groups"][name] for row in rows}):
            own = [each["label"] for row, each in zip(rows, decisions, strict=True) if row["groups"][name] == group]
            selected[group] = rates.rate(sum(own), len(own))
        values = [each["value"] for group, each in selected.items() if each and sizes[group] >= rates.LEAST]
        found["attributes"][name] = {
            "selection_rate": selected,
            "gap": max(values) - min(values) if len(values) > 1 else None,
            "too_small": sorted(group for group, size in sizes.items() if size < rates.LEAST),
        }
        if labelled:
            measured = rates.by_group(
                [row["y"] for row, _ in labelled],
                [each["label"] for _, each in labelled],
                [each["score"] for _, each in labelled],
                [row["groups"][name] for row, _ in labelled],
            )
            found["attributes"][name]["rates"] = measured
    shifts = moved(reference, rows)
    found["shifts"] = dict(sorted(shifts.items(), key=lambda item: -item[1]))
    found["large_shifts"] = [name for name, value in found["shifts"].items() if value >= MOVED]
    return found


def _index(old: Mapping[str, float], new: Mapping[str, float]) -> float:
    total = 0.0
    for name in {*old, *new}:
        p, q = max(old.get(name, 0.0), _SMALL), max(new.get(name, 0.0), _SMALL)
        total += (q - p) * math.log(q / p)
    return total


def _shares(names: Sequence[str]) -> dict[str, float]:
    return {name: count / len(names) for name, count in Counter(names).items()} if names else {}


def _bin(cell: Any, edges: Sequence[float]) -> str:
    return str(int(np.searchsorted(edges, cell, side="right"))) if is_number(cell) else "(missing)"


def _value(cell: Any, common: Sequence[str]) -> str:
    return "(missing)" if cell is None else str(cell) if str(cell) in common else "(other)"
