"""What may be said of the winner on the sealed holdout: one comparison, named before its labels are opened.

The interval is the paired t interval (the bootstrap where the metric is no mean) at the level of this opening. Beside
it stand the smallest difference that this holdout could have shown and how many units would show the observed one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np

from nonet.state import Json
from nonet.trials.contract import Interval, Metric
from nonet.trials.decision import interval
from nonet.trials.measurements import Measurements, gain
from nonet.trials.statistics import Floats, paired_interval, standard_error, t_quantile

Verdict = Literal["better", "worse", "not shown", "not shown (no holdout)"]

POWER = 0.80
DIFFERING = 10
"""With fewer differing units every interval covers too little, and nothing is claimed."""
_MOST_UNITS = 10**9


@dataclass(frozen=True)
class Claim:
    """The outcome of one opening of the holdout.

    Attributes:
        claim: the winner is better, worse, or not shown to be either.
        winner, baseline: their values on the holdout, with 95 % intervals.
        metric: what they were compared on.
        difference: winner − baseline with its interval at level 1 − ``alpha``; its ends are not known (null) where
            fewer than ``DIFFERING`` units differ.
        smallest_shown: the smallest true difference this holdout would show with 80 % power; ``None`` where silenced.
        units_for: how many units would show the observed difference with that power; ``None`` where silenced.
        times_opened: how often these units were opened, this time included.
        alpha: level of this opening.
        standard_error: of the difference.
        reason: one sentence.
    """

    claim: Verdict
    winner: Interval | None = None
    baseline: Interval | None = None
    metric: str | None = None
    difference: Interval | None = None
    smallest_shown: float | None = None
    units_for: int | None = None
    times_opened: int | None = None
    alpha: float | None = None
    standard_error: float | None = None
    reason: str | None = None

    def json(self) -> dict[str, Json]:
        """Return the fields as JSON; ``from_json`` gives them back."""
        intervals = {"winner": self.winner, "baseline": self.baseline, "difference": self.difference}
        return {**vars(self), **{name: found.json() if found else None for name, found in intervals.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Claim:
        """Read what ``json`` wrote."""
        fields = cast("dict[str, Any]", dict(data))
        for name in ("winner", "baseline", "difference"):
            fields[name] = interval(fields[name])
        return cls(**fields)

    def units_to_show(self, difference: float) -> int | None:
        """Return how many units like these would show a given true difference; ``None`` where silenced."""
        if self.difference is None or self.standard_error is None or self.alpha is None or self.smallest_shown is None:
            return None
        return units_for(difference, self.standard_error * math.sqrt(self.difference.n), self.alpha)


NO_HOLDOUT = Claim("not shown (no holdout)")
"""Nothing was sealed: nothing is claimed."""


def level(opening: int) -> float:
    """Return α of the k-th opening of a holdout, 5 %/(k(k+1)): 2.5 % the first time, 5 % over all openings together."""
    if opening < 1:
        raise ValueError(f"openings are counted from 1, not {opening}")
    return 0.05 / (opening * (opening + 1))


def smallest_shown(error: float, n: int, alpha: float) -> float:
    """Return the smallest difference that n units show with 80 % power: (t(1 − α/2) + t(.80)) × standard error."""
    return (t_quantile(1 - alpha / 2, n - 1) + t_quantile(POWER, n - 1)) * error


def units_for(difference: float, deviation: float, alpha: float) -> int | None:
    """Return how many units show a difference with 80 % power, given the standard deviation of per-unit differences.

    ``None`` for a difference of 0, and where a thousand million units would not do.
    """

    def shows(n: int) -> bool:
        return smallest_shown(deviation / math.sqrt(n), n, alpha) <= abs(difference)

    if not difference:
        return None
    high = 2
    while not shows(high):
        high *= 2
        if high > _MOST_UNITS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return max(high, DIFFERING)


def claim(
    measurements: Measurements, metric: str, winner: str, baseline: str, opening: int, comparisons: int = 1
) -> Claim:
    """Compare the winner with the baseline on the holdout.

    Args:
        measurements: of both, on the holdout's units.
        metric: name of the objective's metric.
        winner: its key.
        baseline: its key.
        opening: how often these units have now been opened, from the ledger of openings.
        comparisons: how many metrics are claimed on at this opening; they share its level equally (Bonferroni).

    Returns:
        ``NO_HOLDOUT`` where there are no units, or the metric has no value on them.
    """
    alpha = level(opening) / comparisons
    difference = measurements.difference(winner, baseline, metric, alpha) if measurements.n else None
    if difference is None:
        return NO_HOLDOUT
    mine, theirs = measurements.per_unit(winner, metric), measurements.per_unit(baseline, metric)
    shared = mine is not None and theirs is not None and mine.size == theirs.size
    if measurements.metric(metric).source == "resource":
        error = 0.0
    elif mine is not None and theirs is not None and shared:
        error = standard_error(mine - theirs) if mine.size > 1 else math.inf
    else:
        drawn = measurements.resampled(winner, metric) - measurements.resampled(baseline, metric)
        error = float(np.nanstd(drawn, ddof=1))
    differing = measurements.differing(winner, baseline, metric)
    found = concluded(measurements.metric(metric), difference, error, differing, opening, comparisons)
    return replace(
        found, winner=measurements.interval(winner, metric), baseline=measurements.interval(baseline, metric)
    )


def claim_of_differences(metric: Metric, differences: Sequence[float] | Floats, opening: int) -> Claim:
    """Claim on per-unit differences (winner − baseline) of a mean metric; the core of ``claim``, without the values."""
    data = np.asarray(differences, dtype=np.float64)
    error = standard_error(data) if data.size > 1 else math.inf
    return concluded(metric, paired_interval(data, level(opening)), error, int(np.count_nonzero(data)), opening)


def concluded(
    metric: Metric, difference: Interval, error: float, differing: int, opening: int, comparisons: int = 1
) -> Claim:
    """Conclude from a difference, its standard error, and the number of units that differ.

    Units do not tell how much two processes of one design differ in speed: a ratio to the baseline's has to differ by
    more than the metric's tolerance.
    """
    alpha, n = level(opening) / comparisons, difference.n
    verdict: Verdict = "not shown"
    smallest: float | None = None
    units: int | None = None
    if metric.source != "resource" and (differing < DIFFERING or not math.isfinite(error)):
        difference = Interval(difference.value, -math.inf, math.inf, n)
        reason = f"Only {differing} of {n} units differ; with fewer than {DIFFERING} nothing is claimed."
    else:
        if metric.source != "resource":
            smallest = smallest_shown(error, n, alpha)
            units = units_for(difference.value, error * math.sqrt(n), alpha)
        low, high = sorted(gain(metric) * end for end in (difference.low, difference.high))
        margin = metric.tolerance if metric.against_baseline else 0.0
        verdict = "better" if low > margin else "worse" if high < -margin else "not shown"
        if margin:
            says = "lies beyond" if verdict != "not shown" else "does not lie beyond"
            why = f"{margin:g}, by which two processes of one design may differ"
        else:
            says, why = "excludes" if verdict != "not shown" else "includes", "0"
        reason = f"The {100 * (1 - alpha):.4g} % interval of the difference {says} {why}."
    return Claim(
        claim=verdict,
        metric=metric.name,
        difference=difference,
        smallest_shown=smallest,
        units_for=units,
        times_opened=opening,
        alpha=alpha,
        standard_error=error if math.isfinite(error) else None,
        reason=reason,
    )
