"""The card's figures of the whole: metrics with intervals, bars, claims, what deciding blindly scores, candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nonet.blueprints.responsible_ai_audit.card_text import figure, percent, table
from nonet.blueprints.responsible_ai_audit.scoring import code, whole
from nonet.trials.statistics import rate_bounds

_SHOWN = (
    "accuracy",
    "criterion_gap",
    "demographic_parity_gap",
    "equal_opportunity_gap",
    "equalized_odds_gap",
    "predictive_parity_gap",
    "calibration_gap",
    "intersection_gap",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "selection_rate",
    "accuracy_most_frequent",
    "f1_random",
)


def section(record: Mapping[str, Any], decided: Mapping[str, Any]) -> str:
    """Return every metric of this model beside the baseline's, the bars and the claims."""
    delivered = record["delivery"]
    held = delivered["holdout_metrics"]
    differences: Mapping[str, Any] = record["opened"]["differences"] if record["opened"] else {}
    winner, baseline = (
        (held["winner"], held["baseline"]) if held else (decided["metrics"], decided["baseline"]["metrics"])
    )
    where = (
        "the sealed holdout, opened once, for these two" if held else "the selection rows (too few rows to seal any)"
    )
    rows = [
        (name, figure(winner.get(name)), figure(baseline.get(name)), figure(differences.get(name)))
        for name in _SHOWN
        if winner.get(name) or baseline.get(name)
    ]
    bars = [
        f"- `{each['name']}`: selection {_verdict(each)}; holdout {_verdict(each.get('holdout'))}"
        for each in delivered["targets"]
    ]
    return (
        f"## Evaluation\n\nMeasured on {where}; 95 % intervals.\n\n"
        + table(["metric", "this model", "baseline", "difference (paired)"], rows)
        + "\n\n### The bars\n\n"
        + "\n".join(bars)
        + "\n\n### The claims\n\n"
        + "\n".join(_claim(each) for each in (delivered["holdout"], *delivered["beside"]))
    )


def _verdict(row: Mapping[str, Any] | None) -> str:
    if not row or row.get("measured") is None:
        return "not measured"
    word = {True: "met", False: "missed", None: "not shown"}[row["met"]]
    return f"{figure({'value': row['measured'], 'low': row['low'], 'high': row['high']})}, {word}"


def _claim(found: Mapping[str, Any]) -> str:
    """One line for a claim against the baseline; the claims of one opening share its level."""
    if not found.get("difference"):
        return f"- {found['claim']}"
    level = percent(1 - found["alpha"])
    return (
        f"- `{found['metric']}`: {found['claim']}; this model − baseline {figure(found['difference'])} "
        f"({level} interval, paired). {found['reason'] or ''}"
    )


def references(opened: Mapping[str, Any] | None) -> str:
    """Set precision, recall and F1 beside deciding at random at the base rate and always the commoner label.

    Both are expectations under the holdout's base rate; their intervals are what its interval makes of them.
    """
    if opened is None:
        return ""
    rows: list[Sequence[str]] = []
    for who, name in (("winner", "this model"), ("baseline", "the baseline")):
        found = whole(code(opened["outputs"][who], opened["labels"]))
        rows.append((name, *(f"{found[each]:.3f}" for each in ("accuracy", "precision", "recall", "f1"))))
    labels = [each["y"] for each in opened["labels"]]
    base, (low, high) = sum(labels) / len(labels), rate_bounds(sum(labels), len(labels))
    same = figure({"value": base, "low": low, "high": high})
    even = [rate**2 + (1 - rate) ** 2 for rate in (base, low, high)]
    rows.append(("at random, at the base rate", f"{even[0]:.3f}", same, same, same))
    commoner = (same, same, "1.000", f"{2 * base / (1 + base):.3f}")
    rows.append(
        ("always the commoner label", *(commoner if base >= 0.5 else (f"{1 - base:.3f}", "–", "0.000", "0.000")))
    )
    return (
        "### Beside deciding blindly\n\nOn the holdout; intervals of the models' figures stand above. Precision is not "
        "defined where nobody is selected.\n\n" + table(["decides", "accuracy", "precision", "recall", "F1"], rows)
    )


def candidates(decided: Mapping[str, Any]) -> str:
    """Return accuracy against the criterion's gap of everything that was measured."""
    pareto = set(decided["decision"]["pareto"])
    rows = [
        (
            row["description"],
            figure(row["metrics"].get("accuracy")),
            figure(row["metrics"].get("criterion_gap")),
            "yes" if row["key"] in pareto else "",
            row["failed"] or row["not_measured"] or ("baseline" if row["baseline"] else ""),
        )
        for row in decided["candidates"]
    ]
    head = (
        "## What else was measured\n\nAccuracy against the criterion's gap on the selection rows; Pareto: nothing "
        "beats it on both."
    )
    return f"{head}\n\n" + table(["design", "accuracy", "criterion gap", "Pareto", ""], rows)
