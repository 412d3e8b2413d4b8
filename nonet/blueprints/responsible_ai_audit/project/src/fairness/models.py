"""The models: logistic regression, boosted trees, and logistic regression under differential privacy."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from fairness.design import SEED
from fairness.linear import Linear, bounded

CERTAIN = 700.0
"""Log odds of a predictor that always decides alike."""


def estimator(name: str, epsilon: float) -> Any:
    """Return an unfitted model that takes sample weights.

    Args:
        name: "logistic", "boosting" or "private_logistic".
        epsilon: of the private one.
    """
    if name == "boosting":
        return HistGradientBoostingClassifier(max_iter=120, learning_rate=0.1, max_leaf_nodes=15, random_state=SEED)
    if name == "private_logistic":
        return PrivateLogistic(epsilon)
    return LogisticRegression(max_iter=2000, C=1.0)


class PrivateLogistic(ClassifierMixin, BaseEstimator):
    """Logistic regression whose weights are ε-differentially private by output perturbation.

    Chaudhuri, Monteleoni and Sarwate, "Differentially Private Empirical Risk Minimization" (JMLR 12, 2011),
    algorithm 1: rows are scaled to norm 1 at most, the regularised loss is minimised, and noise with density
    ∝ exp(−n·λ·ε‖b‖/2) is added to the weights (its norm is Gamma(d, 2/(n·λ·ε))). The guarantee is that of the weights,
    for neighbouring tables that differ in one row; how the columns are encoded (categories, medians, scales) counts as
    public.

    Args:
        epsilon: the privacy loss, above 0.
        regularisation: λ; chosen beforehand, not by the data, which would cost privacy.
    """

    def __init__(self, epsilon: float = 1.0, regularisation: float = 0.01) -> None:
        self.epsilon = epsilon
        self.regularisation = regularisation

    def fit(self, X: np.ndarray, y: np.ndarray) -> PrivateLogistic:
        """Fit on a matrix (rows, columns) and 0/1 labels; see ``_entropy`` for the noise."""
        rows = bounded(X)
        n = len(rows)
        model = LogisticRegression(C=1 / (n * self.regularisation), fit_intercept=False, max_iter=5000)
        model.fit(rows, y)
        random = np.random.default_rng(self._entropy(rows, y))
        direction = random.normal(size=rows.shape[1])
        length = random.gamma(rows.shape[1], 2 / (n * self.regularisation * self.epsilon))
        self.coef_ = model.coef_[0] + length * direction / np.linalg.norm(direction)
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of 0 and 1, shape (rows, 2)."""
        ones = plain(self).probabilities(X)
        return np.column_stack([1 - ones, ones])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return 0 or 1 for every row."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)

    @staticmethod
    def _entropy(rows: np.ndarray, y: np.ndarray) -> int:
        """Seed the noise by the data, so that a measurement can be repeated.

        That keeps the price of privacy measurable and gives the guarantee away: whoever knows the rows can draw the
        noise again. Before such a model leaves the house it is fitted anew with a secret in
        ``FAIRNESS_NOISE_SECRET``.
        """
        import hashlib
        import os

        secret = os.environ.get("FAIRNESS_NOISE_SECRET", "").encode()
        return int.from_bytes(hashlib.blake2b(rows.tobytes() + y.tobytes(), key=secret[:64], digest_size=16).digest())


def plain(fitted: Any) -> Any:
    """Return a fitted predictor as plain numbers where it is linear or constant; trees stay what they are."""
    if isinstance(fitted, PrivateLogistic):
        return Linear(tuple(fitted.coef_.tolist()), 0.0, bounded=True)
    if isinstance(fitted, LogisticRegression):
        return Linear(tuple(fitted.coef_[0].tolist()), float(fitted.intercept_[0]))
    if isinstance(fitted, DummyClassifier):  # what fairlearn fits where the weighted labels are all alike
        always = int(fitted.predict(np.zeros((1, 1)))[0])
        return Linear((0.0,) * int(fitted.n_features_in_), CERTAIN if always else -CERTAIN)
    return fitted
