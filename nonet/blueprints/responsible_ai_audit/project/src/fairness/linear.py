"""Linear predictors as plain numbers: applied row by row, the same in every batch.

A product with a matrix (BLAS) adds up in an order that hangs on how many rows there are, so that a row's last bits
change with its company; sums along each row do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Linear:
    """P(1) = 1 / (1 + exp(−(x·weights + intercept))).

    Attributes:
        bounded: whether rows are scaled to norm 1 at most, an intercept column of ones among them.
    """

    weights: tuple[float, ...]
    intercept: float = 0.0
    bounded: bool = False

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of 1 for a matrix of shape (rows, columns)."""
        rows = bounded(X) if self.bounded else X
        z = (np.ascontiguousarray(rows) * np.asarray(self.weights)).sum(axis=1) + self.intercept
        return 1 / (1 + np.exp(-np.clip(z, -700, 700)))

    @property
    def size(self) -> int:
        """How many numbers were fitted."""
        return len(self.weights) + (not self.bounded)

    def json(self) -> dict[str, Any]:
        """Return what ``read`` reads."""
        return asdict(self)


def read(fields: Mapping[str, Any]) -> Linear:
    """Read what ``Linear.json`` wrote."""
    return Linear(tuple(fields["weights"]), float(fields["intercept"]), bool(fields["bounded"]))


def bounded(X: np.ndarray) -> np.ndarray:
    """Append a column of ones and scale every row to norm 1 at most."""
    rows = np.column_stack([X, np.ones(len(X))])
    return rows / np.maximum(1.0, np.sqrt((rows * rows).sum(axis=1, keepdims=True)))


def log_odds(scores: np.ndarray) -> np.ndarray:
    """Return ln(p / (1 − p)) of scores clipped to (0, 1)."""
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def decided(rule: Mapping[str, Any], score: float) -> float:
    """Return the probability of a decision of 1 under a group's rule: a mixture of thresholds, and a constant."""
    mixed = sum(
        share * float(score > threshold if operator == ">" else score < threshold)
        for share, operator, threshold in rule["parts"]
    )
    return rule["ignored"] * rule["constant"] + (1 - rule["ignored"]) * mixed
