"""What was measured of several candidates on the same units: values, intervals and paired resamples of any metric.

Racing, shipping, claiming and the targets all read from here, so that one metric has one number everywhere. A metric is
a mean over units (paired t), something scored over a multiset of units or a percentile of latencies (bootstrap), or
counted (exact). Resamples are drawn once per number of units and shared by all candidates: they are paired.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from nonet.errors import TrialError
from nonet.trials.contract import Interval, Metric, Scores
from nonet.trials.evaluator import Evaluator
from nonet.trials.statistics import DRAWS, Floats, Positions, mean_interval, resampled_interval, resamples

SCORED_DRAWS = 400
"""Resamples of a metric that must be scored anew on each (about .001 of Monte Carlo error on a shortfall of .02)."""


class Measurements:
    """Scores of candidates on the same units, in the same order.

    Attributes:
        evaluator: scores what is no mean, and knows the metrics.
        scores: candidate key → what it scored.
        n: number of units.

    Raises:
        TrialError: the candidates were not measured on the same units.
    """

    def __init__(self, evaluator: Evaluator, scores: Mapping[str, Scores], seed: int = 0, draws: int = DRAWS) -> None:
        units = {candidate.units for candidate in scores.values()}
        if len(units) > 1:
            raise TrialError("Candidates can be compared on the same units only, in the same order.")
        self.evaluator = evaluator
        self.scores = dict(scores)
        self.n = len(next(iter(units), ()))
        self._units = next(iter(units), ())
        self._seed = seed
        self._draws = draws
        self._drawn: dict[tuple[str, str], Floats] = {}

    @property
    def keys(self) -> list[str]:
        """Candidates, in an order that does not depend on how they were given."""
        return sorted(self.scores)

    @property
    def units(self) -> tuple[int, ...]:
        """Indexes of the units, in measuring order."""
        return self._units

    def on(self, places: Sequence[int]) -> Measurements:
        """Return what was scored on some of the units, by their places; latencies are left out."""
        parts = {
            key: Scores(
                tuple(scores.units[place] for place in places),
                {name: [values[place] for place in places] for name, values in scores.table.items()},
                [scores.outputs[place] for place in places] if scores.outputs else (),
                resources=scores.resources,
            )
            for key, scores in self.scores.items()
        }
        return Measurements(self.evaluator, parts, self._seed, self._draws)

    def metric(self, name: str) -> Metric:
        """Return a metric of the blueprint.

        Raises:
            KeyError: there is no such metric.
        """
        return self.evaluator.metrics[name]

    def per_unit(self, key: str, name: str) -> Floats | None:
        """Return what the metric averages, one value per unit; ``None`` when it averages nothing."""
        metric, scores = self.metric(name), self.scores[key]
        if metric.source == "score" and metric.mean:
            return np.asarray(scores.table[name], dtype=np.float64)
        averaged = metric.percentile is None and not metric.cold and not metric.against_baseline
        if metric.source == "latency" and averaged and scores.latency_ms:
            return self._latencies(key)
        return None

    def value(self, key: str, name: str) -> float | None:
        """Return the metric over all the units, ``None`` when it was not measured or the units are too few."""
        metric, scores = self.metric(name), self.scores[key]
        if metric.source in ("resource", "judge") or metric.cold:
            return scores.first_ms if metric.cold else scores.resources.get(name)
        if self._count(key, metric) < max(metric.minimum_units, 1):
            return None
        values = self.per_unit(key, name)
        if values is not None:
            return float(values.mean())
        if metric.source == "latency":
            return float(self._timings(key, metric, np.arange(self._timed.size)[None])[0])
        return self.evaluator.value(name, scores.outputs, scores.units)

    def median_latency(self, key: str) -> float | None:
        """Return the median latency in milliseconds over the units timed for all; ``None`` when it was not timed."""
        return float(np.median(self._latencies(key))) if self.scores[key].latency_ms and self._timed.size else None

    def interval(self, key: str, name: str, alpha: float = 0.05) -> Interval | None:
        """Return the value with its interval; a counted number is exact, one time has no ends that are known."""
        value, metric = self.value(key, name), self.metric(name)
        if value is None:
            return None
        if metric.source == "resource":
            return Interval(value, value, value, 1)
        if metric.cold:
            return Interval(value, -math.inf, math.inf, 1)
        values = self.per_unit(key, name)
        if values is not None:
            return mean_interval(values, alpha)
        return resampled_interval(value, self.resampled(key, name), self._count(key, metric), alpha)

    def difference(self, key: str, other: str, name: str, alpha: float = 0.05) -> Interval | None:
        """Return ``key`` − ``other`` on the metric, with its paired interval; ``None`` when one has no value."""
        left, right = self.value(key, name), self.value(other, name)
        if left is None or right is None:
            return None
        if self.metric(name).source == "resource":
            return Interval(left - right, left - right, left - right, 1)
        if self.metric(name).cold:
            return Interval(left - right, -math.inf, math.inf, 1)
        mine, others = self.per_unit(key, name), self.per_unit(other, name)
        if mine is not None and others is not None and mine.size == others.size:
            return mean_interval(mine - others, alpha)
        drawn = self.resampled(key, name) - self.resampled(other, name)
        return resampled_interval(left - right, drawn, self._count(key, self.metric(name)), alpha)

    def differing(self, key: str, other: str, name: str) -> int:
        """Count the units on which two candidates differ: in the metric where it is per unit, else in their outputs."""
        mine, others = self.per_unit(key, name), self.per_unit(other, name)
        if mine is not None and others is not None:
            return int(np.count_nonzero(mine != others))
        if self.metric(name).source == "latency":
            return int(np.count_nonzero(self._latencies(key) != self._latencies(other)))
        left, right = self.scores[key].outputs, self.scores[other].outputs
        return sum(a != b for a, b in zip(left, right, strict=True))

    def resampled(self, key: str, name: str) -> Floats:
        """Return the metric on each shared resample; constant for a counted number, NaN where it is undefined.

        Raises:
            TrialError: the metric was not measured.
        """
        if (key, name) not in self._drawn:
            self._drawn[key, name] = self._resampled(key, name)
        return self._drawn[key, name]

    def _resampled(self, key: str, name: str) -> Floats:
        metric, scores, value = self.metric(name), self.scores[key], self.value(key, name)
        if value is None:
            raise TrialError(f"{name} was not measured.")
        if metric.source == "resource" or metric.cold:
            return np.array([value])
        values = self.per_unit(key, name)
        if values is not None:
            return np.concatenate([values[block].mean(axis=1) for block in self._resamples(values.size, self._draws)])
        if metric.source == "latency":
            blocks = self._resamples(self._timed.size, self._draws)
            return np.concatenate([self._timings(key, metric, block) for block in blocks])
        blocks = self._resamples(self.n, min(self._draws, SCORED_DRAWS))
        return self.evaluator.resampled(name, scores.outputs, self._units, (row for block in blocks for row in block))

    def _resamples(self, n: int, draws: int) -> Iterator[Positions]:
        return resamples(n, draws, np.random.default_rng([self._seed, n]))

    def _count(self, key: str, metric: Metric) -> int:
        if metric.source != "latency":
            return self.n
        scores = self.scores[key]
        if not scores.latency_ms or (metric.against_baseline and not scores.baseline_ms):
            return 0
        return self._timed.size

    def _timings(self, key: str, metric: Metric, places: Positions) -> Floats:
        """Return a latency's percentile over each row of places, or the baseline's over it."""
        percentile = metric.percentile or 50
        mine: Floats = np.percentile(self._latencies(key)[places], percentile, axis=1)
        if not metric.against_baseline:
            return mine
        baseline = np.array([self.scores[key].baseline_ms[unit] for unit in self._timed.tolist()], dtype=np.float64)
        return np.percentile(baseline[places], percentile, axis=1) / mine

    @cached_property
    def _timed(self) -> Positions:
        """Units timed for every candidate that was timed at all, so that latencies are paired."""
        timed = [set(scores.latency_ms) for scores in self.scores.values() if scores.latency_ms]
        return np.array(sorted(set[int].intersection(*timed)) if timed else [], dtype=np.int64)

    def _latencies(self, key: str) -> Floats:
        latency = self.scores[key].latency_ms
        return np.array([latency[unit] for unit in self._timed.tolist()], dtype=np.float64)


def gain(metric: Metric) -> float:
    """Return 1 where more is better and −1 where less is: ``gain × value`` is always to be maximised."""
    return 1.0 if metric.direction == "maximise" else -1.0


def allowance(metric: Metric, best: float, tolerance: float | None = None) -> float:
    """Return how much of the metric may be given up, in its own unit: ``tolerance``, or the metric's, relative to best.

    Raises:
        ValueError: the tolerance is negative or no number.
    """
    share = metric.tolerance if tolerance is None else tolerance
    if not share >= 0 or math.isinf(share):
        raise ValueError(f"a tolerance must be a number from 0 up, not {share}")
    return share * abs(best) if metric.relative else share
