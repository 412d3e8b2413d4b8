"""Reviewing: every seat's nominations held against what was measured, and what is judged of answers by a model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from nonet.graphs.steps.consult import late, opinions
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.judging import judge
from nonet.state import State


async def review(desk: Desk, state: State) -> Update:
    """Say of each seat whether it nominated the winner, and if it dissented, what its best came to.

    Nobody is waited for any longer: a seat that still thinks is told to stop. Where metrics are a judge's, answers for
    winner and baseline are written and judged; the decision stands already.
    """
    silent = await late.end(desk.folder)
    judged = await judge(desk)
    return {"notes": [*await asyncio.to_thread(_review, desk, silent), *judged]}


def _review(desk: Desk, silent: Sequence[str]) -> list[str]:
    decided = desk.read("decision.json")
    metric, winner = desk.blueprint.objective.metric, decided["decision"]["winner"]
    shipped = decided["metrics"][metric]
    judged = [sentence for seat in decided["seats"] if (sentence := _judged(seat, winner, shipped, metric))]
    kept = [
        f"The seat {each.seat!r} answered after the deadline: its opinion is on record, and nothing more."
        for each in opinions.given(desk).values()
        if each.late
    ]
    return [*judged, *kept, *(f"The seat {seat!r} never answered." for seat in silent)]


def _judged(seat: Mapping[str, Any], winner: str, shipped: Mapping[str, Any] | None, metric: str) -> str:
    if seat["nominated_winner"]:
        return f"The seat {seat['seat']!r} nominated the winner {winner}."
    if seat["best"] is None or shipped is None:
        return f"The seat {seat['seat']!r} dissented; none of its {seat['nominated']} designs reached the comparison."
    value = seat["best"]["value"]
    return (
        f"The seat {seat['seat']!r} dissented: its best measured {metric} {value:.4g}, "
        f"the winner {shipped['value']:.4g} on the same units."
    )
