"""What the data say before any model: base rates, proxies of protected attributes, quasi-identifiers, label hints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from fairness import features, rates
from fairness.features import Rows
from fairness.models import SEED

MOST_ROWS = 3000
"""Proxies are sought on so many rows at most, the first by the order given."""
FOLDS = 3
SINGLE = 8
QUASI_VALUES = (2, 200)
"""A column with so many distinct values may help to single a person out."""
ANONYMOUS = 5
"""A combination shared by fewer rows than this singles people out (k-anonymity, Sweeney 2002)."""


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

    Cross-validated logistic regression over all columns that are no protected attribute, then over each by
    itself; .5 is chance.
    """
    seen = rows[:MOST_ROWS]
    commonest = Counter(row["groups"][attribute] for row in seen).most_common(1)[0][0]
    target = np.asarray([int(row["groups"][attribute] == commonest) for row in seen])
    others = [name for name in columns if name not in attributes]
    if min(Counter(target.tolist()).values()) < SINGLE or len(set(target.tolist())) < 2 or not others:
        return {"against": commonest, "auc": None, "columns": {}, "reason": "too few rows outside the commonest group"}
    single = {name: _auc(seen, [name], target) for name in others}
    best = sorted(single.items(), key=lambda item: -item[1])[:SINGLE]
    return {"against": commonest, "auc": _auc(seen, others, target), "columns": dict(best)}


def _auc(rows: Rows, names: Sequence[str], target: np.ndarray) -> float:
    columns = features.kinds(rows, names)
    X = features.encoder(columns).fit_transform(features.prepared(rows, columns))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_predict(
        LogisticRegression(max_iter=200), np.asarray(X), target, cv=folds, method="predict_proba"
    )
    return float(roc_auc_score(target, scores[:, 1]))


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
    kinds = features.kinds(seen, others)
    X = np.asarray(features.encoder(kinds).fit_transform(features.prepared(seen, kinds)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_predict(LogisticRegression(max_iter=500), X, y, cv=folds, method="predict_proba")[:, 1]
    names = np.asarray([row["groups"][attribute] for row in seen])
    found: dict[str, Any] = {}
    for group in sorted(set(names.tolist())):
        residuals = (y - scores)[names == group]
        error = float(residuals.std(ddof=1) / np.sqrt(len(residuals))) if len(residuals) > 1 else None
        found[group] = {"n": len(residuals), "unexplained": float(residuals.mean()), "standard_error": error}
    return found


def privacy(rows: Rows, columns: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    """Return quasi-identifiers and how small the groups are that they single out.

    Of all columns with a number of values that people may know of one another, up to three are combined; the
    combination with the most rows in groups below ``ANONYMOUS`` is the worst of its size.
    """
    values = {name: [_cell(row, name, attributes) for row in rows] for name in dict.fromkeys([*attributes, *columns])}
    low, high = QUASI_VALUES
    counts = {name: len(set(cells)) for name, cells in values.items()}
    candidates = sorted((n for n, c in counts.items() if low <= c <= high), key=lambda n: -counts[n])[:SINGLE]
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
