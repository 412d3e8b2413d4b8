"""Reviewing: every seat's nominations held against what was measured."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import State


async def review(desk: Desk, state: State) -> Update:
    """Say of each seat whether it nominated the winner, and if it dissented, what its best came to."""
    return {"notes": await asyncio.to_thread(_review, desk)}


def _review(desk: Desk) -> list[str]:
    decided = desk.read("decision.json")
    metric, winner = desk.blueprint.objective.metric, decided["decision"]["winner"]
    shipped = decided["metrics"][metric]
    return [sentence for seat in decided["seats"] if (sentence := _judged(seat, winner, shipped, metric))]


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
