from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_scorer import METRICS, measured

from nonet.trials.claim import (
    NO_HOLDOUT,
    Claim,
    claim,
    claim_of_differences,
    level,
    smallest_shown,
    units_for,
)
from nonet.trials.measurements import Measurements
from nonet.trials.statistics import paired_interval, t_quantile

QUALITY, F1, ERROR = METRICS[:3]
BASE = np.random.default_rng(0).uniform(0.2, 0.8, 60)
WAVE = np.tile([0.1, -0.1], 30)


def compared(winner: np.ndarray, metric: str = "quality", opening: int = 1) -> Claim:
    found = measured({"winner": winner.tolist(), "base": BASE.tolist()})
    return claim(found, metric, "winner", "base", opening)


def test_better_worse_and_not_shown() -> None:
    assert compared(BASE + 0.1 + WAVE).claim == "better"
    assert compared(BASE - 0.1 + WAVE).claim == "worse"
    assert compared(BASE + 0.005 + WAVE).claim == "not shown"


def test_less_is_better_where_the_metric_says_so() -> None:
    assert compared(BASE + 0.1 + WAVE, "error").claim == "better"
    assert compared(BASE - 0.1 + WAVE, "error").claim == "worse"
    difference = compared(BASE + 0.1 + WAVE, "error").difference
    assert difference is not None
    assert difference.value == pytest.approx(-0.1)  # printed as measured: winner − baseline


def test_known_answer() -> None:
    found = compared(BASE + 0.05 + WAVE)
    error = 0.1 * math.sqrt(60 / 59) / math.sqrt(60)
    # t(.9875, 59) and t(.80, 59) from an independent implementation
    reach, power = 2.3000468994409324 * error, 0.8477559493813871 * error
    assert found.difference is not None
    assert (found.difference.low, found.difference.high) == pytest.approx((0.05 - reach, 0.05 + reach))
    assert found.smallest_shown == pytest.approx(reach + power)
    assert (found.times_opened, found.alpha) == (1, 0.025)
    assert found.winner is not None
    assert found.winner.value == pytest.approx(float(np.mean(BASE + 0.05 + WAVE)))
    assert found.units_for == 42


def test_levels_add_up_to_five_percent() -> None:
    assert [level(k) for k in (1, 2, 3)] == pytest.approx([0.025, 0.05 / 6, 0.05 / 12])
    assert sum(level(k) for k in range(1, 100_000)) == pytest.approx(0.05, rel=1e-4)
    with pytest.raises(ValueError, match="from 1"):
        level(0)


def test_a_later_opening_claims_less() -> None:
    error = 0.1 * math.sqrt(60 / 59) / math.sqrt(60)
    shift = (t_quantile(1 - level(1) / 2, 59) + t_quantile(1 - level(2) / 2, 59)) / 2 * error
    first, second = (compared(BASE + shift + WAVE, opening=k) for k in (1, 2))
    assert (first.claim, second.claim) == ("better", "not shown")
    assert first.smallest_shown is not None
    assert second.smallest_shown is not None
    assert second.smallest_shown > first.smallest_shown


@pytest.mark.parametrize(("differing", "verdict"), [(0, "not shown"), (9, "not shown"), (10, "better")])
def test_few_differing_units_are_silenced(differing: int, verdict: str) -> None:
    shift = np.zeros(60)
    shift[:differing] = 0.15
    found = compared(BASE + shift)
    assert found.claim == verdict
    silenced = verdict == "not shown"
    assert (found.smallest_shown is None) is silenced
    assert (found.units_for is None) is silenced
    assert found.difference is not None
    assert math.isinf(found.difference.low) is silenced
    assert found.difference.value == pytest.approx(0.15 * differing / 60)
    if silenced:
        assert f"Only {differing} of 60 units differ" in (found.reason or "")


def test_what_is_no_mean_is_bootstrapped_and_silenced_alike() -> None:
    poor, good = np.full(60, 0.1), np.full(60, 0.9)
    found = measured({"winner": good.tolist(), "base": poor.tolist()})
    better = claim(found, "f1", "winner", "base", 1)
    assert better.claim == "better"
    assert better.difference is not None
    assert better.difference.value == pytest.approx(1.0)
    few = poor.copy()
    few[:9] = 0.9
    found = measured({"winner": few.tolist(), "base": poor.tolist()})
    assert claim(found, "f1", "winner", "base", 1).claim == "not shown"


def test_counted_numbers_are_compared_exactly() -> None:
    found = measured({"winner": [0.5] * 30, "base": [0.5] * 30}, operations={"winner": 3.0, "base": 5.0})
    assert claim(found, "operations", "winner", "base", 1).claim == "better"
    assert claim(found, "operations", "base", "winner", 1).claim == "worse"


def test_a_winner_compared_with_itself_is_not_shown() -> None:
    found = measured({"base": BASE.tolist()})
    assert claim(found, "quality", "base", "base", 1).claim == "not shown"


def test_no_units_no_claim() -> None:
    found = measured({"winner": [0.5], "base": [0.5]})
    assert claim(Measurements(found.evaluator, {}), "quality", "winner", "base", 1) == NO_HOLDOUT
    data = NO_HOLDOUT.json()
    assert data.pop("claim") == "not shown (no holdout)"
    assert set(data.values()) == {None}
    assert set(data) >= {*("winner", "baseline", "metric", "difference", "smallest_shown", "units_for", "times_opened")}


@pytest.mark.parametrize("found", [NO_HOLDOUT, compared(BASE + 0.1 + WAVE), compared(BASE)])
def test_json_gives_the_claim_back(found: Claim) -> None:
    assert Claim.from_json(json.loads(json.dumps(found.json(), allow_nan=False))) == found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1).filter(lambda x: abs(x) > 1e-6), min_size=10, max_size=40), st.integers(1, 4))
def test_the_claim_is_its_interval_and_turns_with_its_sign(differences: list[float], opening: int) -> None:
    found = claim_of_differences(QUALITY, differences, opening)
    assert found.difference == paired_interval(differences, level(opening))
    expected = "better" if found.difference.low > 0 else "worse" if found.difference.high < 0 else "not shown"
    assert found.claim == expected
    turned = claim_of_differences(QUALITY, [-d for d in differences], opening).claim
    assert turned == {"better": "worse", "worse": "better"}.get(expected, expected)
    assert claim_of_differences(ERROR, differences, opening).claim == turned


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.5), st.floats(0.01, 0.6), st.integers(1, 3))
def test_units_for_is_the_least_that_shows(difference: float, deviation: float, opening: int) -> None:
    units = units_for(difference, deviation, level(opening))
    assert units is not None
    assert smallest_shown(deviation / math.sqrt(units), units, level(opening)) <= difference
    if units > 10:
        fewer = units - 1
        assert smallest_shown(deviation / math.sqrt(fewer), fewer, level(opening)) > difference
    assert units_for(-difference, deviation, level(opening)) == units


def test_units_for_known_answers() -> None:
    assert units_for(0.042, 0.18, 0.05) == pytest.approx(147, abs=2)
    assert units_for(0.0, 0.18, 0.05) is None
    assert units_for(1e-9, 0.18, 0.05) is None
    found = compared(BASE + 0.05 + WAVE)
    assert found.units_to_show(0.05) == found.units_for
    assert found.units_to_show(0.01) == units_for(0.01, 0.1 * math.sqrt(60 / 59), 0.025)
    assert compared(BASE).units_to_show(0.05) is None


def test_the_smallest_shown_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(3)
    difference = smallest_shown(0.2 / math.sqrt(60), 60, level(1))
    found = [claim_of_differences(QUALITY, rng.normal(difference, 0.2, 60), 1).claim for _ in range(2000)]
    assert np.mean([verdict == "better" for verdict in found]) == pytest.approx(0.8, abs=0.03)


def test_claims_of_one_opening_share_its_level() -> None:
    found = measured({"winner": (BASE + 0.1).tolist(), "base": BASE.tolist()})
    shared = claim(found, "quality", "winner", "base", 1, comparisons=2)
    assert shared.alpha == pytest.approx(level(1) / 2)
    assert shared.difference == found.difference("winner", "base", "quality", level(1) / 2)
