"""Nominating: the rules read brief, evidence and data; memory adds what won before; the union goes on."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.within_reach import within_reach
from nonet.state import State
from nonet.trials.candidates import Candidate, gather
from nonet.trials.contract import Nomination

PERSON = "person"
"""The seat of whoever approves, or gives the designs."""


async def design(desk: Desk, state: State) -> Update:
    """Put every nomination on record, with what cannot be measured here and what the report must say.

    Designs that a person gave are measured instead of what the seats nominate.
    """
    return await asyncio.to_thread(_design, desk)


def _design(desk: Desk) -> Update:
    blueprint = desk.blueprint
    proposed = blueprint.propose(desk.brief, desk.inputs, desk.evidence(), desk.data["fingerprint"])
    proposal = within_reach(blueprint, proposed) if desk.settings.offline else proposed
    given = [Nomination(design, PERSON, "given to be measured") for design in desk.brief.designs]
    nominated = [proposal.baseline, *(given or proposal.nominations)]
    desk.nominate(nominated)
    found, refused = gather(blueprint.Design, nominated)
    desk.write(
        "proposal.json",
        {
            "baseline": found[0].key,
            "exclusions": [asdict(each) for each in proposal.exclusions],
            "findings": [asdict(each) for each in proposal.findings],
        },
    )
    return {"nominations": [each.key for each in found], "notes": refused}


def candidates(desk: Desk) -> list[Candidate]:
    """The candidates on record: the baseline, what a person added, the others; those a person dropped left out."""
    found, _ = gather(desk.blueprint.Design, desk.nominations())
    baseline = desk.read("proposal.json")["baseline"]
    dropped = set(desk.read("approval.json")["dropped"]) if desk.has("approval.json") else set[str]()
    for each in found:
        each.baseline = each.key == baseline
    kept = [each for each in found if each.baseline or each.key not in dropped]
    return sorted(kept, key=lambda each: (not each.baseline, PERSON not in each.seats))
