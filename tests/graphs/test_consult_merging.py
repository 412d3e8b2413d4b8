"""The union of ballots: every design of every seat once, in a queue that weights order and nothing else."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from nonet.graphs.steps.consult.merging import Ballot, merge
from nonet.trials import space


class Design(BaseModel):
    """Two choices; the second means nothing without the first."""

    kind: Literal["a", "b", "c"] = "a"
    size: int = 1

    def normalised(self) -> Design:
        return self.model_copy(update={"size": 1}) if self.kind == "a" else self


designs = st.fixed_dictionaries({"kind": st.sampled_from("abc"), "size": st.integers(1, 4)})
ballots = st.lists(st.lists(designs, max_size=4), min_size=1, max_size=5).map(
    lambda lists: [Ballot(f"seat{place}", each) for place, each in enumerate(lists)]
)
weights = st.dictionaries(st.sampled_from([f"seat{i}" for i in range(5)]), st.floats(0.2, 5))


@given(ballots, weights)
def test_nothing_is_lost_made_up_or_told_twice(given: list[Ballot], weighed: dict[str, float]) -> None:
    union = merge(Design, given, weighed)
    named = {space.key(space.canonical(Design, design)): ballot.seat for ballot in given for design in ballot.designs}
    assert sorted(each.key for each in union.merged) == sorted(named)
    for each in union.merged:
        holders = [
            ballot.seat
            for ballot in given
            if any(space.key(space.canonical(Design, design)) == each.key for design in ballot.designs)
        ]
        assert list(each.seats) == holders


@given(ballots, weights, weights)
def test_weights_order_the_queue_and_change_nothing_else(
    given: list[Ballot], one: dict[str, float], other: dict[str, float]
) -> None:
    def content(weighed: dict[str, float]) -> dict[str, tuple[str, ...]]:
        return {each.key: each.seats for each in merge(Design, given, weighed).merged}

    assert content(one) == content(other)


@given(ballots)
def test_with_equal_weights_no_second_choice_goes_before_a_first(given: list[Ballot]) -> None:
    turns = [each.turn for each in merge(Design, given).merged]
    assert turns == sorted(turns, reverse=True)
    firsts = {space.key(space.canonical(Design, ballot.designs[0])) for ballot in given if ballot.designs}
    assert {each.key for each in merge(Design, given).merged[: len(firsts)]} == firsts


def test_agreement_is_told_and_gains_no_turn() -> None:
    alone, shared = {"kind": "b"}, {"kind": "c"}
    union = merge(Design, [Ballot("x", [alone, shared]), Ballot("y", [shared]), Ballot("z", [shared])])
    assert [each.seats for each in union.agreed] == [("x", "y", "z")]
    assert [each.design["kind"] for each in union.merged] == ["b", "c"]


def test_a_heavier_seat_has_its_turn_sooner() -> None:
    given = [Ballot("x", [{"kind": "b"}]), Ballot("y", [{"kind": "c"}, {"kind": "c", "size": 2}])]
    queue = merge(Design, given, {"y": 3.0}).merged
    assert [each.seats for each in queue] == [("y",), ("y",), ("x",)]


def test_equal_designs_are_one_and_what_is_outside_is_refused_by_name() -> None:
    union = merge(Design, [Ballot("x", [{"size": 3}, {}, {"kind": "q"}]), Ballot("y", [{"kind": "a", "size": 9}])])
    assert [each.seats for each in union.merged] == [("x", "y")]
    (why,) = union.refused["x"]
    assert "kind" in why
    assert "y" not in union.refused


@pytest.mark.parametrize("given", [[], [Ballot("x", [])]])
def test_of_nothing_comes_nothing(given: list[Ballot]) -> None:
    assert merge(Design, given).merged == ()
