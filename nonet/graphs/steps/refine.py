"""Deciding second: fields that change none of the objective's numbers, given its winner.

They are left out of the race, which would only multiply it; the few designs that differ in them alone share everything
that is built, so comparing them costs their outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nonet.errors import Stopped, TrialError
from nonet.graphs.steps import bench
from nonet.graphs.steps.desk import Desk
from nonet.state import Json
from nonet.trials import ship, space
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Target, Unit
from nonet.trials.decision import Comparison, Decision
from nonet.trials.laboratory import Laboratory
from nonet.trials.measurements import Measurements

LEAST = 0.05
"""Share of a budget in time that must be left to measure one more refinement."""


def bars_of_the_first(desk: Desk, bars: Sequence[Target]) -> list[Target]:
    """Return the bars that the first decision can answer: those on what the second decides wait for it."""
    return [bar for bar in bars if bar not in bars_of_the_second(desk, bars)]


def bars_of_the_second(desk: Desk, bars: Sequence[Target]) -> list[Target]:
    """Return the bars on the second objective's metric or cost."""
    second = desk.blueprint.second
    names = (second.objective.metric, second.objective.cost) if second else ()
    return [bar for bar in bars if bar.metric in names]


def measure(
    desk: Desk, laboratory: Laboratory, winner: Candidate, units: Sequence[int], clock: Clock
) -> list[Candidate]:
    """Measure the winner's refinements on the selection units in their order, as far as time and signals allow."""
    second, evaluator = desk.blueprint.second, bench.evaluator(desk)
    if second is None:
        return []
    everything = [desk.units.units[i] for i in units]
    outputs = laboratory.outputs(winner.design, everything)
    if evaluator.value(second.objective.metric, outputs, units) is None:
        return []
    with laboratory.sharing():
        return list(_measured(desk, laboratory, winner, everything, clock))


def _measured(
    desk: Desk, laboratory: Laboratory, winner: Candidate, units: Sequence[Unit], clock: Clock
) -> Iterator[Candidate]:
    for design in desk.blueprint.refinements(winner.design, desk.inputs):
        canonical = space.canonical(desk.blueprint.Design, design)
        left = clock.left()
        short = left is not None and left < LEAST * (clock.budget.seconds or 0.0)
        if desk.stop.is_set() or short or space.key(canonical) == winner.key:
            continue
        candidate = Candidate(
            space.key(canonical), canonical, list(winner.seats), ["decided second"], refines=winner.key
        )
        try:
            laboratory.outputs(canonical, units)
            candidate.measured = len(units)
        except Stopped:
            return
        except TrialError as error:
            candidate.failed = error.message
        yield candidate


def decide(
    desk: Desk, raced: Mapping[str, Any], measurements: Measurements, first: Decision, bars: Sequence[Target]
) -> Decision | None:
    """Apply the ship rule by the second objective to the winner and its refinements; ``None`` where there are none."""
    second = desk.blueprint.second
    rows = [row for row in raced["candidates"] if row["refines"] == first.winner and row["measured"]]
    if second is None or not rows:
        return None
    designs: dict[str, Mapping[str, Json]] = {first.winner: first.design, **{row["key"]: row["design"] for row in rows}}
    evaluator = bench.evaluator(desk).by(second.objective)
    scores = {key: measurements.scores[key] for key in designs}
    wanted = bars_of_the_second(desk, bars)
    return ship.ship(Measurements(evaluator, scores, desk.brief.seed), designs, first.winner, wanted)


def joined(
    first: Decision, second: Decision | None, measurements: Measurements, bars: Sequence[Target], baseline: str
) -> Decision:
    """Return the first decision with the refined design in the winner's place; its targets are judged anew.

    A baseline that is refined stays beside what ships: it is what everything is compared with.
    """
    if second is None or second.winner == first.winner:
        return replace(first, targets=ship.judged(measurements, first.winner, bars))
    old, new = first.winner, second.winner

    def name(key: str) -> str:
        return new if key == old else key

    def renamed(comparison: Comparison) -> Comparison:
        return replace(comparison, candidate=name(comparison.candidate))

    unrefined = tuple(
        replace(comparison, why="ships in another form, decided second")
        for comparison in first.comparisons
        if comparison.candidate == old == baseline
    )
    return replace(
        first,
        winner=new,
        best=name(first.best),
        design=second.design,
        tie=tuple(name(key) for key in first.tie),
        comparisons=(*(renamed(comparison) for comparison in first.comparisons), *unrefined),
        pareto=tuple(name(key) for key in first.pareto),
        targets=ship.judged(measurements, new, bars),
        nearest_miss=first.nearest_miss and name(first.nearest_miss),
    )
