"""Training and validation side by side: where the one still improves and the other no longer does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimization.logs.series import VALIDATION, Series, middle, trend

_TRAINING = frozenset({"train", "training", "tr"})
_GRAIN = frozenset({"epoch", "step"})
_SHARE = 0.05
"""A validation metric has worsened when it loses this share of what it had gained, by the median of its later half."""
_FEW = 3


@dataclass(frozen=True)
class Overfitting:
    """A pair of series that part, both of ``measure``; ``step`` is where validation was best."""

    measure: str
    training: Series
    validation: Series
    step: float


def overfitting(series: Sequence[Series]) -> list[Overfitting]:
    """Return the pairs where training goes on improving after validation was best, and validation worsens."""
    return [
        Overfitting(measure, training, validation, step)
        for measure, training, validation in pairs(series)
        if (step := _parting(training, validation)) is not None
    ]


def pairs(series: Sequence[Series]) -> Iterator[tuple[str, Series, Series]]:
    """Yield measure, training and validation of one run: ``loss`` and ``val_loss``; ``train/f1`` and ``eval/f1``.

    TensorBoard writers often give training and validation a folder each: then the folder's name tells which it is.
    """
    trained: dict[tuple[str, str], Series] = {}
    unmarked: dict[tuple[str, str], Series] = {}
    validated: dict[tuple[str, str], Series] = {}
    for each in series:
        words = [*_folder_words(each), *each.words]
        measure = "_".join(word for word in each.words if word not in _TRAINING | VALIDATION | _GRAIN)
        if not measure or not each.tells_quality:
            continue
        place = validated if VALIDATION & set(words) else trained if _TRAINING & set(words) else unmarked
        key = (_run(each), measure)
        if key not in place or "epoch" in each.words:  # a mean over the epoch before the value in a batch
            place[key] = each
    for key, measured in validated.items():
        against = trained.get(key) or unmarked.get(key)
        if against is not None:
            yield key[1], against, measured


def _folder(series: Series) -> list[str]:
    return series.source.split("/")[:-1]


def _folder_words(series: Series) -> list[str]:
    return [part.lower() for part in _folder(series)[-1:] if part.lower() in _TRAINING | VALIDATION]


def _run(series: Series) -> str:
    """Return what tells one run from another: the file, or the folder above ``train`` and ``validation``."""
    return "/".join(_folder(series)[:-1]) + "/" if _folder_words(series) else series.source


def _parting(training: Series, validation: Series) -> float | None:
    sign = 1 if validation.lower_is_better else -1
    points = [(step, sign * value) for step, value in validation.finite]
    trained = [(step, sign * value) for step, value in training.finite]
    if min(len(points), len(trained)) < _FEW:
        return None
    place = min(range(len(points)), key=lambda index: points[index][1])
    step, lowest = points[place]
    after = [value for _, value in points[place:]]
    if len(after) < _FEW or trend(after) not in ("rising", "unclear"):
        return None
    gained = max(value for _, value in points[: place + 1]) - lowest
    if middle(after[len(after) // 2 :]) - lowest <= _SHARE * (gained or abs(lowest)):
        return None
    return step if _improves(trained, step) else None


def _improves(trained: Sequence[tuple[float, float]], step: float) -> bool:
    """Whether training is better at its end than around a step, by medians of three."""
    place = bisect_right([at for at, _ in trained], step)
    around = [value for _, value in trained[max(0, place - 2) : place + 1]]
    return bool(around) and middle([value for _, value in trained[-3:]]) < middle(around)
