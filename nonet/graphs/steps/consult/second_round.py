"""The second round of trials: what the council nominates after building races against what leads and the baseline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nonet.graphs.steps import bench, control
from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.implement import entered, finished
from nonet.state import State
from nonet.trials import budget
from nonet.trials.candidates import Candidate, gather
from nonet.trials.clock import Clock


async def second_round(desk: Desk, state: State) -> Update:
    """Race what the seats nominated on what was kept of the budget, then time the finalists of both rounds together."""
    return await asyncio.to_thread(_second_round, desk)


def _second_round(desk: Desk) -> Update:
    raced: dict[str, Any] = desk.read("measurements.json")
    if not raced.get("open"):
        return {}
    with control.measuring(desk.settings.runs_at_once):
        laboratory = bench.laboratory(desk)
        clock = Clock(budget.parse(desk.brief.budget), bench.ledger(desk))
        known = [Candidate(**row) for row in raced["candidates"]]
        race = entered(desk, laboratory, clock, tuple(raced["order"]))
        outcome = race.more(known, raced["compared"], newcomers(desk, known))
        record = {**raced, "open": False, "bound": outcome.bound}
        record["candidates"] = [asdict(each) for each in outcome.candidates]
        record["resources"] = {each.key: laboratory.resources(each.design) for each in outcome.finalists()}
        notes = finished(desk, laboratory, outcome, record, clock)
    return {"trial_keys": [each.key for each in outcome.candidates if each.tried], "notes": notes}


def newcomers(desk: Desk, known: list[Candidate]) -> list[Candidate]:
    """Return what the council nominated, in its order, then what the first round's share of the budget left out."""
    there = {each.key: each for each in known}
    found, _ = gather(desk.blueprint.Design, desk.nominations())
    named = {each.key: each for each in found}
    queue: list[Candidate] = []
    nominated: list[Mapping[str, Any]] = opinions.council(desk).get("nominated") or []
    for row in nominated if opinions.council(desk).get("met") else ():
        candidate = named[row["key"]]
        if row["key"] in there:
            old = there[row["key"]]
            old.seats, old.reasons = candidate.seats, candidate.reasons
            candidate = old
        queue.append(candidate)
    return [*queue, *(each for each in known if not each.tried and each not in queue)]
