"""Gathering: one specialist at work; what it finds is evidence, what fails is a note."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.graphs.steps.desk import Desk, says
from nonet.graphs.steps.flow import Step, Update
from nonet.graphs.steps.spending import spending
from nonet.state import State

if TYPE_CHECKING:
    from nonet.tools.contract import ToolContext

Queries = Callable[[Desk], Sequence[str]]


def gather(name: str, specialist: str, queries: Queries) -> Step:
    """Make a step in which a specialist (a module of ``nonet.agents``) works on queries made from the brief."""

    async def step(desk: Desk, state: State) -> Update:
        from nonet.agents.specialist import Specialist, Task

        agent: Specialist = getattr(import_module(f"nonet.agents.{specialist}"), specialist)
        task, reach, spent = await asyncio.to_thread(
            lambda: (Task(name, desk.brief.goal, tuple(queries(desk))), context(desk), spending(desk))
        )
        findings = await agent.run(task, reach, spent)
        rows = [item.model_dump(mode="json") for item in findings.evidence]
        await asyncio.to_thread(desk.append, "evidence.jsonl", rows)
        return {"evidence_refs": [item.id for item in findings.evidence], "notes": findings.notes}

    return step


def context(desk: Desk) -> ToolContext:
    """What the tools of a run may read: the folders its inputs name, never its labels, its runs or its memory."""
    from nonet.tools.contract import ToolContext

    given = paths(desk)
    labels = [path for name, path in given.items() if says(desk.blueprint.Inputs, name, "labels")]
    models = [path for name, path in given.items() if says(desk.blueprint.Inputs, name, "model")]
    return ToolContext(
        settings=desk.settings,
        roots=tuple(path for path in given.values() if path not in (*labels, *models)),
        excluded=(*labels, desk.folder, desk.settings.home_path, Path(desk.settings.runs).absolute()),
        repository=next(
            (path for name, path in given.items() if says(desk.blueprint.Inputs, name, "repository")), None
        ),
        environment=Path(desk.settings.python) if desk.settings.python else desk.environment,
        workflow=desk.blueprint.name,
        fingerprint=desk.data["fingerprint"],
        record=lambda call: desk.append("calls.jsonl", [call.row()]),
        spending=spending(desk),
    )


def paths(desk: Desk) -> dict[str, Path]:
    """The files and folders that the inputs name."""
    return {
        name: Path(str(value)).expanduser().absolute()
        for name in desk.blueprint.Inputs.model_fields
        if says(desk.blueprint.Inputs, name, "path") and (value := getattr(desk.inputs, name, None))
    }
