"""A metric over the steps of a training: where it was best, where it goes, and whether it leaves the finite numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

Trend: TypeAlias = Literal["falling", "rising", "level", "unclear"]
VALIDATION = frozenset({"val", "valid", "validation", "eval", "evaluation", "dev", "test"})
"""Words of a metric's name that say it was measured on data which the model was not fitted to."""
_LOWER_IS_BETTER = re.compile(
    r"loss|perplexity|ppl|error|nll|bce|(^|[\W_])(rmse|mse|mae|wer|cer|fid|mape)([\W_]|$)", re.IGNORECASE
)
_NO_QUALITY = re.compile(
    r"(^|[\W_])((lr|learning_rate|grad_norm|time|seconds|runtime|memory|momentum)([\W_]|$)|epochs?$)", re.IGNORECASE
)
_TREND_POINTS = 200
_CRITICAL = 1.96
"""Of the standard normal distribution at 5 %, two-sided."""
_FEW = 5


@dataclass(frozen=True)
class Series:
    """The values of one metric by step, in the order of the steps.

    Attributes:
        name: of the metric.
        steps: finite, rising.
        values: as many; they may be infinite or not a number.
        source: the file, below the folder that was read, and the run in it where it holds several.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    source: str = ""

    @cached_property
    def finite(self) -> list[tuple[float, float]]:
        """The points (step, value) whose values are finite."""
        return [(step, value) for step, value in zip(self.steps, self.values, strict=True) if math.isfinite(value)]

    @property
    def lower_is_better(self) -> bool:
        """Whether its name says that less is better."""
        return bool(_LOWER_IS_BETTER.search(self.name))

    @property
    def tells_quality(self) -> bool:
        """Whether it could say how good a model is; a learning rate or a clock could not."""
        return not _NO_QUALITY.search(self.name)

    @property
    def words(self) -> list[str]:
        """The words of its name, in small letters."""
        return [word for word in re.split(r"[\W_]+", self.name.lower()) if word]

    @property
    def best(self) -> tuple[float, float] | None:
        """The point (step, value) where it was best, the first of several; ``None`` where no value is finite."""
        if not self.finite:
            return None
        sign = 1 if self.lower_is_better else -1
        return min(self.finite, key=lambda point: sign * point[1])

    @property
    def trend(self) -> Trend:
        """Where its finite values go."""
        return trend([value for _, value in self.finite])

    @property
    def diverges_at(self) -> float | None:
        """The step from which a loss is lost; ``None`` where it is not.

        It is the first value that is not finite, where the last is not finite either; or the step of the minimum, where
        the median of the last tenth lies above the first value and the values since the minimum rise. A validation loss
        that rises so is overfitting, or part of a divergence that the training loss shows.
        """
        if not self.lower_is_better or not self.values:
            return None
        if not math.isfinite(self.values[-1]):
            pairs = zip(self.steps, self.values, strict=True)
            return next(step for step, value in pairs if not math.isfinite(value))
        values = [value for _, value in self.finite]
        if VALIDATION & set(self.words) or len(values) < _FEW:
            return None
        lowest = min(range(len(values)), key=values.__getitem__)
        end = values[-max(1, len(values) // 10) :]
        return self.finite[lowest][0] if middle(end) > values[0] and trend(values[lowest:]) == "rising" else None


def ordered(name: str, points: Sequence[tuple[float, float]], source: str) -> Series:
    """Return a series of points (step, value) in the order of their steps; of one step the last point counts."""
    kept = {step: value for step, value in points if math.isfinite(step)}
    steps = sorted(kept)
    return Series(name, steps, [kept[step] for step in steps], source)


def trend(values: Sequence[float]) -> Trend:
    """Return where values go, by the Mann-Kendall test at 5 % (Mann 1945; Kendall 1975) on at most 200 of them.

    Fewer than five are "falling" or "rising" where each step goes that way, else "unclear"; all alike are "level".
    """
    chosen = [values[place] for place in evenly(len(values), _TREND_POINTS)]
    count = len(chosen)
    if count >= 2 and min(chosen) == max(chosen):
        return "level"
    score = sum((late > early) - (late < early) for place, early in enumerate(chosen) for late in chosen[place + 1 :])
    if count < _FEW:
        whole = count * (count - 1) // 2
        return "unclear" if count < 2 or abs(score) < whole else ("rising" if score > 0 else "falling")
    ties: dict[float, int] = {}
    for value in chosen:
        ties[value] = ties.get(value, 0) + 1
    variance = count * (count - 1) * (2 * count + 5) - sum(each * (each - 1) * (2 * each + 5) for each in ties.values())
    z = (abs(score) - 1) / math.sqrt(variance / 18) if score else 0.0
    return "unclear" if z < _CRITICAL else ("rising" if score > 0 else "falling")


def middle(values: Sequence[float]) -> float:
    """Return the median of at least one value."""
    sorted_ = sorted(values)
    half = len(sorted_) // 2
    return sorted_[half] if len(sorted_) % 2 else (sorted_[half - 1] + sorted_[half]) / 2


def evenly(count: int, wanted: int) -> list[int]:
    """Return at most ``wanted`` places of ``count``, evenly, with both ends."""
    if count <= wanted:
        return list(range(count))
    return sorted({round(place * (count - 1) / (wanted - 1)) for place in range(wanted)})
