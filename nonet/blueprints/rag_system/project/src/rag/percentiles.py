"""Percentiles of times that were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` percent of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)]
