"""What the data say before any model: base rates, proxies of protected attributes, hints of bias in the label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from fairness import features, rates, telling
from fairness.design import SEED
from fairness.features import Rows
from fairness.privacy import privacy

MOST_ROWS = 3000
"""Proxies are sought on so many rows at most, the first by the order given."""
FOLDS = 3
SINGLE = 8


def audit(rows: Rows, columns: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    """Return everything this module finds on labelled rows."""
    return {
        "rows": len(rows),
        "base_rates": {name: base_rates(rows, name) for name in attributes},
        "proxies": {name: proxies(rows, columns, attributes, name) for name in attributes},
        "label_hints": {name: label_hint(rows, columns, attributes, name) for name in attributes},
        "privacy": privacy(rows, columns, attributes),
    }


def base_rates(rows: Rows, attribute: str) -> dict[str, Any]:
    """Return group → size and share of label 1 with its interval."""
    counts = Counter((row["groups"][attribute], row["y"]) for row in rows)
    groups = sorted({group for group, _ in counts})
    return {
        group: {
            "n": counts[group, 0] + counts[group, 1],
            "base_rate": rates.rate(counts[group, 1], counts[group, 0] + counts[group, 1]),
            "large_enough": min(counts[group, 0], counts[group, 1]) >= rates.LEAST // 2,
        }
        for group in groups
    }


def proxies(rows: Rows, columns: Sequence[str], attributes: Sequence[str], attribute: str) -> dict[str, Any]:
    """Say how well the other columns predict an attribute: AUC of its commonest group against the rest.

    Cross-validated logistic regression over all columns that are no protected attribute, then each by itself (see
    ``telling``); .5 is chance. Intervals are Hanley and McNeil's (1982).
    """
    seen = rows[:MOST_ROWS]
    commonest = Counter(row["groups"][attribute] for row in seen).most_common(1)[0][0]
    target = np.asarray([int(row["groups"][attribute] == commonest) for row in seen])
    others = [name for name in columns if name not in attributes]
    if min(Counter(target.tolist()).values()) < SINGLE or len(set(target.tolist())) < 2 or not others:
        return {"against": commonest, "auc": None, "columns": {}, "reason": "too few rows outside the commonest group"}
    single = {name: telling.told(telling.column(seen, name), target) for name in others}
    best = dict(sorted(single.items(), key=lambda item: -item[1])[:SINGLE])
    scores = _predicted(seen, others, target)
    ones = int(target.sum())

    def known(value: float) -> dict[str, float]:
        low, high = telling.bounds(value, ones, len(target) - ones)
        return {"value": value, "low": low, "high": high}

    return {
        "against": commonest,
        "auc": known(telling.auc(target, scores)),
        "columns": {name: known(value) for name, value in best.items()},
    }


def _predicted(rows: Rows, names: Sequence[str], target: np.ndarray) -> np.ndarray:
    """Return cross-validated probabilities of 1 by logistic regression, shape (rows,)."""
    X = features.fit(rows, features.kinds(rows, names)).encode(rows)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return cross_val_predict(LogisticRegression(max_iter=500), X, target, cv=folds, method="predict_proba")[:, 1]


def label_hint(rows: Rows, columns: Sequence[str], attributes: Sequence[str], attribute: str) -> dict[str, Any]:
    """Say whether the label differs between groups beyond what the other columns explain.

    A model without protected attributes predicts the label (cross-validated); for each group the mean of label − score
    stands with its standard error. A group whose labels lie well off what like people of other groups get is a hint, no
    proof, that the label itself carries bias.
    """
    seen = rows[:MOST_ROWS]
    y = np.asarray([row["y"] for row in seen])
    others = [name for name in columns if name not in attributes]
    if not others or min(Counter(y.tolist()).values()) < SINGLE:
        return {"reason": "too few rows of one label, or no other column"}
    scores = _predicted(seen, others, y)
    names = np.asarray([row["groups"][attribute] for row in seen])
    found: dict[str, Any] = {}
    for group in sorted(set(names.tolist())):
        residuals = (y - scores)[names == group]
        error = float(residuals.std(ddof=1) / np.sqrt(len(residuals))) if len(residuals) > 1 else None
        found[group] = {"n": len(residuals), "unexplained": float(residuals.mean()), "standard_error": error}
    return found
