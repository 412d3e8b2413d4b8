"""Choosing columns: those whose class means lie furthest apart, in pooled standard deviations."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path


def choose(rows: Sequence[Sequence[float]], labels: Sequence[int], count: int) -> list[int]:
    """Return the indexes of the ``count`` columns that separate the classes best, best first."""
    scores = [(_separation([row[j] for row in rows], labels), -j) for j in range(len(rows[0]))]
    return [-j for _, j in sorted(scores, reverse=True)[:count]]


def _separation(values: Sequence[float], labels: Sequence[int]) -> float:
    groups = [[v for v, y in zip(values, labels, strict=True) if y == label] for label in (0, 1)]
    if not all(groups):
        return 0.0
    means = [sum(group) / len(group) for group in groups]
    spread = sum((v - means[y]) ** 2 for v, y in zip(values, labels, strict=True)) / len(values)
    return abs(means[1] - means[0]) / math.sqrt(spread) if spread else 0.0


def save(columns: Sequence[int], folder: Path) -> None:
    """Write the choice."""
    (folder / "columns.json").write_text(json.dumps(list(columns)), encoding="utf-8")


def load(folder: Path) -> list[int]:
    """Read the choice."""
    return json.loads((folder / "columns.json").read_text(encoding="utf-8"))
