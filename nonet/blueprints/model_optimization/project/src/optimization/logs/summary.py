"""What training logs say, in lines and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimization.logs.overfitting import overfitting
from optimization.logs.series import Series


def findings(series: Sequence[Series]) -> list[str]:
    """Return what is wrong with a training, a line each: divergence and overfitting; none where nothing is."""
    lines = [
        f"{_label(each)} diverges from step {each.diverges_at:.6g}: lower the learning rate or clip the gradients."
        for each in series
        if each.diverges_at is not None
    ]
    lines += [
        f"{_label(each.validation)} is best at step {each.step:.6g} and worsens while {each.training.name} improves: "
        "overfitting; stop there, regularise, or distil into a smaller model."
        for each in overfitting(series)
    ]
    return lines


def summary(series: Sequence[Series]) -> dict[str, Any]:
    """Return each metric's points, first, last, best and trend, and the findings; fit for JSON."""
    return {"metrics": [_metric(each) for each in series], "findings": findings(series)}


def _metric(each: Series) -> dict[str, Any]:
    best = each.best
    return {
        "metric": each.name,
        "source": each.source,
        "points": len(each.values),
        "not_finite": len(each.values) - len(each.finite),
        "first": each.finite[0][1] if each.finite else None,
        "last": each.finite[-1][1] if each.finite else None,
        "best": best[1] if best else None,
        "best_step": best[0] if best else None,
        "trend": each.trend,
        "diverges_from_step": each.diverges_at,
    }


def _label(each: Series) -> str:
    return f"{each.source}: {each.name}" if each.source else each.name
