"""The card's tables by group: rates with exact intervals and group sizes, of winner and baseline, intersections too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nonet.blueprints.responsible_ai_audit.card_text import figure, table
from nonet.blueprints.responsible_ai_audit.scoring import INTERSECTION
from nonet.trials.statistics import mean_interval, rate_bounds

HEAD = (
    "group",
    "rows",
    "favourable labels",
    "selection",
    "true positive",
    "false positive",
    "precision",
    "accuracy",
    "score off by",
)


def section(opened: Mapping[str, Any] | None, inputs: Mapping[str, Any]) -> str:
    """Return the section; without a holdout there is nothing that was not chosen on."""
    if opened is None:
        return "## Rates by group\n\nNot measured on rows that chose nothing: there were too few to seal any."
    parts = [
        "## Rates by group\n\nOn the holdout; exact 95 % intervals (Clopper–Pearson); “score off by” "
        "is the mean of outcome − score, calibration by group, with its t interval. Groups marked * are too small "
        "to be compared."
    ]
    attributes: Sequence[str] = inputs["attribute"]
    for name in (*attributes, *([INTERSECTION] if len(attributes) > 1 else [])):
        title = "intersections" if name == INTERSECTION else name
        for who, outputs in opened["outputs"].items():
            shown = {"winner": "this model", "baseline": "the baseline"}[who]
            parts.append(f"### By {title}, {shown}\n\n" + table(HEAD, rows(outputs, opened["labels"], name)))
    return "\n\n".join(parts)


def rows(outputs: Sequence[Mapping[str, Any]], labels: Sequence[Mapping[str, Any]], name: str) -> list[list[str]]:
    """Return one row of text for each group of an attribute, the largest first."""
    members: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        group = " & ".join(label["groups"].values()) if name == INTERSECTION else label["groups"][name]
        members.setdefault(group, []).append(place)
    found: list[list[str]] = []
    for group, places in sorted(members.items(), key=lambda item: (-len(item[1]), item[0])):
        small = name not in labels[places[0]]["compared"]
        y = [labels[place]["y"] for place in places]
        d = [outputs[place]["label"] for place in places]
        s = [outputs[place]["score"] for place in places]
        hits = sum(a & b for a, b in zip(y, d, strict=True))
        selected, ones, n = sum(d), sum(y), len(y)
        probable = all(0 <= each <= 1 for each in s)
        found.append(
            [
                f"{group}*" if small else group,
                f"{n:,}",
                f"{ones:,}",
                figure(_rate(selected, n)),
                figure(_rate(hits, ones)),
                figure(_rate(selected - hits, n - ones)),
                figure(_rate(hits, selected)),
                figure(_rate(sum(a == b for a, b in zip(y, d, strict=True)), n)),
                figure(_offset(y, s)) if probable else "–",
            ]
        )
    return found


def _rate(events: int, trials: int) -> dict[str, float] | None:
    if not trials:
        return None
    low, high = rate_bounds(events, trials)
    return {"value": events / trials, "low": low, "high": high}


def _offset(y: Sequence[int], s: Sequence[float]) -> dict[str, float | None]:
    """Return how far outcomes lie above scores on the mean, with its t interval: calibration in the large."""
    found = mean_interval(np.asarray(y, dtype=np.float64) - np.asarray(s))
    return {name: float(value) if math.isfinite(value) else None for name, value in vars(found).items()}
