"""The step: who is asked, with what, for how long, and what of the answers is nominated."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from nonet.graphs.steps import bench
from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.consult.answer import refusal
from nonet.graphs.steps.consult.merging import Ballot, Union, merge
from nonet.graphs.steps.consult.opinions import Said
from nonet.graphs.steps.consult.question import question
from nonet.graphs.steps.consult.record import weights
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import Json, State
from nonet.tools.clink.seat import Seat, seats
from nonet.trials import budget
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Nomination

QUESTION = "council_question.md"
MOST_OF_THE_TIME = 0.5
"""Share of what is left of a budget in time that the council is waited for at most."""


def askable(desk: Desk) -> list[Seat]:
    """Return the seats that can be asked; none where a person gave the designs."""
    return [] if desk.brief.designs else [seat for seat in seats(desk.settings) if not seat.lack]


async def consult(desk: Desk, state: State) -> Update:
    """Ask every seat once, and put what they nominate on record. Without a seat the step is passed."""
    configured = await asyncio.to_thread(seats, desk.settings)
    passed = await asyncio.to_thread(_passed, desk, configured)
    if passed:
        await asyncio.to_thread(desk.write, opinions.COUNCIL, {**_constitution(desk, configured), "passed": passed})
        return {"notes": [f"consult: {passed}"]}
    from nonet.graphs.steps.consult.council import Asking

    asked, known, seconds = await asyncio.to_thread(_prepared, desk)
    data = await asyncio.to_thread(lambda: desk.data["fingerprint"])
    blueprint, inputs = desk.blueprint, desk.inputs
    why = refusal(blueprint, known, desk.settings.offline, lambda design: blueprint.lacking(design, inputs, data))
    await Asking(desk, configured, asked, seconds, why).run()
    return {"notes": await asyncio.to_thread(_merged, desk, configured, seconds)}


def _passed(desk: Desk, configured: Sequence[Seat]) -> str:
    """Say why nobody is asked, "" when somebody is."""
    if not configured:
        return "no model has a seat; rules, memory and neighbours nominated alone."
    if desk.brief.designs:
        return "a person gave the designs; no seat was asked."
    if not askable(desk):
        lacking = "; ".join(f"{seat.name}: {seat.lack}" for seat in configured)
        return f"no seat can be asked ({lacking}); rules, memory and neighbours nominated alone."
    if desk.stop.is_set():
        return "the run was stopped first; no seat was asked."
    left = _left(desk)
    return "the budget in time ended first; no seat was asked." if left is not None and left <= 0 else ""


def _left(desk: Desk) -> float | None:
    return Clock(budget.parse(desk.brief.budget), bench.ledger(desk)).left()


def _prepared(desk: Desk) -> tuple[str, list[Mapping[str, Json]], float]:
    """Return the question, the designs on record before it, and how long the seats are waited for.

    The question is kept: a run that goes on asks the same one, whose answers it has.
    """
    if not desk.has(QUESTION):
        desk.write_text(QUESTION, question(desk))
    own = {seat.name for seat in seats(desk.settings)}
    known = [each.design for each in desk.nominations() if each.seat not in own]
    left, seconds = _left(desk), desk.settings.seat_seconds
    wait = seconds if left is None else min(seconds, left * MOST_OF_THE_TIME)
    return (desk.folder / QUESTION).read_text(encoding="utf-8"), known, round(wait, 3)


def _constitution(desk: Desk, configured: Sequence[Seat]) -> dict[str, Json]:
    able = [seat.name for seat in configured if not seat.lack]
    return {
        "mode": "no model" if not able else "one model" if len(able) == 1 else "council",
        "seats": [seat.name for seat in configured],
        "absent": {seat.name: seat.lack for seat in configured if seat.lack},
        "quorum": desk.settings.quorum,
    }


def _merged(desk: Desk, configured: Sequence[Seat], seconds: float) -> list[str]:
    """Nominate the union of what was answered in time, and write down what the council was."""
    given = opinions.given(desk)
    said = [given[seat.name] for seat in configured if seat.name in given]
    answered = [each for each in said if each.counts]
    weighed = weights(desk.settings, [seat.name for seat in configured])
    union = merge(desk.blueprint.Design, [Ballot(each.seat, each.designs) for each in answered], weighed)
    tried = _tried(desk)
    met = len(answered) >= desk.settings.quorum
    new = [each for each in union.merged if each.key not in tried]
    if met:
        reasons = {each.seat: _reason(each) for each in answered}
        desk.nominate(Nomination(each.design, seat, reasons[seat]) for each in new for seat in each.seats)
    record: dict[str, Json] = {
        **_constitution(desk, configured),
        "passed": "",
        "waited": seconds,
        "answered": [each.seat for each in answered],
        "met": met,
        "weights": dict(weighed),
        "nominated": [{"key": each.key, "seats": list(each.seats)} for each in new],
        "repeated": [{"key": each.key, "seats": list(each.seats)} for each in union.merged if each.key in tried],
    }
    desk.write(opinions.COUNCIL, record)
    return _notes(said, answered, union, met, desk.settings.quorum)


def _tried(desk: Desk) -> set[str]:
    """The designs that were measured before the council was asked: naming one again nominates nothing."""
    if not desk.has("measurements.json"):
        return set()
    rows: list[dict[str, Any]] = desk.read("measurements.json")["candidates"]
    return {row["key"] for row in rows if Candidate(**row).tried}


def _reason(said: Said) -> str:
    return " ".join(str((said.answer or {}).get("rationale") or "no reason given").split())[:400]


def _notes(said: Sequence[Said], answered: Sequence[Said], union: Union, met: bool, quorum: int) -> list[str]:
    notes = [f"The seat {each.seat!r} gave no opinion ({each.fault}): {each.said}" for each in said if each.fault]
    notes += [f"The seat {each.seat!r} nominated what is not built: {why}" for each in answered for why in each.refused]
    notes += [f"The seat {seat!r}: {why}" for seat, reasons in union.refused.items() for why in reasons]
    if not met:
        notes.append(f"consult: {len(answered)} of {quorum} seats answered; below the quorum nothing was nominated.")
    return notes
