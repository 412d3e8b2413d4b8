"""Intervals: Student's t for means, the percentile bootstrap for everything else.

Paired t is what covers on real differences of scores (bounded, many exact zeros) where the bootstrap does not; metrics
that are no mean have only the bootstrap. Randomness comes from the generator that is handed in, never from the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from nonet.trials.contract import Interval

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

DRAWS = 2000
_CELLS = 4_000_000  # positions drawn at a time: 32 MB
_TINY = 1e-300  # stands for an exact zero in a continued fraction


def t_cdf(x: float, df: float) -> float:
    """Return P(T <= x) of Student's t with ``df`` > 0 degrees of freedom (DLMF 8.17: a regularised incomplete beta)."""
    if math.isinf(x):
        return 0.0 if x < 0 else 1.0
    tail = 0.5 * _incomplete_beta(df / 2, 0.5, df / (df + x * x), x * x / (df + x * x))
    return tail if x < 0 else 1.0 - tail


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: float) -> float:
    """Return x with P(T <= x) = p, for p in (0, 1).

    Raises:
        ValueError: ``p`` is not inside (0, 1) or ``df`` not above 0.
    """
    if not 0 < p < 1 or df <= 0:
        raise ValueError(f"a t quantile needs 0 < p < 1 and df > 0, not p={p}, df={df}")
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -t_quantile(1 - p, df)
    # Solve for the upper tail, not for p: near 1 the tail keeps the digits that p loses.
    tail, high = 1 - p, max(NormalDist().inv_cdf(p), 1.0)
    while t_cdf(-high, df) > tail:
        high *= 2
    low, x = 0.0, high / 2
    for _ in range(200):
        excess = t_cdf(-x, df) - tail
        low, high = (x, high) if excess > 0 else (low, x)
        # Newton's step, or the middle of what is left where it would leave the bracket.
        step = x + excess / _t_density(x, df)
        following = step if low < step < high else (low + high) / 2
        if abs(following - x) <= 1e-15 * x:
            break
        x = following
    return x


def rate_bounds(events: int, trials: int, alpha: float = 0.05) -> tuple[float, float]:
    """Return the exact two-sided interval of a rate (Clopper & Pearson, Biometrika 26, 1934); (0, 1) without trials.

    Raises:
        ValueError: more events than trials, or fewer than none.
    """
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events of {trials} trials are no rate")

    def solved(a: float, b: float, p: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _incomplete_beta(a, b, middle, 1 - middle) < p else (low, middle)
        return (low + high) / 2

    low = 0.0 if events == 0 else solved(events, trials - events + 1, alpha / 2)
    high = 1.0 if events == trials else solved(events + 1, trials - events, 1 - alpha / 2)
    return low, high


def _t_density(x: float, df: float) -> float:
    logarithm = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(logarithm - (df + 1) / 2 * math.log1p(x * x / df))


def _incomplete_beta(a: float, b: float, x: float, complement: float) -> float:
    """Regularised incomplete beta I_x(a, b), given x and 1 − x; DLMF 8.17.22 on the side where it converges fast."""
    if x <= 0 or complement <= 0:
        return 0.0 if x <= 0 else 1.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(complement)
    if x < (a + 1) / (a + b + 2):
        return math.exp(logarithm) / a * _beta_fraction(a, b, x)
    return 1.0 - math.exp(logarithm) / b * _beta_fraction(b, a, complement)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Evaluate DLMF 8.17.22 by the modified Lentz method (Thompson and Barnett 1986)."""
    value, upper, lower = 1.0, 1.0, 0.0
    for term in range(1, 2000):
        m = term // 2
        if term % 2:
            coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1.0 / ((1.0 + coefficient * lower) or _TINY)
        upper = (1.0 + coefficient / upper) or _TINY
        value *= upper * lower
        if abs(upper * lower - 1.0) < 1e-16:
            break
    return 1.0 / value


def mean_interval(values: Sequence[float] | Floats, alpha: float = 0.05) -> Interval:
    """Return the interval of a mean at level 1 − ``alpha`` by Student's t; unbounded for a single value.

    Raises:
        ValueError: there are no values.
    """
    data = np.asarray(values, dtype=np.float64)
    if not data.size:
        raise ValueError("an interval needs at least one value")
    mean = float(data.mean())
    if data.size == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    reach = t_quantile(1 - alpha / 2, data.size - 1) * standard_error(data)
    return Interval(mean, mean - reach, mean + reach, int(data.size))


def paired_interval(differences: Sequence[float] | Floats, alpha: float = 0.05) -> Interval:
    """Return the paired t interval: that of the mean of per-unit differences."""
    return mean_interval(differences, alpha)


def standard_error(values: Sequence[float] | Floats) -> float:
    """Return the standard error of the mean of two values or more."""
    data = np.asarray(values, dtype=np.float64)
    return float(data.std(ddof=1)) / math.sqrt(data.size)


def resamples(n: int, draws: int, generator: np.random.Generator) -> Iterator[Positions]:
    """Yield ``draws`` resamples of n positions with replacement, some rows at a time: arrays of shape (rows, n)."""
    rows = max(1, _CELLS // max(n, 1))
    for start in range(0, draws, rows):
        yield generator.integers(0, n, size=(min(rows, draws - start), n))


def bootstrap_interval(
    statistic: Callable[[Positions], float],
    n: int,
    generator: np.random.Generator,
    alpha: float = 0.05,
    draws: int = DRAWS,
) -> Interval:
    """Percentile bootstrap interval (Efron 1979) of a statistic of a multiset of n positions."""
    drawn = [statistic(row) for block in resamples(n, draws, generator) for row in block]
    return resampled_interval(statistic(np.arange(n)), drawn, n, alpha)


def percentile_interval(
    values: Sequence[float] | Floats,
    percentile: float,
    generator: np.random.Generator,
    alpha: float = 0.05,
    draws: int = DRAWS,
) -> Interval:
    """Bootstrap interval of a percentile, such as the 95th of latencies; in the unit of the values."""
    data = np.asarray(values, dtype=np.float64)
    drawn = [np.percentile(data[block], percentile, axis=1) for block in resamples(data.size, draws, generator)]
    return resampled_interval(float(np.percentile(data, percentile)), np.concatenate(drawn), int(data.size), alpha)


def resampled_interval(value: float, drawn: Sequence[float] | Floats, n: int, alpha: float = 0.05) -> Interval:
    """Percentile interval from a statistic's values on resamples.

    A resample on which the statistic is undefined (an AUC of one class) is left out; unbounded where most are.
    """
    data = np.asarray(drawn, dtype=np.float64)
    finite = data[np.isfinite(data)]
    if finite.size * 2 <= data.size:
        return Interval(value, -math.inf, math.inf, n)
    low, high = np.quantile(finite, [alpha / 2, 1 - alpha / 2])
    return Interval(value, float(low), float(high), n)
