"""The record of the seats: shrunken weights, errors made together, what a win cost, and many processes at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.graphs.steps.consult import record
from nonet.graphs.steps.consult.record import Comparisons, Consultation, Outcome
from nonet.settings import Settings
from nonet.trials.statistics import rate_bounds


def ran(number: int, *seats: Outcome) -> Consultation:
    return Consultation(run_id=f"run-{number}", workflow="w", metric="f1", seats=list(seats))


def model(seat: str, won: bool = False, **fields: object) -> Outcome:
    return Outcome.model_validate({"seat": seat, "role": "model", "nominated": 2, "measured": 2, "won": won, **fields})


def keep(settings: Settings, runs: Iterable[Consultation]) -> None:
    for each in runs:
        record.keep(settings, each)


def test_weights_are_equal_until_twenty_outcomes_and_shrunken_after(settings: Settings) -> None:
    keep(settings, (ran(n, model("good", True), model("bad")) for n in range(19)))
    assert record.weights(settings, ["good", "bad", "new"]) == {"good": 1.0, "bad": 1.0, "new": 1.0}
    keep(settings, [ran(19, model("good", True), model("bad"))])
    found = record.weights(settings, ["good", "bad", "new"])
    assert found == {"good": 1.5, "bad": 0.5, "new": 1.0}


def test_a_run_without_a_nomination_is_no_outcome(settings: Settings) -> None:
    keep(settings, (ran(n, model("good", True), model("dead", nominated=0, failed="timeout")) for n in range(25)))
    (dead,) = [each for each in record.standings(settings) if each.seat == "dead"]
    assert (dead.outcomes, dead.failures, dead.weight) == (0, 25, 1.0)


def test_a_run_counts_once_and_its_last_word_counts(settings: Settings) -> None:
    keep(settings, [ran(1, model("a")), ran(1, model("a")), ran(1, model("a", True))])
    (found,) = record.standings(settings)
    assert (found.outcomes, found.wins) == (1, 1)


def test_a_seat_that_never_adds_a_win_is_named_with_what_it_cost(settings: Settings) -> None:
    rules = Outcome(seat="rules", role="control", nominated=3, measured=3, won=True, added=True, best=True, regret=0.0)
    echo = model("echo", True, usd=0.25, tokens=900, unique=2, regret=0.1)
    keep(settings, [ran(1, rules, echo), ran(2, rules, model("echo", usd=0.25, tokens=900, regret=0.3, unique=0))])
    seats, together = record.standings(settings), record.co_failure(settings)
    assert [each.seat for each in seats] == ["echo", "rules"]
    assert (seats[0].never_added, seats[0].usd, seats[0].usd_per_unique) == (True, 0.5, 0.25)
    assert seats[0].regret == {"w: f1": pytest.approx(0.2)}
    assert not seats[1].never_added
    first, second = record.lines(seats, together)
    assert "NEVER ADDED A WIN, for 0.5000 USD" in first
    assert "never added" not in second.lower()


def test_a_price_that_is_not_known_is_not_told_as_none(settings: Settings) -> None:
    keep(settings, [ran(1, model("a", usd=None, unique=1)), ran(2, model("a", usd=0.5, unique=1))])
    (found,) = record.standings(settings)
    assert (found.usd, found.usd_per_unique) == (None, None)


def test_errors_made_together_have_an_exact_bound(settings: Settings) -> None:
    keep(settings, (ran(n, model("a", best=n < 3), model("b")) for n in range(10)))
    keep(settings, [ran(99, model("a"))])
    found = record.co_failure(settings)
    assert (found.runs, found.missed) == (10, 7)
    assert (round(found.low, 4), round(found.high, 4)) == (0.3475, 0.9333)


def test_verdicts_that_turn_with_the_order_are_counted_by_judge(settings: Settings) -> None:
    record.keep_comparisons(settings, Comparisons(seat="judge", question="one", pairs=3, flipped=1))
    record.keep_comparisons(settings, Comparisons(seat="judge", question="two", pairs=1, flipped=1))
    (found,) = record.standings(settings)
    assert (found.seat, found.flips, found.outcomes) == ("judge", 0.5, 0)


def write(settings: Settings, first: int) -> None:
    keep(settings, (ran(n, model("a", n % 2 == 0)) for n in range(first, first + 25)))


def test_many_processes_write_one_record(settings: Settings) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write, args=(settings, 25 * place)) for place in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
        assert each.exitcode == 0
    (found,) = record.standings(settings)
    assert (found.outcomes, found.wins) == (100, 50)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_bounds_of_a_rate_hold_the_rate_and_mirror(events: int, others: int) -> None:
    trials = events + others
    low, high = rate_bounds(events, trials)
    assert 0 <= low <= (events / trials if trials else 0.5) <= high <= 1
    mirrored = rate_bounds(others, trials)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-9)
    if trials and not events:
        assert high == pytest.approx(1 - 0.025 ** (1 / trials), abs=1e-9)
