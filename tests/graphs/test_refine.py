"""What is decided second takes the winner's place, and nothing of the first decision is lost."""

from __future__ import annotations

import pytest
from sample_scorer import designs, measured

from nonet.graphs.steps.refine import joined
from nonet.trials.contract import Objective, Target
from nonet.trials.ship import ship

QUALITIES = {"base": [0.5] * 30, "best": [0.9] * 30}
COSTS = {"base": 1.0, "best": 9.0, "packed": 2.0}


def decided(winner: str, refined: str):
    """Decide by quality, then between the winner and its refinement by cost alone."""
    names = {**QUALITIES, refined: QUALITIES[winner]}
    everything = measured(names, COSTS)
    among = {key: QUALITIES[key] for key in ("base", winner)}
    first = ship(measured(among, COSTS), designs(*among), "base")
    pair = measured({winner: QUALITIES[winner], refined: QUALITIES[winner]}, COSTS, Objective("quality", "operations"))
    return first, ship(pair, designs(winner, refined), winner), everything


def test_what_ships_stands_in_the_winners_place_everywhere():
    first, second, everything = decided("best", "packed")
    bar = Target("operations", "<=", 3)
    final = joined(first, second, everything, [bar], "base")
    assert (final.winner, final.best, final.design) == ("packed", "packed", {"name": "packed"})
    assert final.tie == ("packed",)
    assert final.pareto == ("base", "packed")
    assert {each.candidate for each in final.comparisons} == {"base", "packed"}
    assert [result.met for result in final.targets] == [True], "judged on what ships"
    assert final.reason == first.reason


def test_a_refined_baseline_stays_beside_what_ships():
    first = ship(measured({"base": QUALITIES["base"]}, COSTS), designs("base"), "base")
    _, second, everything = decided("base", "packed")
    second = ship(
        measured({"base": QUALITIES["base"], "packed": QUALITIES["base"]}, {"base": 3.0, "packed": 2.0}),
        designs("base", "packed"),
        "base",
    )
    final = joined(first, second, everything, [], "base")
    assert final.winner == "packed"
    assert {each.candidate: each.why for each in final.comparisons} == {
        "packed": "ships",
        "base": "ships in another form, decided second",
    }


@pytest.mark.parametrize("kept", [True, False])
def test_where_the_winner_stays_as_it_is_nothing_changes(kept: bool):
    first, second, everything = decided("best", "packed")
    if kept:
        pair = measured({"best": QUALITIES["best"], "packed": [0.1] * 30}, COSTS)
        second = ship(pair, designs("best", "packed"), "best")
        assert second.winner == "best"
    final = joined(first, second if kept else None, everything, [], "base")
    assert final == first
