"""Three classifiers, from cheap to dear: one threshold, logistic regression, nearest neighbours.

Each fits from rows and 0/1 labels, saves to a dictionary and says how many operations one prediction takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

Rows = Sequence[Sequence[float]]


class Model(Protocol):
    """A fitted classifier."""

    operations: int

    def predict(self, row: Sequence[float]) -> int:
        """Return 0 or 1."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs."""
        ...


class MeanThreshold:
    """Projects onto the difference of the class means; the threshold lies half way."""

    def __init__(self, weights: Sequence[float], threshold: float) -> None:
        self.weights = list(weights)
        self.threshold = threshold
        self.operations = 2 * len(self.weights) + 1

    @classmethod
    def fit(cls, rows: Rows, labels: Sequence[int], work: int) -> MeanThreshold:
        """Fit; ``work`` changes nothing here."""
        means = [_mean([row for row, y in zip(rows, labels, strict=True) if y == label]) for label in (0, 1)]
        weights = [b - a for a, b in zip(*means, strict=True)]
        middle = [(a + b) / 2 for a, b in zip(*means, strict=True)]
        return cls(weights, _dot(weights, middle))

    def predict(self, row: Sequence[float]) -> int:
        """Return 0 or 1."""
        return int(_dot(self.weights, row) > self.threshold)

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs."""
        return {"weights": self.weights, "threshold": self.threshold}


class Logistic:
    """Logistic regression on the columns and their squares, by full-batch gradient descent."""

    def __init__(self, weights: Sequence[float], bias: float) -> None:
        self.weights = list(weights)
        self.bias = bias
        self.operations = 3 * len(self.weights) + 1

    @classmethod
    def fit(cls, rows: Rows, labels: Sequence[int], work: int) -> Logistic:
        """Fit in ``10 * work`` steps."""
        expanded = [_expand(row) for row in rows]
        weights, bias = [0.0] * len(expanded[0]), 0.0
        for _ in range(10 * work):
            errors = [_sigmoid(_dot(weights, row) + bias) - y for row, y in zip(expanded, labels, strict=True)]
            rate = 0.5 / len(rows)
            for j in range(len(weights)):
                weights[j] -= rate * sum(error * row[j] for error, row in zip(errors, expanded, strict=True))
            bias -= rate * sum(errors)
        return cls(weights, bias)

    def predict(self, row: Sequence[float]) -> int:
        """Return 0 or 1."""
        return int(_dot(self.weights, _expand(row)) + self.bias > 0)

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs."""
        return {"weights": self.weights, "bias": self.bias}


class Neighbours:
    """The majority of the ``k`` nearest training rows; ``k`` is odd."""

    def __init__(self, rows: Rows, labels: Sequence[int], k: int) -> None:
        self.rows = [list(row) for row in rows]
        self.labels = list(labels)
        self.k = k
        self.operations = len(self.rows) * (3 * len(self.rows[0]) + k)

    @classmethod
    def fit(cls, rows: Rows, labels: Sequence[int], work: int) -> Neighbours:
        """Keep the rows; ``work`` is k."""
        return cls(rows, labels, work)

    def predict(self, row: Sequence[float]) -> int:
        """Return 0 or 1."""
        near = sorted(
            (sum((a - b) ** 2 for a, b in zip(row, other, strict=True)), place) for place, other in enumerate(self.rows)
        )
        return int(2 * sum(self.labels[place] for _, place in near[: self.k]) > self.k)

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs."""
        return {"rows": self.rows, "labels": self.labels, "k": self.k}


MODELS: dict[str, Any] = {"mean_threshold": MeanThreshold, "logistic": Logistic, "knn": Neighbours}


def restore(name: str, state: dict[str, Any]) -> Model:
    """Return the model that ``state`` was taken of."""
    return MODELS[name](**state)


def _mean(rows: Rows) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _expand(row: Sequence[float]) -> list[float]:
    return [*row, *(value * value for value in row)]


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
