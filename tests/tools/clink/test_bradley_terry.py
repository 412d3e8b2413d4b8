"""The Bradley-Terry fit: it recovers a planted order, and names and order of the comparisons do not matter."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.tools.clink.bradley_terry import fit

NUMBER = 4
PAIR = st.tuples(st.integers(0, NUMBER - 1), st.integers(0, NUMBER - 1)).filter(lambda pair: pair[0] != pair[1])
WINS = st.lists(PAIR, min_size=1, max_size=30)


@given(st.permutations(range(5)))
def test_a_planted_order_is_recovered(order):
    wins = [(order[i], order[j]) for i, j in itertools.combinations(range(5), 2)]
    found = fit(5, wins)
    assert found.order == tuple(order)
    assert all(map(math.isfinite, (*found.strengths, *found.low, *found.high)))


@given(st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=5))
def test_planted_strengths_are_recovered_from_their_expected_wins(planted):
    """Of 2,000 comparisons a pair each wins its share: the prior of 0.1 moves next to nothing."""
    wins = []
    for i, j in itertools.combinations(range(len(planted)), 2):
        share = round(2000 / (1 + math.exp(planted[j] - planted[i])))
        wins += [(i, j)] * share + [(j, i)] * (2000 - share)
    mean = sum(planted) / len(planted)
    assert fit(len(planted), wins).strengths == pytest.approx([each - mean for each in planted], abs=0.01)


@given(WINS, st.permutations(range(NUMBER)), st.randoms())
def test_names_and_order_of_the_comparisons_do_not_matter(wins, names, random):
    found = fit(NUMBER, wins)
    renamed = [(names[winner], names[loser]) for winner, loser in wins]
    random.shuffle(renamed)
    other = fit(NUMBER, renamed)
    for ours, theirs in ((found.strengths, other.strengths), (found.low, other.low), (found.high, other.high)):
        assert ours == pytest.approx([theirs[names[i]] for i in range(NUMBER)], abs=1e-6)
    assert (found.leader is None) == (other.leader is None)


@given(WINS)
def test_turning_every_verdict_turns_the_strengths(wins):
    turned = fit(NUMBER, [(loser, winner) for winner, loser in wins])
    assert turned.strengths == pytest.approx([-each for each in fit(NUMBER, wins).strengths], abs=1e-6)


@given(WINS)
def test_the_fit_is_where_the_likelihood_stands_still(wins):
    """At the maximum each option has won as often as the strengths expect, virtual wins included."""
    strengths = fit(NUMBER, wins).strengths
    for i in range(NUMBER):
        won, expected = 0.0, 0.0
        for j in set(range(NUMBER)) - {i}:
            shown = sum(set(pair) == {i, j} for pair in wins) + 0.2
            won += wins.count((i, j)) + 0.1
            expected += shown / (1 + math.exp(strengths[j] - strengths[i]))
        assert won == pytest.approx(expected, abs=1e-4)


def test_a_leader_needs_more_than_one_verdict():
    assert fit(2, [(0, 1)]).leader is None
    assert fit(2, [(0, 1)] * 10 + [(1, 0)] * 9).leader is None
    assert fit(2, [(1, 0)] * 40 + [(0, 1)] * 5).leader == 1


def test_more_comparisons_narrow_the_interval():
    few, many = fit(2, [(0, 1)] * 6 + [(1, 0)] * 3), fit(2, [(0, 1)] * 60 + [(1, 0)] * 30)
    assert many.high[0] - many.low[0] < 0.5 * (few.high[0] - few.low[0])
