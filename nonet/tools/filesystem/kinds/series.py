"""A metric over steps: its first, last, best and trend, and whether it leaves the finite numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from nonet.state import Scalar

Trend: TypeAlias = Literal["falling", "rising", "level", "unclear"]
SHOWN_POINTS = 40
_TREND_POINTS = 200
_LOWER_IS_BETTER = re.compile(
    r"loss|perplexity|ppl|error|nll|bce|(^|[\W_])(rmse|mse|mae|wer|cer|fid|mape)([\W_]|$)", re.I
)
VALIDATION = frozenset({"val", "valid", "validation", "eval", "evaluation", "dev", "test"})
"""Words of a metric's name that say it was measured on data which the model was not fitted to."""
_NO_QUALITY = re.compile(
    r"(^|[\W_])(lr|learning_rate|grad_norm|epoch|time|seconds|runtime|memory|momentum)([\W_]|$)", re.I
)


@dataclass(frozen=True)
class Series:
    """The values of one metric by step, in the order of the steps, as long as each other.

    Values may be infinite or not a number; steps are finite. What a log left blank is no point.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]

    @cached_property
    def finite(self) -> list[tuple[float, float]]:
        """The points (step, value) whose values are finite."""
        return [(step, value) for step, value in zip(self.steps, self.values, strict=True) if math.isfinite(value)]

    @property
    def lower_is_better(self) -> bool:
        """Whether its name says that less is better."""
        return bool(_LOWER_IS_BETTER.search(self.name))

    @property
    def words(self) -> list[str]:
        """The words of its name, in small letters."""
        return [word for word in re.split(r"[\W_]+", self.name.lower()) if word]

    @property
    def tells_quality(self) -> bool:
        """Whether it could say how good a model is; a learning rate or a clock could not."""
        return not _NO_QUALITY.search(self.name)

    @property
    def diverges_at(self) -> float | None:
        """The step from which a loss is lost.

        It is the first value that is not finite where the last one is not finite either; or that of the minimum, where
        the median of the last tenth lies above the first value and the values since the minimum rise. A loss on
        validation data that rises so is overfitting, or part of a divergence that the training loss shows.
        """
        if not self.lower_is_better or not self.values:
            return None
        if not math.isfinite(self.values[-1]):
            pairs = zip(self.steps, self.values, strict=True)
            return next(step for step, value in pairs if not math.isfinite(value))
        if VALIDATION & set(self.words):
            return None
        values = [value for _, value in self.finite]
        lowest = min(range(len(values)), key=values.__getitem__)
        end = values[-max(1, len(values) // 10) :]
        if len(values) < 5 or middle(end) <= values[0] or trend(values[lowest:]) != "rising":
            return None
        return self.finite[lowest][0]

    def facts(self) -> dict[str, Scalar]:
        """Return the series as typed facts; steps and values as the log has them."""
        facts: dict[str, Scalar] = {"metric": self.name, "points": len(self.values)}
        facts["not_finite"] = len(self.values) - len(self.finite)
        if self.steps:
            facts |= {"first_step": plain(self.steps[0]), "last_step": plain(self.steps[-1])}
        if self.finite:
            low = min(self.finite, key=lambda point: point[1])
            high = max(self.finite, key=lambda point: point[1])
            facts |= {"first": self.finite[0][1], "last": self.finite[-1][1]}
            facts |= {"minimum": low[1], "minimum_step": plain(low[0])}
            facts |= {"maximum": high[1], "maximum_step": plain(high[0])}
            facts["trend"] = trend([value for _, value in self.finite])
        diverges = self.diverges_at
        facts["diverges"] = diverges is not None
        if diverges is not None:
            facts["diverges_from_step"] = plain(diverges)
        return facts

    def excerpt(self) -> list[str]:
        """Return its points as lines ``step value``, at most ``SHOWN_POINTS`` of them: evenly, with both extremes."""
        kept = set(_evenly(len(self.values), SHOWN_POINTS - 2))
        if self.finite:
            order = [index for index, value in enumerate(self.values) if math.isfinite(value)]
            kept |= {min(order, key=self.values.__getitem__), max(order, key=self.values.__getitem__)}
        return [f"{plain(self.steps[index])} {self.values[index]:.6g}" for index in sorted(kept)]


def trend(values: Sequence[float]) -> Trend:
    """Return where values go, by the Mann-Kendall test at 5 % (Mann 1945, Kendall 1975) on at most 200 of them.

    Fewer than five are "falling" or "rising" where each step goes that way, else "unclear"; values all alike are
    "level".
    """
    chosen = [values[index] for index in _evenly(len(values), _TREND_POINTS)]
    count = len(chosen)
    if count >= 2 and min(chosen) == max(chosen):
        return "level"
    score = sum(
        (later > earlier) - (later < earlier) for index, earlier in enumerate(chosen) for later in chosen[index + 1 :]
    )
    pairs = count * (count - 1) // 2
    if count < 5:
        return "unclear" if count < 2 or abs(score) < pairs else ("rising" if score > 0 else "falling")
    ties: dict[float, int] = {}
    for value in chosen:
        ties[value] = ties.get(value, 0) + 1
    variance = count * (count - 1) * (2 * count + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties.values())
    z = (abs(score) - 1) / math.sqrt(variance / 18) if score else 0.0
    if z < 1.96:
        return "unclear"
    return "rising" if score > 0 else "falling"


def middle(values: Sequence[float]) -> float:
    """Return the median of at least one value."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def plain(step: float) -> int | float:
    """Return a step as an integer where it is one."""
    return int(step) if float(step).is_integer() and abs(step) < 1 << 53 else step


def _evenly(count: int, wanted: int) -> list[int]:
    if count <= wanted:
        return list(range(count))
    return sorted({round(index * (count - 1) / (wanted - 1)) for index in range(wanted)})
