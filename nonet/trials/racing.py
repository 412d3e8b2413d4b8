"""Which candidates go on from one rung of a race to the next.

The rule that selection was simulated with (regret of measuring everything, at a quarter to a half of its cost): at most
the better half goes on, less those that paired t shows to be behind the leader by more than the tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nonet.errors import TrialError
from nonet.trials.measurements import Measurements, gain

RUNGS = (15, 30, 60, 120)
LEVEL = 0.05
"""Of the one-sided bound (95 %) that shows a candidate to be behind."""


@dataclass(frozen=True)
class Cut:
    """What a rung decided.

    Attributes:
        kept: keys that go on, best first.
        dropped: key → a sentence saying why it does not.
    """

    kept: tuple[str, ...]
    dropped: Mapping[str, str] = field(default_factory=dict[str, str])


def rungs(n: int) -> tuple[int, ...]:
    """Return the numbers of units to measure after one another, the last being all ``n``."""
    return (*(rung for rung in RUNGS if rung < n), n)


def survivors(
    measurements: Measurements,
    metric: str,
    baseline: str,
    tolerance: float,
    missed: Mapping[str, str] | None = None,
    costs: Mapping[str, float] | None = None,
) -> Cut:
    """Decide who goes on: at most the better half (two at least), less those shown to be behind; the baseline always.

    Args:
        measurements: of all candidates still in the race, on this rung's units.
        metric: what they race on, in its own direction.
        baseline: never dropped.
        tolerance: how far behind the leader is still no reason to go, in the metric's own unit.
        missed: key → the bar it is shown to miss already; those rank behind all others.
        costs: equals rank cheaper first (then by key).

    Raises:
        TrialError: nobody has a value of the metric.
    """
    better, missed = gain(measurements.metric(metric)), missed or {}
    order = ranking(measurements, metric, missed, costs)
    values = {key: measurements.value(key, metric) or 0.0 for key in order}
    leader, half = order[0], max(2, math.ceil(len(order) / 2))
    dropped = {key: f"{metric} could not be measured" for key in measurements.keys if key not in values}
    units = f"after {measurements.n} units"
    for key in order[half:]:
        bar = f"misses {missed[key]}, " if key in missed else ""
        dropped[key] = f"{bar}behind the better half {units} ({values[key]:.4g}, the leader {values[leader]:.4g})"
    shown: list[str] = []
    for key in order[1:half]:
        difference = measurements.difference(key, leader, metric, alpha=2 * LEVEL)
        if difference is None or not _bound(better, difference.low, difference.high) < -tolerance:
            continue
        bound = _bound(better, difference.low, difference.high)
        shown.append(key)
        dropped[key] = f"shown to be behind the leader {units} (at best {bound:+.4g}, allowed {-tolerance:.4g})"
    dropped.pop(baseline, None)
    if set(order) - dropped.keys() == {leader} and shown:
        del dropped[shown[0]]
    kept = tuple(key for key in order if key not in dropped)
    return Cut(kept if baseline in kept or baseline not in measurements.scores else (*kept, baseline), dropped)


def ranking(
    measurements: Measurements,
    metric: str,
    missed: Collection[str] = (),
    costs: Mapping[str, float] | None = None,
) -> list[str]:
    """Return the keys that have a value of ``metric``, best first; those in ``missed`` last, equals cheaper first.

    A latency has no value before the finalists are timed: until then the cheaper is first.

    Raises:
        TrialError: nobody has a value of the metric.
    """
    better, costs = gain(measurements.metric(metric)), costs or {}
    values = {key: value for key in measurements.keys if (value := measurements.value(key, metric)) is not None}
    if not values and measurements.metric(metric).source == "latency":
        values = dict.fromkeys(measurements.keys, 0.0)
    if not values:
        raise TrialError(f"No candidate has a value of {metric}.")
    return sorted(values, key=lambda key: (key in missed, -better * values[key], costs.get(key, math.inf), key))


def _bound(better: float, low: float, high: float) -> float:
    """How good a difference may be: the upper end of its interval, turned so that more is better."""
    return max(better * low, better * high)
