from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_scorer import measured

from nonet.errors import TrialError
from nonet.trials.racing import rungs, survivors
from nonet.trials.statistics import t_quantile

NOISE = np.random.default_rng(0).normal(0, 0.1, (40, 30))


def around(means: dict[str, float], n: int = 30, noise: float = 1.0) -> dict[str, list[float]]:
    """Values per unit with exactly these means and independent noise."""
    rows = NOISE[: len(means), :n]
    rows = rows - rows.mean(axis=1, keepdims=True)
    return {key: (mean + noise * row).tolist() for (key, mean), row in zip(means.items(), rows, strict=True)}


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, (1,)), (15, (15,)), (16, (15, 16)), (61, (15, 30, 60, 61)), (500, (15, 30, 60, 120, 500))],
)
def test_rungs_end_with_the_whole(n: int, expected: tuple[int, ...]) -> None:
    assert rungs(n) == expected


def test_at_most_the_better_half_goes_on() -> None:
    means = {f"c{i}": 0.60 + i / 1000 for i in range(9)}
    cut = survivors(measured(around(means)), "quality", "c8", 0.01)
    assert cut.kept == ("c8", "c7", "c6", "c5", "c4")
    assert set(cut.dropped) == {"c0", "c1", "c2", "c3"}
    assert "behind the better half after 30 units (0.6, the leader 0.608)" in cut.dropped["c0"]


def test_the_baseline_goes_on_whatever_it_scores() -> None:
    means = {"base": 0.1, **{f"c{i}": 0.6 + i / 1000 for i in range(7)}}
    cut = survivors(measured(around(means)), "quality", "base", 0.01)
    assert cut.kept == ("c6", "c5", "c4", "c3", "base")
    assert "base" not in cut.dropped


def test_those_shown_to_be_behind_are_dropped_from_the_better_half() -> None:
    means = {"lead": 0.9, "near": 0.89, "far": 0.5, "w1": 0.1, "w2": 0.1, "base": 0.2}
    cut = survivors(measured(around(means)), "quality", "base", 0.01)
    assert cut.kept == ("lead", "near", "base")
    assert "shown to be behind the leader after 30 units" in cut.dropped["far"]


@pytest.mark.parametrize(("off", "stays"), [(-1e-6, False), (1e-6, True)])
def test_the_bound_is_the_one_sided_95_percent_t(off: float, stays: bool) -> None:
    # The candidate differs from the leader by a known mean and spread; its bound is put just beside −tolerance.
    wave = np.tile([0.05, -0.05], 15)
    error = wave.std(ddof=1) / np.sqrt(30)
    behind = 0.2
    values = {"lead": [0.9] * 30, "it": (0.9 - behind + wave).tolist(), "w1": [0.0] * 30, "base": [0.0] * 30}
    tolerance = behind - t_quantile(0.95, 29) * error + off
    cut = survivors(measured(values), "quality", "base", tolerance)
    assert ("it" in cut.kept) is stays


def test_a_metric_to_minimise_races_downwards() -> None:
    means = {f"c{i}": 0.60 + i / 1000 for i in range(8)}  # quality up is error down
    cut = survivors(measured(around(means)), "error", "c7", 0.01)
    assert cut.kept == ("c7", "c6", "c5", "c4")
    far = survivors(measured(around({"a": 0.9, "b": 0.2, "c": 0.1, "d": 0.1})), "error", "d", 0.01)
    assert far.kept == ("a", "d")


def test_two_go_on_at_least() -> None:
    values = around({"base": 0.9, "far": 0.1, "farther": 0.0})
    assert survivors(measured(values), "quality", "base", 0.0).kept == ("base", "far")


def test_equals_rank_cheaper_first() -> None:
    values = {key: [0.5] * 30 for key in ("a", "b", "c", "d")}
    cut = survivors(measured(values), "quality", "d", 0.01, costs={"a": 9, "b": 1, "c": 2, "d": 3})
    assert cut.kept == ("b", "c", "d")


def test_those_that_miss_a_bar_rank_last() -> None:
    means = {"fast": 0.5, "slow": 0.9, "mid": 0.49, "base": 0.48}
    cut = survivors(measured(around(means)), "quality", "base", 0.01, missed={"slow": "p95_latency_ms<200"})
    assert "slow" not in cut.kept
    assert cut.dropped["slow"].startswith("misses p95_latency_ms<200")


def test_what_is_no_mean_races_too() -> None:
    good, bad = [0.9] * 30, [0.1] * 30
    cut = survivors(measured({"good": good, "bad": bad, "worse": bad, "base": bad}), "f1", "base", 0.01)
    assert cut.kept[0] == "good"
    assert "base" in cut.kept
    assert "bad" not in cut.kept


def test_nobody_measured_is_an_error_and_one_unmeasured_is_dropped() -> None:
    found = measured({"a": [0.5] * 30, "b": [0.6] * 30}, operations={"a": 3.0})
    cut = survivors(found, "operations", "a", 0.0)
    assert cut.kept == ("a",)
    assert "could not be measured" in cut.dropped["b"]
    with pytest.raises(TrialError, match="No candidate has a value of index_bytes"):
        survivors(found, "index_bytes", "a", 0.0)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=14),
    st.floats(0, 0.2),
    st.data(),
    st.sampled_from(["quality", "error"]),
)
def test_whatever_is_measured(means: list[float], tolerance: float, data: st.DataObject, metric: str) -> None:
    values = around({f"c{i}": mean for i, mean in enumerate(means)})
    baseline = data.draw(st.sampled_from(sorted(values)))
    cut = survivors(measured(values), metric, baseline, tolerance)
    assert baseline in cut.kept
    assert baseline not in cut.dropped
    assert len(cut.kept) >= min(2, len(values))
    assert len(cut.kept) <= max(2, (len(values) + 1) // 2) + 1
    assert sorted([*cut.kept, *cut.dropped]) == sorted(values)
    best = max(values, key=lambda key: (np.mean(values[key]), key))
    top = np.mean(values[best])
    assert np.mean(values[cut.kept[0]]) == pytest.approx(top)
    turned = dict(reversed(values.items()))
    assert survivors(measured(turned), metric, baseline, tolerance) == cut
