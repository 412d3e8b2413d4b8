from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample_scorer import METRICS, SampleScorer, measured, units

from nonet.errors import TrialError
from nonet.trials.contract import Interval, Scores, Target
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements, allowance, gain
from nonet.trials.statistics import paired_interval
from nonet.trials.targets import judge

RNG = np.random.default_rng(0)
A, B = RNG.random(40).tolist(), RNG.random(40).tolist()


def test_means_have_t_intervals() -> None:
    found = measured({"a": A, "b": B})
    assert found.value("a", "quality") == pytest.approx(np.mean(A))
    expected = paired_interval(np.array(A) - np.array(B))
    assert found.difference("a", "b", "quality") == expected
    assert found.difference("a", "b", "quality", alpha=0.2) == paired_interval(np.array(A) - np.array(B), 0.2)


def test_what_is_no_mean_is_scored_over_the_same_resamples() -> None:
    found = measured({"a": A, "b": B, "a again": A})
    difference = found.difference("a", "b", "f1")
    assert difference is not None
    evaluator = Evaluator(SampleScorer(), units(40))
    value = {k: evaluator.value("f1", found.scores[k].outputs, range(40)) or 0.0 for k in ("a", "b")}
    assert difference.value == pytest.approx(value["a"] - value["b"])
    assert difference.low < difference.value < difference.high
    # Paired: equal outputs differ on no resample, however wide each one's own interval is.
    assert found.difference("a", "a again", "f1") == Interval(0.0, 0.0, 0.0, 40)
    own = found.interval("a", "f1")
    assert own is not None
    assert own.high - own.low > 0.05


def test_resamples_follow_the_seed_alone() -> None:
    first, again = measured({"a": A, "b": B}, seed=3), measured({"b": B}, seed=3)
    assert first.resampled("b", "quality").tolist() == again.resampled("b", "quality").tolist()
    other = measured({"b": B}, seed=4)
    assert first.resampled("b", "quality").tolist() != other.resampled("b", "quality").tolist()


def test_resampled_means_spread_as_the_mean_does() -> None:
    drawn = measured({"a": A}).resampled("a", "quality")
    assert drawn.mean() == pytest.approx(np.mean(A), abs=0.01)
    assert drawn.std() == pytest.approx(np.std(A) / np.sqrt(40), rel=0.1)


def test_percentiles_need_their_units() -> None:
    latencies = RNG.lognormal(3, 0.3, 60).tolist()
    short = measured({"a": [1.0] * 58}, latencies={"a": latencies[:58]})
    assert short.value("a", "p95_latency_ms") is None
    assert short.interval("a", "p95_latency_ms") is None
    assert short.value("a", "p50_latency_ms") == pytest.approx(np.median(latencies[:58]))
    enough = measured({"a": [1.0] * 59}, latencies={"a": latencies[:59]})
    interval = enough.interval("a", "p95_latency_ms")
    assert interval is not None
    assert interval.value == pytest.approx(np.percentile(latencies[:59], 95))
    assert interval.low < interval.value < interval.high
    assert interval.n == 59


def test_untimed_candidates_have_no_latency() -> None:
    found = measured({"a": A, "b": B}, latencies={"a": A})
    assert found.value("b", "p50_latency_ms") is None
    assert found.value("a", "p50_latency_ms") == pytest.approx(np.median(A))
    assert found.difference("a", "b", "p50_latency_ms") is None
    with pytest.raises(TrialError, match="not measured"):
        found.resampled("b", "p50_latency_ms")


def test_latencies_are_compared_on_the_units_timed_for_all() -> None:
    found = measured({"a": A, "b": B}, latencies={"a": [10.0] * 40, "b": [*[20.0] * 10, 999.0]})
    assert found.median_latency("b") == 20.0
    scores = {**found.scores, "a": replace(found.scores["a"], latency_ms=dict.fromkeys(range(10), 10.0))}
    paired = Measurements(found.evaluator, scores)
    difference = paired.difference("b", "a", "p50_latency_ms")
    assert difference is not None
    assert (difference.value, difference.n) == (10.0, 10)


def test_counted_numbers_are_exact() -> None:
    found = measured({"a": A, "b": B}, operations={"a": 10.0, "b": 4.0})
    assert found.interval("a", "operations") == Interval(10.0, 10.0, 10.0, 1)
    assert found.difference("a", "b", "operations") == Interval(6.0, 6.0, 6.0, 1)
    assert found.value("a", "index_bytes") is None


def test_differing_units_are_counted() -> None:
    found = measured({"a": A, "b": [*B[:7], *A[7:]]})
    assert found.differing("a", "b", "quality") == 7
    assert found.differing("a", "b", "f1") == 7


def test_only_the_same_units_can_be_compared() -> None:
    scores = {"a": Scores((0, 1), {"quality": [1, 1]}), "b": Scores((1, 0), {"quality": [1, 1]})}
    with pytest.raises(TrialError, match="same units"):
        Measurements(Evaluator(SampleScorer(), units(2)), scores)


def test_allowance_and_gain() -> None:
    by_name = {metric.name: metric for metric in METRICS}
    assert allowance(by_name["quality"], 0.8) == 0.01
    assert allowance(by_name["quality"], 0.8, 0.05) == 0.05
    assert allowance(by_name["index_bytes"], 2000.0) == pytest.approx(20.0)
    assert (gain(by_name["quality"]), gain(by_name["error"])) == (1.0, -1.0)
    for wrong in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="tolerance"):
            allowance(by_name["quality"], 0.8, wrong)


def test_the_first_question_is_one_time_without_an_interval() -> None:
    found = measured({"a": A, "b": B, "c": B}, latencies={"a": A, "b": B})
    found.scores["a"] = replace(found.scores["a"], first_ms=50.0)
    found.scores["b"] = replace(found.scores["b"], first_ms=20.0)
    assert (found.value("a", "first_ms"), found.value("c", "first_ms")) == (50.0, None)
    interval, difference = found.interval("a", "first_ms"), found.difference("a", "b", "first_ms")
    assert interval is not None
    assert interval.json() == {"value": 50.0, "low": None, "high": None, "n": 1}
    assert judge(Target("first_ms", "<", 1e9), interval) is None, "one time shows nothing"
    assert difference is not None
    assert difference.json() == {"value": 30.0, "low": None, "high": None, "n": 1}
    assert found.difference("a", "c", "first_ms") is None


def test_what_needs_a_judge_has_no_value() -> None:
    found = measured({"a": A, "b": B})
    assert found.value("a", "grade") is None
    assert found.interval("a", "grade") is None
    assert found.difference("a", "b", "grade") is None


def test_a_part_of_the_units_is_measured_as_if_alone() -> None:
    found, alone = measured({"a": A, "b": B}), measured({"a": A[10:20], "b": B[10:20]})
    part = found.on(range(10, 20))
    assert part.units == tuple(range(10, 20))
    for name in ("quality", "error", "f1"):
        assert part.interval("a", name) == alone.interval("a", name)
        assert part.difference("a", "b", name) == alone.difference("a", "b", name)
