"""A speed that is a ratio to the baseline's, timed in the same passes; and a race before anything is timed."""

from __future__ import annotations

import numpy as np
import pytest
from sample_scorer import SampleScorer, designs, units

from nonet.trials import racing, ship
from nonet.trials.claim import claim
from nonet.trials.contract import Metric, Objective, Scores, Target
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements
from nonet.trials.targets import from_goal

SPEEDUP = Metric(
    "speedup",
    "maximise",
    "the baseline's median over the candidate's",
    source="latency",
    mean=False,
    relative=True,
    tolerance=0.05,
    percentile=50,
    against_baseline=True,
)
RANDOM = np.random.default_rng(1)
BASE = RANDOM.lognormal(3, 0.4, 80)


class Scorer(SampleScorer):
    def __init__(self) -> None:
        super().__init__(Objective("speedup", "error", guide="operations"))
        self.metrics = (*self.metrics, SPEEDUP)


def timed(factors: dict[str, float], *, untimed: bool = False) -> Measurements:
    """Candidates whose every latency is the baseline's over a factor; quality falls a little with it."""
    scores = {
        key: Scores(
            units=tuple(range(80)),
            table={"quality": [1 - 0.001 * factor] * 80, "error": [0.001 * factor] * 80},
            outputs=[0.0] * 80,
            latency_ms={} if untimed else dict(enumerate((BASE / factor).tolist())),
            baseline_ms={} if untimed else dict(enumerate(BASE.tolist())),
            resources={"operations": 1 / factor},
        )
        for key, factor in factors.items()
    }
    return Measurements(Evaluator(Scorer(), units(80)), scores)


def test_the_ratio_is_of_percentiles_and_its_resamples_are_paired() -> None:
    found = timed({"base": 1.0, "fast": 3.0})
    assert found.value("fast", "speedup") == pytest.approx(3.0)
    interval = found.interval("fast", "speedup")
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(3.0), pytest.approx(3.0))
    latency = found.interval("fast", "p50_latency_ms")
    assert latency is not None
    assert latency.high - latency.low > 0.5  # the latencies themselves spread


def test_without_the_baseline_s_times_there_is_no_ratio() -> None:
    assert timed({"base": 1.0}, untimed=True).value("base", "speedup") is None


def test_the_fastest_that_holds_the_bar_ships_and_near_equals_by_what_they_lose() -> None:
    found = timed({"base": 1.0, "careful": 2.95, "fast": 3.0, "wild": 40.0})
    named = designs("base", "careful", "fast", "wild")
    decided = ship.ship(found, named, "base", [Target("quality", ">=", 0.99)])
    assert decided.best == "fast"
    assert decided.winner == "careful"
    assert set(decided.pareto) == {"base", "careful", "fast", "wild"}


def test_before_anything_is_timed_candidates_are_ordered_by_the_guide() -> None:
    found = timed({"base": 1.0, "fast": 3.0, "wild": 40.0}, untimed=True)
    order = racing.ranking(found, "speedup", {"wild": "quality>=0.99"}, {"base": 1.0, "fast": 0.3, "wild": 0.02})
    assert order == ["fast", "base", "wild"]


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.04, "not shown"), (1.2, "better"), (0.97, "not shown"), (0.5, "worse")]
)
def test_a_little_more_speed_than_another_process_has_is_no_claim(factor: float, verdict: str) -> None:
    assert claim(timed({"base": 1.0, "mine": factor}), "speedup", "mine", "base", 1).claim == verdict


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("BERT for production, INT8 with 3x speed-up", [3.0]),
        ("Optimise BERT for production, 3x", [3.0]),
        ("make it 2.5 times faster", [2.5]),
        ("a 4 × speedup and small", [4.0]),
        ("ten times the data, 3 layers, x3 boxes, 640x480 images", []),
    ],
)
def test_a_sentence_may_give_a_multiple(goal: str, wanted: list[float]) -> None:
    assert [target.value for target in from_goal(goal, [SPEEDUP])] == wanted
