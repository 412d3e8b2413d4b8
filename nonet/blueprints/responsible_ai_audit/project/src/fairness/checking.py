"""The fairness test for continuous integration: gaps with bootstrap intervals against the bar that was signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairness import rates
from fairness.design import SEED
from fairness.errors import FairnessError
from fairness.features import Rows

DRAWS = 1000


def check(
    rows: Rows, decisions: Sequence[Mapping[str, Any]], criterion: str, max_gap: float, draws: int = DRAWS
) -> dict[str, Any]:
    """Return {"attributes": …, "verdict"}: "held", "broken" or "not shown", for labelled rows.

    Broken where the 95 % interval (percentile bootstrap over rows) of an attribute's gap lies above the bar; held
    where all
    lie on or below it. Groups with fewer than ``rates.LEAST`` rows of either label are shown and not compared.

    Raises:
        FairnessError: a row has no outcome, or no attribute has two groups that are large enough.
    """
    if any(row.get("y") is None for row in rows):
        raise FairnessError("a row has no outcome; the check needs the label's column in every row")
    y, d = np.asarray([row["y"] for row in rows]), np.asarray([each["label"] for each in decisions])
    s = np.asarray([each["score"] for each in decisions], dtype=np.float64)
    found: dict[str, Any] = {}
    for name in rows[0]["groups"]:
        groups = np.asarray([row["groups"][name] for row in rows])
        large = rates.large(y.tolist(), groups.tolist())
        measured = rates.by_group(y.tolist(), d.tolist(), s.tolist(), groups.tolist())
        small = sorted(set(measured) - set(large))
        if len(large) < 2:
            found[name] = {"gap": None, "rates": measured, "too_small": small, "verdict": "not shown"}
            continue
        kept = np.isin(groups, large)
        gap = rates.gap({each: measured[each] for each in large}, criterion)
        drawn = _drawn(y[kept], d[kept], s[kept], groups[kept], criterion, draws)
        low, high = (float(value) for value in np.quantile(drawn, [0.025, 0.975])) if len(drawn) else (None, None)
        verdict = "not shown" if low is None or high is None else _verdict(low, high, max_gap)
        found[name] = {"gap": gap, "low": low, "high": high, "rates": measured, "too_small": small, "verdict": verdict}
    verdicts = {each["verdict"] for each in found.values()}
    if all(each["gap"] is None for each in found.values()):
        raise FairnessError(f"no attribute has two groups with {rates.LEAST} rows of either label; bring more rows")
    verdict = "broken" if "broken" in verdicts else "held" if verdicts == {"held"} else "not shown"
    return {"criterion": criterion, "max_gap": max_gap, "rows": len(rows), "attributes": found, "verdict": verdict}


def _verdict(low: float, high: float, bar: float) -> str:
    return "broken" if low > bar else "held" if high <= bar else "not shown"


def _drawn(y: np.ndarray, d: np.ndarray, s: np.ndarray, groups: np.ndarray, criterion: str, draws: int) -> np.ndarray:
    random = np.random.default_rng(SEED)
    found = []
    for _ in range(draws):
        index = random.integers(0, len(y), len(y))
        found.append(rates.quick_gap(y[index], d[index], s[index], groups[index], criterion))
    return np.asarray([each for each in found if each is not None])
