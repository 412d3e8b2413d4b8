"""Which measured candidate ships: the cheapest whose expected shortfall against the best is within the tolerance.

    shortfall(it) = mean over paired bootstrap resamples of max(0, best − it)

*The best* is fixed on the whole selection sample before resampling; were it chosen anew in each resample, a small
sample would have no candidate within the tolerance of it. "Only a significant win may replace the cheap one" ships the
wrong system to whoever has fewer than some hundred units; significance is for the claim, on the holdout, and is never
used here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.contract import Interval, Target
from nonet.trials.decision import Comparison, Decision, TargetResult
from nonet.trials.measurements import Measurements, allowance, gain
from nonet.trials.targets import judge

STEP = 1.25
"""Latencies are noisy: as a cost they count in steps of this ratio to the baseline."""
SIZES = ("index_bytes", "bytes")
"""Resources that stand for a candidate's size, the first that was counted."""


def ship(
    measurements: Measurements,
    designs: Mapping[str, Mapping[str, Json]],
    baseline: str,
    targets: Sequence[Target] = (),
    tolerance: float | None = None,
) -> Decision:
    """Decide among the candidates measured on the whole selection sample.

    The objective's ``subject_to`` count as targets for eligibility.

    Args:
        measurements: of every finalist, the baseline among them, on the whole selection.
        designs: canonical design of every key in ``measurements``.
        baseline: key of the baseline, to which latencies are compared when they are the cost.
        targets: the user's own.
        tolerance: replaces the objective's own tolerance; relative where the metric's is.

    Raises:
        TrialError: no candidate has a value of the objective.
    """
    return _Choice(measurements, designs, baseline, targets, tolerance).decision()


def judged(measurements: Measurements, key: str, targets: Sequence[Target]) -> tuple[TargetResult, ...]:
    """Judge targets for one candidate by its 95 % intervals."""
    results: list[TargetResult] = []
    for target in targets:
        interval = measurements.interval(key, target.metric)
        value, low, high = _ends(interval)
        results.append(TargetResult(str(target), target.value, value, low, high, judge(target, interval)))
    return tuple(results)


def restated(results: Sequence[TargetResult], holdout: Sequence[TargetResult]) -> tuple[TargetResult, ...]:
    """Set beside each result the same target as judged on the holdout."""
    return tuple(
        replace(result, holdout={name: vars(other)[name] for name in ("measured", "low", "high", "met")})
        for result, other in zip(results, holdout, strict=True)
    )


def _ends(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    if interval is None:
        return None, None, None
    low, high = (end if math.isfinite(end) else None for end in (interval.low, interval.high))
    return interval.value, low, high


def costs(measurements: Measurements, baseline: str) -> dict[str, float | None]:
    """Return the declared cost of every candidate: counted, or a latency ratio to the baseline in steps of ``STEP``.

    A percentile that needs more units than were timed is replaced by the median: a cost orders, it claims nothing.
    """
    name = measurements.evaluator.objective.cost
    if measurements.metric(name).source != "latency":
        return {key: measurements.value(key, name) for key in measurements.keys}
    values = {key: measurements.value(key, name) for key in measurements.keys}
    if any(value is None for value in values.values()):
        values = {key: measurements.median_latency(key) for key in measurements.keys}
    base = values.get(baseline)
    return {
        key: STEP ** round(math.log(value / base) / math.log(STEP)) if value and base else None
        for key, value in values.items()
    }


class _Choice:
    """One application of the rule; split into methods so that each step can be read by itself."""

    def __init__(
        self,
        measurements: Measurements,
        designs: Mapping[str, Mapping[str, Json]],
        baseline: str,
        targets: Sequence[Target],
        tolerance: float | None,
    ) -> None:
        objective = measurements.evaluator.objective
        self.measurements, self.designs, self.targets = measurements, designs, tuple(targets)
        self.metric = measurements.metric(objective.metric)
        self.better = gain(self.metric)
        self.costs = costs(measurements, baseline)
        values = {key: measurements.value(key, self.metric.name) for key in measurements.keys}
        self.values = {key: value for key, value in values.items() if value is not None}
        if not self.values:
            raise TrialError(f"No candidate has a value of {self.metric.name}, the objective.")
        bars = tuple(dict.fromkeys((*self.targets, *objective.subject_to)))
        self.judged = {key: dict(zip(bars, judged(measurements, key, bars), strict=True)) for key in self.values}
        self.pool, self.all_miss = self._pool()
        self.best = min(self.pool, key=lambda key: (-self.better * self.values[key], self._cheapness(key)))
        self.allowed = allowance(self.metric, self.values[self.best], tolerance)
        self.shortfalls = {key: self._shortfall(key) for key in self.pool}
        self.tie = sorted((key for key in self.pool if self.shortfalls[key] <= self.allowed), key=self._cheapness)
        self.winner = self.tie[0]

    def _pool(self) -> tuple[list[str], bool]:
        """Return the set to choose from: those that meet every target, else that miss none, else the nearest miss."""
        met = {key: {result.met for result in results.values()} for key, results in self.judged.items()}
        if shown := [key for key in self.values if met[key] <= {True}]:
            return shown, False
        if unshown := [key for key in self.values if False not in met[key]]:
            return unshown, False
        return [min(self.values, key=self._miss)], True

    def _miss(self, key: str) -> tuple[float, float, tuple[float, float, str]]:
        """How far a candidate is from its targets: the sum of the misses, each relative to its bar; then how good."""
        distance = sum(
            abs(result.measured - result.wanted) / (abs(result.wanted) or 1.0)
            for result in self.judged[key].values()
            if result.met is False and result.measured is not None
        )
        return distance, -self.better * self.values[key], self._cheapness(key)

    def _cheapness(self, key: str) -> tuple[float, float, str]:
        """Order by cost, then size, then canonical design; what was not counted is dearest."""
        resources, cost = self.measurements.scores[key].resources, self.costs[key]
        size = next((resources[name] for name in SIZES if name in resources), math.inf)
        design = json.dumps(dict(self.designs[key]), sort_keys=True, ensure_ascii=False)
        return (math.inf if cost is None else cost), size, design

    def _shortfall(self, key: str) -> float:
        best, it = (self.measurements.resampled(name, self.metric.name) for name in (self.best, key))
        losses = np.maximum(0.0, self.better * (best - it))
        return float(np.nanmean(losses)) if np.isfinite(losses).any() else math.inf

    def decision(self) -> Decision:
        """Return what the rule decided."""
        order = sorted(self.measurements.keys, key=self._standing)
        return Decision(
            winner=self.winner,
            best=self.best,
            design=dict(self.designs[self.winner]),
            reason=self._reason(),
            tie=tuple(self.tie),
            comparisons=tuple(self._comparison(key) for key in order),
            pareto=self._pareto(),
            targets=judged(self.measurements, self.winner, self.targets),
            nearest_miss=self.winner if self.all_miss else None,
        )

    def _standing(self, key: str) -> tuple[bool, float, tuple[float, float, str]]:
        return key not in self.values, -self.better * self.values.get(key, 0.0), self._cheapness(key)

    def _comparison(self, key: str) -> Comparison:
        return Comparison(
            candidate=key,
            metric=self.metric.name,
            difference=self.measurements.difference(key, self.best, self.metric.name),
            shortfall=self.shortfalls.get(key),
            cost=self.costs[key],
            eligible=key in self.pool and not self.all_miss,
            why=self._why(key),
        )

    def _reason(self) -> str:
        name, value = self.metric.name, self.values[self.winner]
        if self.all_miss:
            return f"Every candidate misses a target; this one misses by least ({self._misses(self.winner)})."
        unshown = [str(t) for t, result in self.judged[self.winner].items() if result.met is None]
        proviso = (
            f" Not shown to meet {', '.join(unshown)}: no candidate is shown to meet every target." if unshown else ""
        )
        if self.winner == self.best:
            cheaper = "; nothing cheaper comes within the tolerance" if len(self.pool) > 1 else ""
            return f"Best {name} ({value:.4g} on {self.measurements.n} units){cheaper}.{proviso}"
        return (
            f"The cheapest within {self.allowed:.4g} of the best {name}: {value:.4g} against "
            f"{self.values[self.best]:.4g} on {self.measurements.n} units, "
            f"expected shortfall {self.shortfalls[self.winner]:.4g}.{proviso}"
        )

    def _why(self, key: str) -> str:
        if key not in self.values:
            return f"{self.metric.name} could not be measured"
        if key == self.winner:
            return "nearest miss" if self.all_miss else "ships"
        if misses := self._misses(key):
            return f"misses {misses}"
        if key not in self.pool:
            unshown = [str(target) for target, result in self.judged[key].items() if result.met is None]
            return f"not shown to meet {', '.join(unshown)}, and another is shown to meet every target"
        if key not in self.tie:
            return f"expected shortfall {self.shortfalls[key]:.4g} is above {self.allowed:.4g}"
        mine, winners = self._cheapness(key), self._cheapness(self.winner)
        word = next(
            (w for w, a, b in zip(("dearer", "larger"), mine, winners, strict=False) if a != b), "later in order"
        )
        return f"as good within {self.allowed:.4g}, but {word}"

    def _misses(self, key: str) -> str:
        missed = [result for result in self.judged[key].values() if result.met is False]
        return ", ".join(f"{result.name} (measured {result.measured:.4g})" for result in missed)

    def _pareto(self) -> tuple[str, ...]:
        points = {
            key: (self.better * value, -cost)
            for key, value in self.values.items()
            if (cost := self.costs[key]) is not None
        }
        front = [
            key
            for key, (value, cheap) in points.items()
            if not any(v >= value and c >= cheap and (v, c) != (value, cheap) for v, c in points.values())
        ]
        return tuple(sorted(front, key=self._cheapness))
