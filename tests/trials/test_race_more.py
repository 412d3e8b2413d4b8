"""The second race: newcomers against the leader and the baseline of a race that is over; and what is kept for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_race import POOL, WHOLE, Bench, candidates, names, race, screened

from nonet.trials import budget
from nonet.trials.budget import Budget
from nonet.trials.candidates import Candidate
from nonet.trials.race import Outcome

FIRST = [{"cut": "a", "read": "dear"}, {"cut": "b"}, {"cut": "b", "read": "dear"}]
BEST, BETTER, WORSE = {"cut": "d", "read": "dearest"}, {"cut": "c"}, {"cut": "a", "shade": "x"}


def newcomers(*designs: dict[str, str]) -> list[Candidate]:
    found = candidates(*designs)[1:]
    for each in found:
        each.seats = ["a seat"]
    return found


def first(bench: Bench, allowed: str = "100 trials", **fields: Any) -> Outcome:
    return race(bench, allowed=budget.parse(allowed), **fields).run(candidates(*FIRST))


def told(some: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [asdict(each) for each in some]


def test_newcomers_are_measured_on_all_the_data_and_never_on_the_pool() -> None:
    bench = Bench()
    outcome = first(bench, pool=screened())
    on_the_pool = dict(bench.measured[POOL])
    assert on_the_pool
    more = race(bench, pool=screened()).more(outcome.candidates, outcome.compared, newcomers(BEST, BETTER))
    assert bench.measured[POOL] == on_the_pool
    new = more.candidates[len(outcome.candidates) :]
    assert [(each.design["cut"], each.screened, each.measured > 0) for each in new] == [("d", 0, True), ("c", 0, True)]
    assert ("d", "dearest") in names(more.finalists())
    assert more.compared == outcome.compared
    assert {each.measured for each in more.finalists()} == {more.compared}


def test_the_race_that_is_over_stays_as_it_was_whoever_comes() -> None:
    for came in (newcomers(BEST), newcomers(WORSE), newcomers(WORSE, BEST, BETTER), []):
        bench = Bench()
        outcome = first(bench)
        before = told(outcome.candidates)
        more = race(bench).more(outcome.candidates, outcome.compared, came)
        assert told(more.candidates[: len(before)]) == before
        assert more.bound is None


def test_a_newcomer_that_is_worse_is_dropped_before_the_whole_is_measured() -> None:
    bench = Bench()
    outcome = first(bench)
    more = race(bench).more(outcome.candidates, outcome.compared, newcomers(WORSE, BEST))
    worse, best = more.candidates[-2:]
    assert worse.dropped
    assert 0 < worse.measured < outcome.compared
    assert (best.dropped, best.measured) == ("", outcome.compared)


def test_trials_that_are_left_go_to_the_first_newcomers_and_the_others_are_named() -> None:
    bench = Bench()
    outcome = first(bench, "4 trials")
    tried = sum(each.tried for each in outcome.candidates)
    came = newcomers(BETTER, BEST, WORSE)
    more = race(bench, allowed=budget.parse(f"{tried + 2} trials")).more(outcome.candidates, outcome.compared, came)
    assert [each.tried for each in came] == [True, True, False]
    assert came[2].not_measured == "the budget in trials ended first"
    assert more.bound == "trials"
    assert sum(each.tried for each in more.candidates) == tried + 2


def test_whoever_was_named_but_never_tried_may_come_again() -> None:
    bench = Bench()
    outcome = first(bench, "3 trials")
    (left_out, *_) = [each for each in outcome.candidates if not each.tried]
    assert left_out.not_measured
    more = race(bench).more(outcome.candidates, outcome.compared, [left_out])
    assert (left_out.not_measured, left_out.tried) == ("", True)
    assert len(more.candidates) == len(outcome.candidates)


def test_a_newcomer_that_cannot_be_built_keeps_nobody_out() -> None:
    bench = Bench()
    outcome = first(bench)
    bench.refuses = lambda design, data: "out of memory" if design["cut"] == "c" else ""
    came = newcomers(BETTER, BEST)
    race(bench).more(outcome.candidates, outcome.compared, came)
    assert came[0].failed == "out of memory"
    assert came[1].measured == outcome.compared


def test_a_signal_leaves_what_was_decided_to_decide_on() -> None:
    bench = Bench()
    outcome = first(bench)
    before = told(outcome.candidates)
    bench.stop_after = len(bench.measured[WHOLE]) + 1
    more = race(bench).more(outcome.candidates, outcome.compared, newcomers(BETTER, BEST))
    assert more.bound == "signal"
    assert told(more.candidates[: len(before)]) == before
    assert more.candidates[-1].not_measured == "the run was stopped first"
    assert any(each.baseline for each in more.finalists())


@given(st.integers(1, 500), st.floats(0.01, 0.99))
def test_of_trials_a_share_is_kept_and_never_all(count: int, kept: float) -> None:
    left = budget.parse(f"{count} trials").less(kept)
    assert left.seconds is None
    assert left.candidates is not None
    if count < 3:
        assert left.candidates == count, "a baseline and one design are compared before anything is kept"
    else:
        assert 1 <= left.candidates <= count - 1
        assert count - left.candidates == max(1, int(count * kept))


@given(st.floats(1, 1e6), st.floats(0.0, 0.99))
def test_of_time_a_share_is_kept_and_told(seconds: float, kept: float) -> None:
    left = Budget("t", seconds=seconds).less(kept)
    assert (left.candidates, left.text) == (None, "t")
    assert left.seconds == pytest.approx(seconds * (1 - kept))
    assert left.share == pytest.approx(1 - kept)
