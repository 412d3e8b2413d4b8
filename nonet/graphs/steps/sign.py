"""Signing: before the holdout is opened a person answers for one point of the Pareto set.

Asked for only where a person is there (``--approve``); otherwise the rule's choice ships and is marked as unsigned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from nonet.errors import InputError
from nonet.graphs.steps import bench, decide
from nonet.graphs.steps.ask import ask
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.signature import SIGNATURE, UNSIGNED
from nonet.state import Json, State

FORM: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "point": {"type": "string", "description": "Key of the point to ship, from the Pareto set shown."},
        "name": {"type": "string", "description": "Who answers for it."},
        "reason": {"type": "string", "description": "Why this point."},
    },
    "required": ["point", "name"],
}


async def sign(desk: Desk, state: State) -> Update:
    """Ask who signs which point; without ``--approve`` record that nobody did."""
    return await asyncio.to_thread(_sign, desk)


def _sign(desk: Desk) -> Update:
    if not desk.brief.approve:
        desk.write(SIGNATURE, {"point": None, "name": None, "reason": UNSIGNED, "at": None})
        return {"notes": [f"The point that ships is {UNSIGNED}."]}
    decided = desk.read("decision.json")
    points = {row["key"]: row for row in decided["candidates"] if row["key"] in decided["decision"]["pareto"]}
    points |= {row["key"]: row for row in decided["candidates"] if row["key"] == decided["decision"]["winner"]}
    shown: list[Json] = [
        {"key": key, "design": row["description"], "metrics": row["metrics"]} for key, row in points.items()
    ]
    named = "; ".join(f"{key} ({row['description']})" for key, row in points.items())
    question = (
        f"Which point ships? The rule chose {decided['decision']['winner']}. The holdout is opened for it alone. "
        f"Points: {named}."
    )
    row = ask(question, FORM, partial(_signed, points), points=shown, targets=decided["targets"])
    desk.write(SIGNATURE, row)
    laboratory = bench.laboratory(desk)
    again = decide.decision_of(desk, laboratory)
    desk.write("decision.json", decide.record(desk, laboratory, again))
    return {"decision": {"winner": again.decision.winner, "reason": again.decision.reason}}


def _signed(points: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Json]:
    point, name = str(given.get("point") or "").strip(), str(given.get("name") or "").strip()
    if point not in points:
        raise InputError(f"{point!r} is no point of the Pareto set.", f"Points: {', '.join(points)}.")
    if not name:
        raise InputError("Nobody signs without --name.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"point": point, "name": name[:200], "reason": str(given.get("reason") or "")[:2000], "at": at}
