"""Approval: where it was asked for, a person sees candidates and budget, and edits them before anything is built."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from nonet.errors import InputError
from nonet.graphs.steps.ask import ask
from nonet.graphs.steps.design import PERSON, candidates
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import Json, State
from nonet.trials import budget
from nonet.trials.candidates import gather
from nonet.trials.contract import Nomination

FORM: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "drop": {"type": "string", "description": "Keys of candidates not to build, separated by commas."},
        "add": {"type": "string", "description": "One more design, as JSON of the design space."},
        "budget": {"type": "string", "description": "Another budget: '10m' or '12 trials'."},
        "go": {"type": "string", "description": "'yes' to build and measure."},
    },
    "required": ["go"],
}


async def approve(desk: Desk, state: State) -> Update:
    """Ask a person; without ``--approve`` go straight on."""
    return await asyncio.to_thread(_approve, desk)


def _approve(desk: Desk) -> Update:
    if not desk.brief.approve:
        return {"approved": [each.key for each in candidates(desk)]}
    listed: list[Json] = [
        {
            "key": c.key,
            "design": desk.blueprint.describe(c.design),
            "seats": c.seats,
            "reasons": c.reasons,
            "baseline": c.baseline,
        }
        for c in candidates(desk)
    ]
    question = f"Build and measure {len(listed)} candidates within {desk.brief.budget}?"
    ask(question, FORM, partial(_apply, desk), candidates=listed, budget=desk.brief.budget)
    return {"approved": [each.key for each in candidates(desk)]}


def _apply(desk: Desk, given: Mapping[str, Any]) -> None:
    if str(given.get("go", "")).lower() not in ("yes", "true", "y", "1"):
        raise InputError("Nothing is built without --go yes.")
    known = {each.key: each for each in candidates(desk)}
    dropped = [key.strip() for key in str(given.get("drop") or "").split(",") if key.strip()]
    for key in dropped:
        if key not in known:
            raise InputError(f"There is no candidate {key!r}.", f"Candidates: {', '.join(known)}.")
        if known[key].baseline:
            raise InputError(f"{key} is the baseline, which every run measures.", "Drop another.")
    if given.get("budget"):
        budget.parse(str(given["budget"]))
    if given.get("add"):
        desk.nominate([_added(desk, given["add"])])
    if given.get("budget"):
        desk.write("brief.json", desk.brief.model_copy(update={"budget": str(given["budget"])}).model_dump())
    desk.write("approval.json", {"dropped": dropped, "added": given.get("add"), "budget": given.get("budget")})


def _added(desk: Desk, text: Any) -> Nomination:
    try:
        design = json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        raise InputError(
            f"The added design is not JSON: {error}.", 'For instance --add \'{"chunking": "page"}\'.'
        ) from error
    nomination = Nomination(design, PERSON, "added on approval")
    _, refused = gather(desk.blueprint.Design, [nomination])
    if refused:
        raise InputError(refused[0])
    return nomination
