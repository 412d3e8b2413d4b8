"""Rates by group with their counts, and the gaps of each fairness criterion.

Selection rate P(d=1); true and false positive rates; precision; outcome against mean score. A gap is the largest
difference between two groups of one attribute; of equalized odds the larger of those of both error rates (fairlearn's
definition). Intervals of single rates are exact (Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LEAST = 30
"""Rows of either label that a group needs in the whole table to be compared; smaller ones are shown, not compared."""
CRITERIA = ("demographic_parity", "equal_opportunity", "equalized_odds", "predictive_parity", "calibration")
_RATES = {
    "demographic_parity": ("selection_rate",),
    "equal_opportunity": ("true_positive_rate",),
    "equalized_odds": ("true_positive_rate", "false_positive_rate"),
    "predictive_parity": ("precision",),
    "calibration": ("over_score",),
}


def by_group(
    y: Sequence[int], labels: Sequence[int], scores: Sequence[float], groups: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return group → counts, rates and their 95 % intervals; a rate without rows is ``None``."""
    truth, decided = np.asarray(y), np.asarray(labels)
    scored, names = np.asarray(scores, dtype=np.float64), np.asarray(groups)
    return {
        name: _rates(truth[here], decided[here], scored[here])
        for name in sorted(set(groups))
        if (here := names == name).any()
    }


def _rates(y: np.ndarray, d: np.ndarray, s: np.ndarray) -> dict[str, Any]:
    n, ones = len(y), int(y.sum())
    true_positive, selected = int((y & d).sum()), int(d.sum())
    false_positive = selected - true_positive
    probable = bool(n and s.min() >= 0 and s.max() <= 1)
    return {
        "n": n,
        "positives": ones,
        "negatives": n - ones,
        "base_rate": rate(ones, n),
        "selection_rate": rate(selected, n),
        "true_positive_rate": rate(true_positive, ones),
        "false_positive_rate": rate(false_positive, n - ones),
        "false_negative_rate": rate(ones - true_positive, ones),
        "precision": rate(true_positive, selected),
        "accuracy": rate(int((y == d).sum()), n),
        "f1": 2 * true_positive / (selected + ones) if selected + ones else None,
        "over_score": float(y.mean() - s.mean()) if probable else None,
        "calibration_error": calibration_error(y, s) if probable else None,
    }


def rate(events: int, trials: int) -> dict[str, float] | None:
    """Return a rate with its exact 95 % interval; ``None`` without trials."""
    if not trials:
        return None
    from scipy.special import betaincinv  # scipy.stats, which wraps it, takes ten times as long to import

    low = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, 0.025))
    high = 1.0 if events == trials else float(betaincinv(events + 1, trials - events, 0.975))
    return {"value": events / trials, "low": low, "high": high}


def calibration_error(y: np.ndarray, s: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: |outcome − score| over equal-width bins, weighted by their rows."""
    places = np.minimum((s * bins).astype(int), bins - 1)
    total = 0.0
    for place in range(bins):
        here = places == place
        if here.any():
            total += abs(float(y[here].mean()) - float(s[here].mean())) * int(here.sum())
    return total / len(y)


def gap(rates: Mapping[str, Mapping[str, Any]], criterion: str) -> float | None:
    """Return the largest difference between two groups under a criterion; ``None`` where fewer than two have a rate."""
    found: list[float] = []
    for name in _RATES[criterion]:
        values = [value for each in rates.values() if (value := _value(each[name])) is not None]
        if len(values) > 1:
            found.append(max(values) - min(values))
    return max(found) if found else None


def _value(rate: Any) -> float | None:
    found = rate["value"] if isinstance(rate, Mapping) else rate
    return None if found is None or math.isnan(found) else float(found)


def large(y: Sequence[int], groups: Sequence[str]) -> list[str]:
    """Return the groups with at least ``LEAST`` rows of either label."""
    truth, names = np.asarray(y), np.asarray(groups)
    return [
        name
        for name in sorted(set(groups))
        if min(int(truth[names == name].sum()), int((1 - truth[names == name]).sum())) >= LEAST
    ]


def quick_gap(y: np.ndarray, d: np.ndarray, s: np.ndarray, groups: np.ndarray, criterion: str) -> float | None:
    """Return ``gap`` of ``by_group`` without its intervals: what a bootstrap asks for again and again."""
    counted = {}
    for name in np.unique(groups):
        here = groups == name
        ones, selected, hits, n = (
            int(y[here].sum()),
            int(d[here].sum()),
            int((y[here] & d[here]).sum()),
            int(here.sum()),
        )
        probable = bool(s[here].min() >= 0 and s[here].max() <= 1)
        counted[str(name)] = {
            "selection_rate": selected / n,
            "true_positive_rate": hits / ones if ones else None,
            "false_positive_rate": (selected - hits) / (n - ones) if n > ones else None,
            "precision": hits / selected if selected else None,
            "over_score": float(y[here].mean() - s[here].mean()) if probable else None,
        }
    return gap(counted, criterion)
