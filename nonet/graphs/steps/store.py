"""Memory at both ends of a run: recalling what won on like data, and storing what won now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from nonet import __version__
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.gather import context, gather
from nonet.state import State


def _queries(desk: Desk) -> Sequence[str]:
    return [desk.brief.goal or desk.blueprint.name]


recall = gather("recall", "archivist", _queries)
"""Ask the archivist for patterns of like data: they are nominated, never believed."""


async def store(desk: Desk, state: State) -> Update:
    """Store the decision as patterns: selection results rank them, the holdout's are provenance."""
    notes = await asyncio.to_thread(_store, desk)
    await asyncio.to_thread(_keep_outcomes, desk)
    return {"notes": notes}


def _keep_outcomes(desk: Desk) -> None:
    """Hold every seat against what was measured, and keep that for the seats' record."""
    from nonet.graphs.steps.consult.outcomes import consultation
    from nonet.graphs.steps.consult.record import keep

    keep(desk.settings, consultation(desk))


def _store(desk: Desk) -> list[str]:
    from nonet.tools.qdrant import Measured, Pattern, Provenance, keep_decision

    decided, delivered = desk.read("decision.json"), desk.read("delivery.json")
    integrity = desk.read("integrity.json")
    objective = desk.blueprint.objective
    if decided["metrics"][objective.metric] is None:
        return ["Nothing was stored in memory: the objective has no value."]
    winner = next(row for row in decided["candidates"] if row["key"] == decided["decision"]["winner"])
    # What a model made of answers is no measurement: it ranks nothing.
    judged = {metric.name for metric in desk.blueprint.metrics if metric.source == "judge"}
    measured = {name: value for name, value in decided["metrics"].items() if name not in judged}
    pattern = Pattern(
        workflow=desk.blueprint.name,
        design=decided["decision"]["design"],
        metric=objective.metric,
        direction=desk.blueprint_metric(objective.metric).direction,
        metrics={name: Measured(**value) for name, value in measured.items() if value is not None},
        labels=[row["kind"] for row in decided["labels"]],
        fingerprint=desk.data["fingerprint"],  # pyright: ignore[reportArgumentType]
        environment={**integrity["packages"], **integrity["machine"]},
        embedder=str(decided["decision"]["design"].get("embedding", "")),
        provenance=Provenance(
            run_id=desk.run_id,
            nonet=__version__,
            seat=", ".join(winner["seats"]),
            reason=decided["decision"]["reason"],
            holdout=_claim(delivered["holdout"]),
        ),
    )
    kept = keep_decision(
        desk.settings, pattern, desk.brief.goal, context(desk).roots, private=_holds_text(desk, pattern.design)
    )
    desk.write("pattern.json", {**pattern.model_dump(mode="json"), "id": kept.key, "tier": kept.tier})
    return kept.notes


def _holds_text(desk: Desk, design: Mapping[str, Any]) -> bool:
    """Whether a design holds text of the user's: a field that is free text, such as a model's place, is filled in."""
    fields = desk.blueprint.Design.model_fields
    return any(field.annotation is str and design.get(name) != field.default for name, field in fields.items())


def _claim(holdout: Mapping[str, Any]) -> dict[str, Any]:
    return {name: holdout[name] for name in ("claim", "difference", "times_opened")}
