"""What a model makes of what its tools found: short statements, each with references that exist.

They are a model's opinion: shown in the report beside what they rest on, and deciding nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from nonet import configs
from nonet.agents.citations import Shown
from nonet.providers.provider import Provider
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.tools.clink.opinion import ask
from nonet.tools.clink.seat import Seat
from nonet.tools.contract import ToolResult
from nonet.tools.quoting import on_one_line, quoted_lines

MOST = 8
_LISTED = 60
_EXCERPT = 300
_ANSWER = 8_000
"""Results listed at most, characters of each, and characters of the closing text."""


class Finding(BaseModel):
    """One statement."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    statement: str = Field(min_length=1, max_length=600, description="One sentence that can be true or false.")
    references: list[str] = Field(
        max_length=20, description="References of the results it rests on, exactly as they are listed."
    )


class Findings(BaseModel):
    """What was found that bears on the request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    findings: list[Finding] = Field(max_length=MOST, description="The most important first.")


@dataclass(frozen=True)
class Concluded:
    """The findings that stand, and what did not.

    Attributes:
        model: who says so.
        findings: statements with at least one reference that exists; those that do not are gone.
        dropped_references: references that no tool of the conversation returned.
        dropped_findings: statements that were left without any.
        note: why there are none, "" where the model was heard.
    """

    model: str
    findings: tuple[Finding, ...] = ()
    dropped_references: int = 0
    dropped_findings: int = 0
    note: str = ""

    def notes(self) -> list[str]:
        """Say what was dropped, or why there are no findings."""
        said = [self.note] if self.note else []
        if self.dropped_references or self.dropped_findings:
            said.append(
                f"its model {self.model} cited {_counted(self.dropped_references, 'reference')} that no tool returned; "
                f"dropped, with {_counted(self.dropped_findings, 'finding')} left without any."
            )
        return said


async def conclude(
    who: tuple[str, Provider],
    task: tuple[str, str],
    conversation: tuple[str, Sequence[ToolResult]],
    settings: Settings,
    spending: Spending,
    seconds: float,
) -> Concluded:
    """Ask a model for its findings, in a schema, and drop what cites nothing that exists.

    The question is a new one: a conversation with calls of tools is refused by providers whose structured output takes
    the place of the tools.

    Args:
        who: the specialist's name and its model.
        task: the step that asks, and the request in the user's words.
        conversation: the model's closing text, and what the tools returned.
        settings: the configuration.
        spending: the run's journal and limits.
        seconds: time that is left.
    """
    (name, provider), (step, goal), (answer, found) = who, task, conversation
    system = configs.text("prompts", "findings.md").replace("{most}", str(MOST))
    try:
        async with asyncio.timeout(seconds):
            opinion = await ask(
                Seat(name, provider, system, ""), question(goal, answer, found), Findings, settings, spending, step=step
            )
    except TimeoutError:
        return Concluded(provider.name, note=f"its model {provider.name} had no time left to state findings.")
    if opinion.answer is None:
        return Concluded(provider.name, note=f"its model stated no findings ({opinion.fault}): {opinion.said}")
    return cited(provider.name, opinion.answer.findings, Shown(found))


def cited(model: str, findings: Sequence[Finding], shown: Shown) -> Concluded:
    """Drop references that do not exist, and statements that are left without one; count both."""
    dropped = 0
    standing: list[Finding] = []
    for finding in findings:
        stated = list(dict.fromkeys(reference.strip() for reference in finding.references))
        held = [reference for reference in stated if shown.holds(reference)]
        dropped += len(stated) - len(held)
        if held:
            statement = on_one_line(finding.statement)
            standing.append(Finding(statement=statement, references=held))
    return Concluded(model, tuple(standing), dropped, len(findings) - len(standing))


def question(goal: str, answer: str, found: Sequence[ToolResult]) -> str:
    """Write the question: the request, the closing text and the results, all of it quoted."""
    items = list({item.reference: item for result in found for item in result.items}.values())
    lines = [
        f"{item.reference} | {' '.join(item.title.split())} | {on_one_line(item.excerpt)[:_EXCERPT]}"
        for item in items[:_LISTED]
    ]
    return "\n\n".join(
        [
            f"The request: {json.dumps(goal, ensure_ascii=False)}",
            "What you answered:\n" + quoted_lines(answer[:_ANSWER] or "(nothing)"),
            "What the tools returned, as reference | title | beginning:\n" + quoted_lines("\n".join(lines)),
        ]
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
