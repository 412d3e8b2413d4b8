"""The evaluator: it alone holds the labels, and turns a trial's outputs into scores."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.contract import Metric, Objective, Unit
from nonet.trials.statistics import Floats, Positions


class Scorer(Protocol):
    """The part of a ``Blueprint`` that judging needs."""

    @property
    def metrics(self) -> Sequence[Metric]:
        """Every metric a trial is judged by."""
        ...

    @property
    def objective(self) -> Objective:
        """What is maximised or minimised, and the cost that breaks its ties."""
        ...

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Compute every metric of source "score" over a multiset of positions."""
        ...


class Evaluator:
    """Scores outputs against labels that no design ever sees.

    In every method ``outputs`` is a list aligned with ``indexes``, the indexes of units in the unit set.

    Attributes:
        metrics: the blueprint's metrics by name.
        objective: the blueprint's objective.
    """

    def __init__(self, blueprint: Scorer, units: Sequence[Unit]) -> None:
        self.metrics = {metric.name: metric for metric in blueprint.metrics}
        self.objective = blueprint.objective
        self._scorer = blueprint
        self._labels = [unit.label for unit in units]

    def by(self, objective: Objective) -> Evaluator:
        """Return the same evaluator for another objective."""
        other = copy.copy(self)
        other.objective = objective
        return other

    def table(self, outputs: Sequence[Json], indexes: Sequence[int]) -> dict[str, list[float]]:
        """Return metric → one value per unit, for the scored metrics that are means over units.

        Raises:
            TrialError: outputs are missing, or the scorer left a metric out or gave no finite number.
        """
        names = [metric.name for metric in self.metrics.values() if metric.source == "score" and metric.mean]
        labels = self._aligned(outputs, indexes)
        columns: dict[str, list[float]] = {name: [] for name in names}
        for position in range(len(indexes)):
            scores = self._scored(outputs, labels, [position])
            for name in names:
                columns[name].append(_finite(name, scores[name]))
        return columns

    def values(self, outputs: Sequence[Json], indexes: Sequence[int]) -> dict[str, float]:
        """Return every scored metric over all the units, less those that are undefined on them (see ``value``).

        Raises:
            TrialError: as ``table``.
        """
        labels = self._aligned(outputs, indexes)
        scores = self._scored(outputs, labels, range(len(indexes)))
        defined = {name: self._defined(name, value) for name, value in scores.items()}
        return {name: value for name, value in defined.items() if value is not None}

    def value(self, metric: str, outputs: Sequence[Json], indexes: Sequence[int]) -> float | None:
        """Return one scored metric over all the units; ``None`` when one that is no mean is undefined on them (NaN).

        Raises:
            TrialError: as ``table``.
        """
        labels = self._aligned(outputs, indexes)
        return self._defined(metric, self._scored(outputs, labels, range(len(indexes)))[metric])

    def resampled(
        self, metric: str, outputs: Sequence[Json], indexes: Sequence[int], draws: Iterable[Positions]
    ) -> Floats:
        """Return a scored metric on each resample, NaN where the metric is undefined on it (an AUC of one class).

        Args:
            metric: its name.
            outputs: one output per unit.
            indexes: the units.
            draws: resamples, each an array of ``len(indexes)`` positions into ``outputs``.

        Raises:
            TrialError: as ``table``.
        """
        labels = self._aligned(outputs, indexes)
        return np.array([self._scored(outputs, labels, draw.tolist())[metric] for draw in draws], dtype=np.float64)

    def _defined(self, name: str, value: float) -> float | None:
        return None if math.isnan(value) and not self.metrics[name].mean else _finite(name, value)

    def _aligned(self, outputs: Sequence[Json], indexes: Sequence[int]) -> list[Json]:
        if len(outputs) != len(indexes):
            raise TrialError(f"The design gave {len(outputs)} outputs for {len(indexes)} units.")
        return [self._labels[index] for index in indexes]

    def _scored(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        try:
            scores = self._scorer.score(outputs, labels, index)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, ZeroDivisionError) as error:
            raise TrialError(f"The outputs cannot be scored: {type(error).__name__}: {error}.") from error
        named = {metric.name for metric in self.metrics.values() if metric.source == "score"}
        if missing := sorted(named - scores.keys()):
            raise TrialError(f"The scorer left out {', '.join(missing)}.")
        return {name: float(scores[name]) for name in sorted(named)}


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise TrialError(f"The scorer gave {value} for {name}: no finite number.")
    return value
