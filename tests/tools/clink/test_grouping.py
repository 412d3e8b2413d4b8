"""Like claims put together: whatever their order, none is lost, and what differs in a number or a "not" stays apart."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.tools.clink.claims import Claim
from nonet.tools.clink.grouping import ALIKE, Held, grouped, likeness, traits

WORD = st.sampled_from(["split", "before", "scaling", "leaks", "test", "rows", "not", "loss", "0.1", "0.2"])
STATEMENT = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
CLAIMS = st.lists(
    st.builds(Held, st.sampled_from("abc"), STATEMENT.map(lambda said: Claim(statement=said))), max_size=12
)


def held(seat: str, statement: str) -> Held:
    return Held(seat, Claim(statement=statement))


@given(CLAIMS, st.randoms())
def test_groups_depend_on_no_order_and_lose_no_claim(claims, random):
    found = grouped(claims)
    mixed = list(claims)
    random.shuffle(mixed)
    assert grouped(mixed) == found

    def named(each: Held) -> tuple[str, str]:
        return each.seat, each.claim.statement

    assert sorted(named(each) for group in found for each in group) == sorted(map(named, claims))


@given(CLAIMS)
def test_every_two_members_of_a_group_are_alike(claims):
    for group in grouped(claims):
        for one, other in combinations([each.claim.statement for each in group], 2):
            assert one == other or likeness(traits(one), traits(other)) >= ALIKE


@given(STATEMENT, STATEMENT)
def test_likeness_is_symmetric_and_at_most_one(one, other):
    assert likeness(traits(one), traits(other)) == likeness(traits(other), traits(one)) <= 1


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("The scaler is fitted before the split.", "The scaler was fitted before the data split.", True),
        ("The scaler is fitted before the split.", "The scaler is not fitted before the split.", False),
        ("The learning rate is 0.1", "The learning rate is 0.01", False),
        ("The test rows leak into training.", "The loss expects logits.", False),
    ],
)
def test_what_is_alike(one, other, together):
    assert len(grouped([held("a", one), held("b", other)])) == (1 if together else 2)


def test_what_most_seats_hold_comes_first_and_one_seats_claim_stays():
    said = [held("a", "Alone."), held("a", "Rows of the test leak."), held("b", "Rows of the test leak!")]
    assert [sorted(each.seat for each in group) for group in grouped(said)] == [["a", "b"], ["a"]]
