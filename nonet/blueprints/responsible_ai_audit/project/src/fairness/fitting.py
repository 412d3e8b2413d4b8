"""Fitting a design on rows, into parts that can be saved: a skops file and plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from fairness import features, mitigation, models
from fairness.design import SEED, Design
from fairness.errors import FairnessError
from fairness.features import Rows
from fairness.groups import joint, trained
from fairness.parts import Parts

LEAST = 20
"""Rows of either label that a group needs to be trained on by itself."""
FOLDS = 5


def fit(
    design: Design,
    rows: Rows,
    columns: Sequence[str],
    attributes: Sequence[str],
    model: Path | None = None,
    positive: str = "",
) -> Parts:
    """Fit a design.

    Args:
        design: what to fit.
        rows: with labels; only these are learned from.
        columns: that a model may learn from, the protected ones among them.
        attributes: the protected ones.
        model: file of a given model, where the design's model is "given" and there is no column of predictions.
        positive: the favourable value of the label, by which a given model's classes are told apart.

    Raises:
        FairnessError: the design needs a given model that is not there, or cannot be applied to it.
    """
    y = np.asarray([row["y"] for row in rows], dtype=np.int64)
    merging = trained([row["groups"] for row in rows], y.tolist(), LEAST)
    groups = [merging[joint(row["groups"])] for row in rows]
    if design.mitigation != "none" and len(set(groups)) < 2:
        raise FairnessError(f"no two groups with {LEAST} rows of either label to fit {design.mitigation} for")
    used = [name for name in columns if design.sees_attributes or name not in attributes]
    parts = Parts(design=design, features=list(columns), merging=merging, positive=positive)
    if design.model == "given":
        return _around_given(parts, design, rows, y, groups, model)
    parts.columns = features.kinds(rows, used)
    parts.encoder = features.fit(rows, parts.columns)
    X = parts.encoder.encode(rows)
    if design.mitigation == "correlation_removal":
        parts.remover, X = _remover(X, groups)
    base = models.estimator(design.model, design.epsilon)
    if design.mitigation == "exponentiated_gradient":
        found, parts.weights = mitigation.exponentiated_gradient(base, X, y, groups, design.constraint, design.slack)
        parts.predictors = [models.plain(each) for each in found]
        return parts
    if design.mitigation == "grid_search":
        parts.predictors = [models.plain(mitigation.grid_search(base, X, y, groups, design.constraint))]
        return parts
    weights = mitigation.reweighing(groups, y) if design.mitigation == "reweighing" else None
    fitted = base.fit(X, y) if weights is None else base.fit(X, y, sample_weight=weights)
    parts.predictors = [models.plain(fitted)]
    if design.mitigation in ("threshold_optimizer", "group_calibration"):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
        scores = cross_val_predict(clone(base), X, y, cv=folds, method="predict_proba")[:, 1]
        _after(parts, design, scores, y, groups)
    return parts


def _around_given(
    parts: Parts, design: Design, rows: Rows, y: np.ndarray, groups: Sequence[str], model: Path | None
) -> Parts:
    parts.given = model.suffix if model else "column"
    if model:
        from fairness import given

        parts.scorer = given.load(model, parts.features, parts.positive)
    elif any(row["given"] is None for row in rows):
        raise FairnessError("no model and no column of predictions was given")
    if design.mitigation == "none":
        return parts
    scores = parts.scores(rows)
    if design.mitigation == "group_calibration" and (scores.min() < 0 or scores.max() > 1):
        raise FairnessError("the given scores are no probabilities; they cannot be calibrated by their log odds")
    _after(parts, design, scores, y, groups)
    return parts


def _after(parts: Parts, design: Design, scores: np.ndarray, y: np.ndarray, groups: Sequence[str]) -> None:
    if design.mitigation == "threshold_optimizer":
        parts.rules = mitigation.thresholds(scores, y, groups, design.constraint)
    elif design.mitigation == "group_calibration":
        parts.calibration = mitigation.calibrators(scores, y, groups)
    else:
        raise FairnessError(f"{design.mitigation} needs a model to be trained; the given one is finished")


def _remover(X: np.ndarray, groups: Sequence[str]) -> tuple[dict[str, list[float]], np.ndarray]:
    """Take out of every encoded column what a linear model of the groups says of it (fairlearn's method).

    Returns:
        Group → what is taken off its rows, and the matrix without it.
    """
    from fairlearn.preprocessing import CorrelationRemover

    order = sorted(set(groups))[1:]
    if not order:
        return {}, X
    indicators = np.asarray([[float(group == name) for name in order] for group in groups])
    fitted = CorrelationRemover(sensitive_feature_ids=list(range(len(order))), alpha=1.0)
    fitted.fit(np.column_stack([indicators, X]))
    mean, beta = np.asarray(fitted.sensitive_mean_), np.asarray(fitted.beta_)
    taken = {
        group: ((np.asarray([float(group == name) for name in order]) - mean)[:, None] * beta).sum(axis=0).tolist()
        for group in sorted(set(groups))
    }
    return taken, X - np.asarray([taken[group] for group in groups])
