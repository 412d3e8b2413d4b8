from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.trials import statistics

# Student's t to 13 digits or more, from an independent implementation.
TABLE = [
    (0.8, 1, 1.3763819204711738),
    (0.975, 1, 12.706204736174694),
    (0.9995, 1, 636.6192487687897),
    (0.95, 2, 2.9199855803537242),
    (0.9875, 3, 4.176534846104503),
    (0.975, 5, 2.5705818356363146),
    (0.8, 9, 0.8834038596855346),
    (0.975, 29, 2.045229642132703),
    (0.9875, 59, 2.3000468994409324),
    (0.975, 119, 1.9800998764569397),
    (0.9995, 999, 3.3002924403987666),
    (0.975, 100000, 1.9599877075346095),
]


@pytest.mark.parametrize(("p", "df", "expected"), TABLE)
def test_t_quantile_is_the_tables(p: float, df: int, expected: float) -> None:
    assert statistics.t_quantile(p, df) == pytest.approx(expected, rel=1e-8, abs=1e-8)
    assert statistics.t_quantile(1 - p, df) == pytest.approx(-expected, rel=1e-8, abs=1e-8)
    assert statistics.t_cdf(expected, df) == pytest.approx(p, abs=1e-8)


def test_t_in_closed_form() -> None:
    assert statistics.t_cdf(1.0, 1) == pytest.approx(0.75, abs=1e-14)  # Cauchy
    for x in (-3.0, -0.2, 0.0, 0.7, 5.0):
        assert statistics.t_cdf(x, 2) == pytest.approx(0.5 + x / (2 * math.sqrt(2 + x * x)), abs=1e-13)
    assert statistics.t_cdf(-math.inf, 4) == 0.0
    assert statistics.t_cdf(math.inf, 4) == 1.0


@settings(deadline=None)
@given(st.floats(1e-6, 1 - 1e-6), st.integers(1, 5000))
def test_quantile_inverts_the_cdf(p: float, df: int) -> None:
    assert statistics.t_cdf(statistics.t_quantile(p, df), df) == pytest.approx(p, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("p", "df"), [(0.0, 3), (1.0, 3), (-0.5, 3), (0.5, 0)])
def test_quantile_refuses_what_it_is_not_defined_for(p: float, df: float) -> None:
    with pytest.raises(ValueError, match="0 < p < 1"):
        statistics.t_quantile(p, df)


def test_paired_interval_known_answer() -> None:
    # mean .05, sd .1, n = 4: .05 ± 3.18244630528 × .05
    found = statistics.paired_interval([0.15, -0.05, 0.15, -0.05], alpha=0.05)
    reach = 3.182446305284263 * math.sqrt(0.04 / 3) / 2
    assert (found.value, found.n) == (pytest.approx(0.05), 4)
    assert (found.low, found.high) == (pytest.approx(0.05 - reach), pytest.approx(0.05 + reach))


def test_one_value_has_no_interval() -> None:
    found = statistics.mean_interval([0.4])
    assert (found.value, found.low, found.high) == (0.4, -math.inf, math.inf)
    assert found.json() == {"value": 0.4, "low": None, "high": None, "n": 1}
    with pytest.raises(ValueError, match="at least one"):
        statistics.mean_interval([])


def test_mean_interval_covers_at_its_level() -> None:
    rng = np.random.default_rng(0)
    found = [statistics.mean_interval(rng.normal(size=8), alpha=0.2) for _ in range(3000)]
    assert np.mean([interval.low <= 0 <= interval.high for interval in found]) == pytest.approx(0.8, abs=0.03)


def test_bootstrap_of_a_mean_is_near_t_and_seeded() -> None:
    data = np.random.default_rng(1).normal(size=400)

    def mean(positions: statistics.Positions) -> float:
        return float(data[positions].mean())

    def found(seed: int) -> tuple[float, float]:
        interval = statistics.bootstrap_interval(mean, 400, np.random.default_rng(seed))
        return interval.low, interval.high

    exact = statistics.mean_interval(data)
    assert found(0) == pytest.approx((exact.low, exact.high), abs=0.012)
    assert found(0) == found(0)
    assert found(0) != found(1)


def test_percentile_interval_covers_the_95th() -> None:
    rng, truth = np.random.default_rng(2), math.exp(1.6448536269514722)
    found = [
        statistics.percentile_interval(rng.lognormal(size=200), 95, np.random.default_rng(i), draws=400)
        for i in range(300)
    ]
    assert np.mean([interval.low <= truth <= interval.high for interval in found]) > 0.9
    assert all(interval.low <= interval.value <= interval.high for interval in found)


def test_undefined_resamples_are_left_out_unless_most_are() -> None:
    drawn = [*np.linspace(0, 1, 101), math.nan]
    assert statistics.resampled_interval(0.5, drawn, 9, alpha=0.1).low == pytest.approx(0.05)
    assert statistics.resampled_interval(0.5, [0.1, math.nan, math.nan], 9).high == math.inf


@given(st.integers(1, 50), st.integers(0, 40))
def test_resamples_are_positions(n: int, draws: int) -> None:
    rows = [row for block in statistics.resamples(n, draws, np.random.default_rng(0)) for row in block]
    assert len(rows) == draws
    assert all(row.shape == (n,) and row.min() >= 0 and row.max() < n for row in rows)


def test_blocks_of_resamples_are_bounded() -> None:
    blocks = statistics.resamples(1_000_000, 9, np.random.default_rng(0))
    assert [len(block) for block in blocks] == [4, 4, 1]
