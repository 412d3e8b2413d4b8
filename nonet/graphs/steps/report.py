"""Reporting: what the run decided, why, and everything a reader needs to doubt it."""

from __future__ import annotations

import asyncio

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import State


async def report(desk: Desk, state: State) -> Update:
    """Write the notes of all steps, then the report in Markdown and as one page."""
    from nonet.graphs.steps.reporting import write

    notes = list(state.get("notes", []))
    await asyncio.to_thread(desk.write, "notes.json", notes)
    await asyncio.to_thread(write, desk, notes)
    return {}
