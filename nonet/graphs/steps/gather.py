"""Gathering: one specialist at work; what it finds is evidence, what fails is a note.

What its model makes of the evidence is an opinion: kept for the report, read by no rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.graphs.steps.desk import Desk, says
from nonet.graphs.steps.flow import Step, Update
from nonet.graphs.steps.spending import spending
from nonet.providers.secrecy import hidden, struck
from nonet.state import State
from nonet.trials import budget

if TYPE_CHECKING:
    from nonet.agents.findings import Concluded
    from nonet.tools.contract import ToolContext

SHARE = 0.1
"""Part of a budget in time that the model of one specialist may take."""
Queries = Callable[[Desk], Sequence[str]]


def gather(name: str, specialist: str, queries: Queries) -> Step:
    """Make a step in which a specialist (a module of ``nonet.agents``) works on queries made from the brief."""

    async def step(desk: Desk, state: State) -> Update:
        from nonet.agents.specialist import Specialist, Task
        from nonet.agents.task import SECONDS

        agent: Specialist = getattr(import_module(f"nonet.agents.{specialist}"), specialist)
        task, reach = await asyncio.to_thread(
            lambda: (Task(name, desk.brief.goal, tuple(queries(desk)), _seconds(desk, SECONDS)), context(desk))
        )
        findings = await agent.run(task, reach, reach.spending)
        rows = [item.model_dump(mode="json") for item in findings.evidence]
        await asyncio.to_thread(desk.append, "evidence.jsonl", rows)
        if findings.concluded is not None:
            await asyncio.to_thread(_keep, desk, name, specialist, findings.concluded)
        # A person knows the step, by its name in the graph; who works in it is the step's affair.
        notes = [f"{name}: {note.removeprefix(f'{agent.name}: ')}" for note in findings.notes]
        return {"evidence_refs": [item.id for item in findings.evidence], "notes": notes}

    return step


def _seconds(desk: Desk, most: float) -> float:
    """Return the wall time that a specialist's model may take."""
    whole = budget.parse(desk.brief.budget).seconds if desk.brief.budget else None
    return most if whole is None else min(most, whole * SHARE)


def _keep(desk: Desk, step: str, specialist: str, concluded: Concluded) -> None:
    """Put the findings of a specialist's model on record, without secrets that it may have repeated."""
    row = {"step": step, "agent": specialist, **asdict(concluded)}
    row["findings"] = [finding.model_dump(mode="json") for finding in concluded.findings]
    desk.append("findings.jsonl", [struck(row, hidden(desk.settings))])  # pyright: ignore[reportArgumentType]


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
