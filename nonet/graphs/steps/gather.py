"""Gathering: one specialist at work; what it finds is evidence, what fails is a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Step, Update
from nonet.state import State

Queries = Callable[[Desk], Sequence[str]]


def gather(name: str, specialist: str, queries: Queries) -> Step:
    """Make a step in which a specialist (a module of ``nonet.agents``) works on queries made from the brief."""

    async def step(desk: Desk, state: State) -> Update:
        from nonet.agents import run

        findings = await run(specialist, name, queries(desk), desk.settings, roots(desk), desk.evidence())
        desk.append("evidence.jsonl", (item.model_dump(mode="json") for item in findings.evidence))
        return {
            "evidence_refs": [item.id for item in findings.evidence],
            "notes": [f"{name}: {note}" for note in findings.notes],
        }

    return step


def roots(desk: Desk) -> tuple[Path, ...]:
    """The folders a run's tools may read: those its inputs name."""
    found: list[Path] = []
    for name, field in desk.blueprint.Inputs.model_fields.items():
        extra = field.json_schema_extra
        value = getattr(desk.inputs, name, None)
        if isinstance(extra, dict) and extra.get("path") and value:
            found.append(Path(str(value)).expanduser().absolute())
    return tuple(found)
