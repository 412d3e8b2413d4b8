"""What is done about unequal decisions: before, while and after a model is fitted.

Sources: reweighing, Kamiran and Calders (2012); correlation removal, and its implementation, fairlearn; exponentiated
gradient and grid search, Agarwal et al. (2018); thresholds by group, Hardt, Price and Srebro (2016); calibration by
group, Platt (1999) fitted within each group (Pleiss et al. 2017 on what it excludes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from fairness.design import SEED
from fairness.linear import log_odds

ITERATIONS = 30
GRID = 24
FAIRLEARN = {
    "demographic_parity": "demographic_parity",
    "equalized_odds": "equalized_odds",
    "equal_opportunity": "true_positive_rate_parity",
}


def reweighing(groups: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """Return a weight for each row, P(group)·P(label) / P(group, label): group and label are independent under it."""
    n, pairs = len(labels), list(zip(groups, labels.tolist(), strict=True))
    cell, group, label = Counter(pairs), Counter(groups), Counter(labels.tolist())
    return np.asarray([group[g] * label[y] / (n * cell[g, y]) for g, y in pairs], dtype=np.float64)


def moment(constraint: str, slack: float) -> Any:
    """Return fairlearn's constraint."""
    from fairlearn.reductions import DemographicParity, EqualizedOdds, TruePositiveRateParity

    kind = {
        "demographic_parity": DemographicParity,
        "equalized_odds": EqualizedOdds,
        "equal_opportunity": TruePositiveRateParity,
    }[constraint]
    return kind(difference_bound=slack)


def exponentiated_gradient(
    model: Any, X: np.ndarray, y: np.ndarray, groups: Sequence[str], constraint: str, slack: float
) -> tuple[list[Any], list[float]]:
    """Return fitted predictors and their probabilities: a row is decided by one of them, drawn at random."""
    from fairlearn.reductions import ExponentiatedGradient

    search = ExponentiatedGradient(model, moment(constraint, slack), eps=slack, max_iter=ITERATIONS)
    search.fit(X, y, sensitive_features=np.asarray(groups))
    weights = np.asarray(search.weights_, dtype=np.float64)
    kept = [place for place, weight in enumerate(weights) if weight > 1e-6]
    total = float(weights[kept].sum())
    return [search.predictors_.iloc[place] for place in kept], [float(weights[place]) / total for place in kept]


def grid_search(model: Any, X: np.ndarray, y: np.ndarray, groups: Sequence[str], constraint: str) -> Any:
    """Return the predictor of the grid with the best mean of error and unfairness."""
    from fairlearn.reductions import GridSearch

    search = GridSearch(model, moment(constraint, 0.0), grid_size=GRID)
    search.fit(X, y, sensitive_features=np.asarray(groups))
    return search.predictors_[search.best_idx_]


class _Passed(ClassifierMixin, BaseEstimator):
    """Hands a column of scores through, so that thresholds can be fitted on scores of held-out folds."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> _Passed:
        self.classes_ = np.array([0, 1])
        self.fitted_ = True
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - np.asarray(X)[:, 0], np.asarray(X)[:, 0]])

    def predict(self, X: np.ndarray) -> np.ndarray:
        return (np.asarray(X)[:, 0] >= 0.5).astype(int)


def thresholds(scores: np.ndarray, y: np.ndarray, groups: Sequence[str], constraint: str) -> dict[str, dict[str, Any]]:
    """Fit randomised thresholds by group (fairlearn's ThresholdOptimizer) as plain numbers; see ``linear.decided``."""
    from fairlearn.postprocessing import ThresholdOptimizer

    fitted = ThresholdOptimizer(
        estimator=_Passed().fit(scores[:, None], y),
        constraints=FAIRLEARN[constraint],
        objective="accuracy_score",
        prefit=True,
        predict_method="predict_proba",
    )
    fitted.fit(scores[:, None], y, sensitive_features=np.asarray(groups))
    rules: dict[str, dict[str, Any]] = {}
    for group, rule in fitted.interpolated_thresholder_.interpolation_dict.items():
        rules[str(group)] = {
            "ignored": float(rule.get("p_ignore", 0.0)),
            "constant": float(rule.get("prediction_constant", 0.0)),
            "parts": [
                [
                    float(rule[f"p{part}"]),
                    rule[f"operation{part}"].operator,
                    _finite(rule[f"operation{part}"].threshold),
                ]
                for part in (0, 1)
            ],
        }
    return rules


def calibrators(scores: np.ndarray, y: np.ndarray, groups: Sequence[str]) -> dict[str, list[float]]:
    """Return group → (slope, intercept) of Platt's logistic map from a score's log odds to the outcome."""
    found: dict[str, list[float]] = {}
    names = np.asarray(groups)
    for group in sorted(set(groups)):
        here = names == group
        if len(set(y[here].tolist())) < 2:
            found[group] = [1.0, 0.0]
            continue
        model = LogisticRegression(C=1e6, max_iter=1000, random_state=SEED).fit(
            log_odds(scores[here])[:, None], y[here]
        )
        found[group] = [float(model.coef_[0][0]), float(model.intercept_[0])]
    return found


def _finite(threshold: float) -> float:
    return float(np.clip(threshold, -1e300, 1e300))
