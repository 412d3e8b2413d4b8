"""Deciding: the ship rule over what was measured, and everything a reader needs to check it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonet.graphs.steps import bench, control, refine, signature
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.judging.numbers import merged
from nonet.graphs.steps.measured import by_kind, described, measure
from nonet.state import Json, State
from nonet.trials import ship, targets
from nonet.trials.candidates import Candidate
from nonet.trials.contract import Target
from nonet.trials.decision import Decision
from nonet.trials.laboratory import Laboratory
from nonet.trials.measurements import Measurements

WORST = 20


async def decide(desk: Desk, state: State) -> Update:
    """Choose what ships from the measurements on record."""
    decided = await asyncio.to_thread(_decide, desk)
    return {"decision": {"winner": decided.winner, "reason": decided.reason}}


def _decide(desk: Desk) -> Decision:
    control.drain(desk.folder).trials_over()
    laboratory = bench.laboratory(desk)
    decided = decision_of(desk, laboratory)
    desk.write("decision.json", record(desk, laboratory, decided))
    return decided.decision


@dataclass(frozen=True)
class Decided:
    """What was decided, and on which measurements.

    Attributes:
        decision: of the objective, with what ships in the winner's place.
        measurements: of the finalists and of the refinements of their winner.
        second: what was decided second, if anything was.
    """

    decision: Decision
    measurements: Measurements
    second: Decision | None


def finalists(raced: Mapping[str, Any]) -> dict[str, Mapping[str, Json]]:
    """Return key → design of the candidates that a race's record compares."""
    found = [Candidate(**row) for row in raced["candidates"]]
    return {each.key: each.design for each in found if each.compared_on(raced["compared"])}


def decision_of(desk: Desk, laboratory: Laboratory) -> Decided:
    """Apply the ship rule to the finalists on record, then to the refinements of their winner."""
    raced = desk.read("measurements.json")
    everything = measured_of(desk, laboratory, raced)
    first = first_of(desk, raced, everything)
    second = refine.decide(desk, raced, everything, first, bars(desk))
    final = refine.joined(first, second, everything, bars(desk), baseline_of(raced)["key"])
    return Decided(signature.applied(desk, final, everything, bars(desk), known_designs(raced)), everything, second)


def known_designs(raced: Mapping[str, Any]) -> dict[str, Mapping[str, Json]]:
    """Return key → design of every candidate on a race's record."""
    return {row["key"]: row["design"] for row in raced["candidates"]}


def baseline_of(raced: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row of the baseline in a race's record."""
    return next(row for row in raced["candidates"] if row["baseline"])


def measured_of(desk: Desk, laboratory: Laboratory, raced: Mapping[str, Any]) -> Measurements:
    """Read back what the finalists and the refinements of their winner scored, on the compared units."""
    designs = finalists(raced)
    refined = {row["key"]: row["design"] for row in raced["candidates"] if row["refines"] and row["measured"]}
    indexes = raced["order"][: raced["compared"]]
    known = {**designs, **refined}
    return measure(
        desk,
        laboratory,
        bench.evaluator(desk),
        list(known.values()),
        indexes,
        raced["timed"],
        raced["resources"],
        [list(designs.values()), *([[known[key] for key in raced["retimed"]]] if raced["retimed"] else [])],
        baseline_of(raced)["key"],
    )


def first_of(desk: Desk, raced: Mapping[str, Any], measurements: Measurements) -> Decision:
    """Apply the ship rule to the finalists, by the objective."""
    designs = finalists(raced)
    compared = Measurements(measurements.evaluator, {key: measurements.scores[key] for key in designs}, desk.brief.seed)
    wanted = refine.bars_of_the_first(desk, bars(desk))
    return ship.ship(compared, designs, baseline_of(raced)["key"], wanted, desk.brief.tolerance)


def bars(desk: Desk) -> list[Target]:
    """The user's targets, typed."""
    return [targets.parse(text, desk.blueprint.metrics) for text in desk.brief.targets]


def record(desk: Desk, laboratory: Laboratory, decided: Decided) -> dict[str, Any]:
    """Everything ``decision.json`` says, recomputable from the run folder."""
    decision, measurements = decided.decision, decided.measurements
    raced, metrics, describe = desk.read("measurements.json"), desk.blueprint.metrics, desk.blueprint.describe
    base = baseline_of(raced)
    found: dict[str, Any] = {
        "decision": {**decision.json(), "description": describe(decision.design)},
        "baseline": {
            "candidate": base["key"],
            "design": base["design"],
            "description": describe(base["design"]),
            "metrics": described(measurements, base["key"], metrics),
        },
        "metrics": described(measurements, decision.winner, metrics),
        "second": decided.second and decided.second.json(),
        "pool": raced["pool"],
        "candidates": [
            {
                **row,
                "description": describe(row["design"]),
                "metrics": described(measurements, row["key"], metrics) if row["key"] in measurements.scores else {},
            }
            for row in raced["candidates"]
        ],
        "targets": [result.json() for result in decision.targets],
        "standing_targets": standing(desk, measurements, decision.winner),
        "labels": _labels(desk),
        "by_kind": by_kind(desk, measurements, list(dict.fromkeys([decision.winner, base["key"]]))),
        "seats": _seats(raced["candidates"], decision, measurements, desk.blueprint.objective.metric),
        "budget": _budget(desk, raced),
        "isolation": laboratory.isolation,
        "errors": _errors(desk, decision, measurements, base["key"]),
        "agents": {"model": desk.settings.model},
    }
    return merged(desk, found)


def standing(desk: Desk, measurements: Measurements, winner: str) -> list[dict[str, Json]]:
    """The mission's own bars for this workflow, judged like the user's; they decide nothing."""
    rows: list[dict[str, Json]] = []
    for each in desk.blueprint.standing_targets:
        if each.needs:
            blank: dict[str, Json] = dict.fromkeys(("measured", "low", "high", "met", "holdout"))
            rows.append({"name": str(each.target), "wanted": each.target.value, **blank, "needs": each.needs})
        else:
            rows.append({**ship.judged(measurements, winner, [each.target])[0].json(), "needs": ""})
    return rows


def _labels(desk: Desk) -> list[dict[str, Json]]:
    units, split = desk.units.units, desk.split
    parts = {"selection": split.selection, "holdout": split.holdout}
    counts = {part: Counter(units[i].kind for i in indexes) for part, indexes in parts.items()}
    kinds = sorted(set(counts["selection"]) | set(counts["holdout"]))
    return [
        {"kind": kind, "selection": counts["selection"][kind], "holdout": counts["holdout"][kind]} for kind in kinds
    ]


def _seats(
    rows: Sequence[Mapping[str, Any]], decision: Decision, measurements: Measurements, metric: str
) -> list[dict[str, Json]]:
    """Each voice against what was measured: was the winner among its nominations, and what was its best."""
    from nonet.trials.measurements import gain

    better = gain(measurements.metric(metric))
    found: list[dict[str, Json]] = []
    for seat in dict.fromkeys(seat for row in rows for seat in row["seats"]):
        own = [row for row in rows if seat in row["seats"]]
        raced = [row for row in own if not row["refines"]]
        values = {
            row["key"]: value
            for row in own
            if row["key"] in measurements.scores and (value := measurements.value(row["key"], metric)) is not None
        }
        best = max(values, key=lambda key: better * values[key], default=None)
        found.append(
            {
                "seat": seat,
                "nominated": len(raced),
                "measured": sum(bool(row["measured"] or row["screened"]) for row in raced),
                "nominated_winner": any(row["key"] == decision.winner for row in own),
                "best": None if best is None else {"candidate": best, "value": values[best]},
            }
        )
    return found


def _budget(desk: Desk, raced: Mapping[str, Any]) -> dict[str, Json]:
    counted = sum(Candidate(**row).tried for row in raced["candidates"] if not row["refines"])
    spent: dict[str, Json] = {"seconds": round(bench.ledger(desk).spent_seconds(), 1), "candidates": counted}
    return {"asked": desk.brief.budget, "spent": spent, "bound": raced["bound"]}


def _errors(desk: Desk, decision: Decision, measurements: Measurements, baseline: str) -> list[dict[str, Json]]:
    """The selection units on which the winner does worst, worst first, with the baseline's value beside it."""
    from nonet.trials.measurements import gain

    metric = desk.blueprint.objective.metric
    values = measurements.per_unit(decision.winner, metric)
    if values is None:
        return []
    base, better = measurements.per_unit(baseline, metric), gain(measurements.metric(metric))
    indexes = measurements.scores[decision.winner].units
    worst = sorted(range(len(indexes)), key=lambda place: (better * values[place], indexes[place]))[:WORST]
    return [
        {
            "unit": desk.units.units[indexes[place]].key,
            "kind": desk.units.units[indexes[place]].kind,
            "features": desk.units.units[indexes[place]].features,
            "value": float(values[place]),
            "baseline_value": None if base is None else float(base[place]),
        }
        for place in worst
    ]
