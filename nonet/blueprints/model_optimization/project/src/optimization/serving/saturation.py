"""The highest rate that a server bears: its 99th percentile stays under a limit and nothing is dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from optimization.serving.errors import ServingError
from optimization.serving.load import Load, Measured

_ACHIEVED = 0.9
"""Share of the offered rate that has to be answered: below it a queue grows, however good the percentiles look."""


@dataclass(frozen=True)
class Saturation:
    """What the search found.

    Attributes:
        rate: the highest rate that was borne, requests a second; ``None`` where not even the first was.
        broken: the lowest rate that was not; ``None`` where the search ended before one was found.
        limit_ms: of the 99th percentile.
        tried: every measurement, in the order they were made.
    """

    rate: float | None
    broken: float | None
    limit_ms: float
    tried: tuple[Measured, ...]


def bears(measured: Measured, limit_ms: float) -> bool:
    """Whether a load was borne."""
    return (
        measured.p99_ms is not None
        and measured.p99_ms <= limit_ms
        and not measured.dropped
        and not measured.failed
        and measured.achieved >= _ACHIEVED * measured.offered
    )


def saturation(
    measure: Callable[[Load], Measured],
    load: Load,
    limit_ms: float,
    highest: float = 10_000.0,
    precision: float = 0.1,
) -> Saturation:
    """Double the rate until it is not borne, then halve the interval until it is narrow.

    A rate that is not borne is tried once more before it counts: one pause of the machine must not end a search.

    Args:
        measure: measures a load.
        load: the first one; its rate is where the search begins.
        limit_ms: of the 99th percentile.
        highest: rate at which the search ends even if it is borne.
        precision: width of the interval, as a share of the rate, at which the search ends.

    Raises:
        ServingError: a limit or precision that is none.
    """
    if limit_ms <= 0 or not 0 < precision < 1 or highest < load.rate:
        raise ServingError("a saturation search needs a limit above 0, a precision in (0, 1) and a highest rate")
    tried: list[Measured] = []

    def borne(rate: float) -> bool:
        for again in range(2):
            tried.append(measure(replace(load, rate=rate, seed=load.seed + len(tried) + again)))
            if bears(tried[-1], limit_ms):
                return True
        return False

    low, high, rate = 0.0, None, load.rate
    while high is None:
        if borne(rate):
            low = rate
            if rate >= highest:
                break
            rate = min(rate * 2, highest)
        else:
            high = rate
    while low and high is not None and high - low > precision * high:
        middle = (low + high) / 2
        if borne(middle):
            low = middle
        else:
            high = middle
    return Saturation(low or None, high, limit_ms, tuple(tried))
