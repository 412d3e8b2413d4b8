"""Nominating: the rules read brief, evidence and data; memory adds what won before; the union goes on."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import State
from nonet.trials.candidates import Candidate, gather

PERSON = "person"
"""The seat of whoever approves."""


async def design(desk: Desk, state: State) -> Update:
    """Put every nomination on record, with what cannot be measured here and what the report must say."""
    return await asyncio.to_thread(_design, desk)


def _design(desk: Desk) -> Update:
    blueprint = desk.blueprint
    proposal = blueprint.propose(desk.brief, desk.inputs, desk.evidence(), desk.data["fingerprint"])
    desk.nominate([proposal.baseline, *proposal.nominations])
    found, refused = gather(blueprint.Design, [proposal.baseline, *proposal.nominations])
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
