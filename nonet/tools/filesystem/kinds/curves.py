"""Training and validation side by side: where the one still improves and the other no longer does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nonet.tools.filesystem.kinds.series import VALIDATION, Series, middle, trend

_TRAIN = frozenset({"train", "training", "tr"})
_GRAIN = frozenset({"epoch", "step"})
_SHARE = 0.05
"""A validation metric has worsened when it loses this share of what it had gained, by the median of its later half."""


@dataclass(frozen=True)
class Overfit:
    """A pair of series that part: ``measure`` is what both measure, ``step`` where validation was best."""

    measure: str
    training: str
    validation: str
    step: float


def pairs(series: Sequence[Series]) -> Iterator[tuple[str, Series, Series]]:
    """Yield what is measured, on training and on validation data: ``loss``, ``val_loss``; ``train/f1``, ``eval/f1``."""
    training: dict[str, Series] = {}
    unmarked: dict[str, Series] = {}
    validation: dict[str, Series] = {}
    for each in series:
        words = each.words
        measure = "_".join(word for word in words if word not in _TRAIN | VALIDATION | _GRAIN and not word.isdigit())
        if not measure or not each.tells_quality:
            continue
        place = validation if VALIDATION & set(words) else training if _TRAIN & set(words) else unmarked
        if measure not in place or "epoch" in words:  # a metric's mean over the epoch before its value in a batch
            place[measure] = each
    for measure, measured in validation.items():
        trained = training.get(measure) or unmarked.get(measure)
        if trained is not None:
            yield measure, trained, measured


def overfit(series: Sequence[Series]) -> list[Overfit]:
    """Return the pairs where training goes on improving after validation was best, and validation worsens."""
    return [
        Overfit(measure, training.name, validation.name, step)
        for measure, training, validation in pairs(series)
        if (step := _parting(training, validation)) is not None
    ]


def _parting(training: Series, validation: Series) -> float | None:
    sign = 1 if validation.lower_is_better else -1
    points = [(step, sign * value) for step, value in validation.finite]
    trained = [(step, sign * value) for step, value in training.finite]
    if len(points) < 3 or len(trained) < 3:
        return None
    best = min(range(len(points)), key=lambda index: points[index][1])
    step, lowest = points[best]
    after = [value for _, value in points[best:]]
    if len(after) < 3 or trend(after) not in ("rising", "unclear"):
        return None
    gained = max(value for _, value in points[: best + 1]) - lowest
    scale = gained or abs(lowest)
    if middle(after[len(after) // 2 :]) - lowest <= _SHARE * scale:
        return None
    return step if _improves(trained, step) else None


def _improves(trained: Sequence[tuple[float, float]], step: float) -> bool:
    """Whether training is better at its end than around a step, by medians of three."""
    place = bisect_right([at for at, _ in trained], step)
    around = [value for _, value in trained[max(0, place - 2) : place + 1]]
    return bool(around) and middle([value for _, value in trained[-3:]]) < middle(around)
