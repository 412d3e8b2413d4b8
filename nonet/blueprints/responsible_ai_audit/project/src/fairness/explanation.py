"""Explanations: Shapley values (SHAP) and a local linear surrogate (LIME) of what the fitted design scores.

People to explain are drawn column by column from the fitted rows' profile: no row of a real person ships with the
project. Their combinations of values may be rare; what is explained is the model, not anybody.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairness.design import SEED
from fairness.features import Rows
from fairness.groups import Grouping
from fairness.parts import Parts

BACKGROUND = 30
EXPLAINED = 24
SAMPLES = 300
LENDERS = 8


def people(
    reference: Mapping[str, Any], groupings: Mapping[str, Grouping], count: int, seed: int
) -> list[dict[str, Any]]:
    """Draw rows, each column by itself from its deciles or frequencies."""
    random = np.random.default_rng(seed)
    cells: dict[str, list[Any]] = {}
    for name, known in reference["columns"].items():
        names, shares = list(known["shares"]), np.asarray(list(known["shares"].values()))
        drawn = random.choice(len(names), size=count, p=shares / shares.sum())
        cells[name] = [_cell(names[place], known, random) for place in drawn]
    rows = [{name: values[place] for name, values in cells.items()} for place in range(count)]
    return [_row(x, reference, groupings, random) for x in rows]


def _cell(name: str, known: Mapping[str, Any], random: np.random.Generator) -> Any:
    if name in ("(missing)", "(other)"):
        return None
    if "edges" not in known:
        return name
    edges = known["edges"]
    low = edges[max(0, int(name) - 1)]
    high = edges[min(len(edges) - 1, int(name))]
    return float(random.uniform(low, high)) if high > low else float(low)


def _row(
    x: dict[str, Any], reference: Mapping[str, Any], groupings: Mapping[str, Grouping], random: np.random.Generator
) -> dict[str, Any]:
    groups: dict[str, str] = {}
    for name, grouping in groupings.items():
        group = grouping.of(x.get(name))
        if group is None:
            known = [value for value in reference["columns"][name]["shares"] if value not in ("(missing)", "(other)")]
            group = str(random.choice(known))
        groups[name] = group
    return {"x": x, "groups": groups, "given": None}


def shapley(parts: Parts, rows: Rows, background: Rows) -> dict[str, Any]:
    """Return column → mean absolute Shapley value of the score over rows, largest first.

    Permutation estimate of Lundberg and Lee (2017) with an independent background; ``residual`` is the largest
    difference between a score and the sum of its parts: it is exact up to rounding.
    """
    # Compiling shap's loops takes longer than all that they do here.
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
    import shap

    names = list(parts.features)
    table = np.arange(len(rows) + len(background))
    everyone = [*rows, *background]

    def score(matrix: np.ndarray) -> np.ndarray:
        return parts.scores([_mixed(everyone, row, names) for row in np.asarray(matrix, dtype=int)])

    own = np.repeat(table[: len(rows), None], len(names), axis=1)
    others = np.repeat(table[len(rows) :, None], len(names), axis=1)
    explainer = shap.PermutationExplainer(
        score, shap.maskers.Independent(others, max_samples=len(background)), seed=SEED
    )
    found = explainer(own, max_evals=2 * (2 * len(names) + 1), silent=True)
    values = np.abs(found.values).mean(axis=0)
    sums = found.base_values + found.values.sum(axis=1)
    order = np.argsort(-values)
    return {
        "method": "SHAP, permutation, independent background",
        "rows": len(rows),
        "background": len(background),
        "columns": {names[place]: float(values[place]) for place in order},
        "residual": float(np.abs(sums - score(own)).max()),
    }


def _mixed(everyone: Rows, places: Sequence[int], names: Sequence[str]) -> dict[str, Any]:
    """A row whose every column comes from one of the people, its groups from whoever lends the attribute."""
    x = {name: everyone[place]["x"].get(name) for name, place in zip(names, places, strict=True)}
    lenders = dict(zip(names, places, strict=True))
    groups = {name: everyone[lenders[name]]["groups"][name] for name in everyone[0]["groups"]}
    return {"x": x, "groups": groups, "given": None}


def surrogate(parts: Parts, row: Mapping[str, Any], background: Rows, seed: int = SEED) -> dict[str, Any]:
    """Explain one score by a weighted linear model of which columns keep their value (LIME).

    Ribeiro, Singh and Guestrin (2016), for tables: each sample keeps a random half of the row's columns and takes the
    others from the background, the score averaged over ``LENDERS`` of them; its weight is exp(−d²/.75²), d the share of
    columns changed. ``fidelity`` is the weighted R².
    """
    names = list(parts.features)
    random = np.random.default_rng(seed)
    kept = random.random((SAMPLES, len(names))) < 0.5
    kept[0] = True
    lenders = random.integers(1, len(background) + 1, size=(SAMPLES, LENDERS))
    everyone = [row, *background]
    samples = [
        _mixed(everyone, [0 if keep else int(lender) for keep in mask], names)
        for mask, lent in zip(kept, lenders, strict=True)
        for lender in lent
    ]
    scores = parts.scores(samples).reshape(SAMPLES, LENDERS).mean(axis=1)
    weights = np.exp(-(((~kept).mean(axis=1)) ** 2) / 0.75**2)
    slopes, fidelity = _weighted_ridge(kept.astype(float), scores, weights)
    order = np.argsort(-np.abs(slopes))
    return {
        "method": "LIME",
        "score": float(scores[0]),
        "fidelity": fidelity,
        "columns": {names[place]: float(slopes[place]) for place in order[:8]},
    }


def _weighted_ridge(X: np.ndarray, y: np.ndarray, weights: np.ndarray, penalty: float = 1e-3) -> tuple[Any, float]:
    """Return slopes and the weighted R²; the intercept is not penalised."""
    middle, level = np.average(X, axis=0, weights=weights), float(np.average(y, weights=weights))
    centred, risen = X - middle, y - level
    gram = centred.T @ (weights[:, None] * centred) + penalty * np.eye(X.shape[1])
    slopes = np.linalg.solve(gram, centred.T @ (weights * risen))
    left, whole = weights @ (risen - centred @ slopes) ** 2, weights @ risen**2
    return slopes, float(1 - left / whole) if whole > 0 else 1.0
