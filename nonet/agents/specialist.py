"""A specialist: a LangChain agent with a few tools, a prompt and a playbook, that returns evidence and notes.

A tool that fails leaves a note, not a hole: the work goes on and the report says so. Only a full disk stops the run.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from nonet import configs, tools
from nonet.agents.extraction import extractor
from nonet.agents.findings import Concluded, conclude
from nonet.agents.models import Chosen, choose
from nonet.agents.playbook import Playbook, PlaybookModel, results
from nonet.agents.task import MODEL_CALLS, TOOL_CALLS, Task
from nonet.agents.transcript import evidence, notes
from nonet.providers.secrecy import hidden, struck
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.state import Evidence
from nonet.tools.contract import ToolContext

if TYPE_CHECKING:
    from nonet.agents.limits import Limits

__all__ = ["MODEL_CALLS", "Findings", "Specialist", "Task", "evidence"]


@dataclass(frozen=True)
class Findings:
    """What a specialist found.

    Attributes:
        evidence: what its tools returned.
        notes: what failed, was left out or was dropped.
        answer: its model's closing text (data, like everything a model says).
        concluded: what its model makes of the evidence; ``None`` where a playbook worked, whose findings are the
            evidence.
    """

    evidence: list[Evidence] = field(default_factory=list[Evidence])
    notes: list[str] = field(default_factory=list[str])
    answer: str = ""
    concluded: Concluded | None = None


@dataclass(frozen=True)
class Specialist:
    """One specialist.

    Attributes:
        name: also the name of its prompt among the package data.
        tools: names of the tools it may call.
        playbook: makes the calls of a task when no language model does.
        lacking: says what a context lacks for the work to begin, "" when nothing.
        idle: names those of its tools that a task has no use for in a context: they are not offered, and not called.
    """

    name: str
    tools: tuple[str, ...]
    playbook: Callable[[Task], Playbook]
    lacking: Callable[[ToolContext], str] = field(default=lambda context: "")
    idle: Callable[[Task, ToolContext], Collection[str]] = field(default=lambda task, context: ())

    async def run(self, task: Task, context: ToolContext, spending: Spending | None = None) -> Findings:
        """Do a task: call the tools, return what they found and a note for each that failed.

        Args:
            task: what is asked.
            context: what the tools may read.
            spending: the run's journal of its models and their limits.

        Raises:
            MissingExtraError: the configured model's package is not installed.
            StorageError: the disk is full.
        """
        from nonet.agents.limits import Limits

        lack = self.lacking(context)
        if lack:
            return Findings(notes=[f"{self.name}: {lack}"])
        spent = spending or Spending()
        playbook = PlaybookModel(playbook=self.playbook(task))
        chosen = choose(context.settings, playbook, spent, f"{task.step}:{self.name}")
        context = replace(context, extract=context.extract or extractor(chosen))
        limits = Limits(chosen, task.seconds)
        messages, stopped = await self._converse(task, context, chosen, limits)
        answer = next((message.text for message in reversed(messages) if isinstance(message, AIMessage)), "")
        concluded = await self._conclude(task, chosen, limits, (messages, answer), context.settings, spent)
        said = [*chosen.notes, *notes(messages, limits.refused), *limits.notes(), *stopped]
        said += concluded.notes() if concluded else []
        return Findings(
            evidence=evidence(task.step, results(messages)),
            notes=[f"{self.name}: {note}" for note in _plain(said, context.settings)],
            answer=answer,
            concluded=concluded,
        )

    def agent(self, task: Task, context: ToolContext, chosen: Chosen, limits: Limits) -> Any:
        """Build the LangChain agent.

        It keeps no checkpoints of its own: a step that was interrupted runs anew, and its evidence has the same ids.
        """
        from langchain.agents import create_agent  # pyright: ignore[reportUnknownVariableType]
        from langchain.agents.middleware import ToolErrorMiddleware

        from nonet.tools.langchain import failure

        idle = self.idle(task, context)
        return create_agent(
            chosen.model,
            tools.toolset(context=context, only=[name for name in self.tools if name not in idle]),
            system_prompt=configs.text("prompts", f"{self.name}.md"),
            middleware=[limits, ToolErrorMiddleware(lambda error, request: failure(error))],
            checkpointer=False,
            name=self.name,
        )

    async def _converse(
        self, task: Task, context: ToolContext, chosen: Chosen, limits: Limits
    ) -> tuple[Sequence[BaseMessage], Sequence[str]]:
        from nonet.agents.limits import CallsSpent

        messages: list[BaseMessage] = [HumanMessage(_question(task))]
        try:
            # Streamed by whole states: what was found before a limit or a failure is kept.
            # Durability is said because a graph around this one hands down its own, and "sync" waits for a checkpoint
            # that an agent without a checkpointer never writes. That it has no effect here is what is wanted.
            warnings.filterwarnings("ignore", message="`durability` has no effect")
            agent = self.agent(task, context, chosen, limits)
            async for state in agent.astream({"messages": messages}, stream_mode="values", durability="async"):
                messages = state["messages"]
        except CallsSpent:
            return messages, [f"stopped after {MODEL_CALLS} calls of its model."]
        return messages, []

    async def _conclude(
        self,
        task: Task,
        chosen: Chosen,
        limits: Limits,
        conversation: tuple[Sequence[BaseMessage], str],
        settings: Settings,
        spending: Spending,
    ) -> Concluded | None:
        """Have the model state its findings, if it is there still and its tools found anything to cite."""
        messages, answer = conversation
        found = results(messages)
        if chosen.provider is None or limits.failed or not any(result.items for result in found):
            return None
        who, asked = (self.name, chosen.provider), (task.step, task.goal)
        return await conclude(who, asked, (answer, found), settings, spending, limits.left())


def _question(task: Task) -> str:
    lines = [f"The request: {json.dumps(task.goal, ensure_ascii=False)}", "", "Find out:"]
    lines += [f"- {query}" for query in task.queries or ("(nothing in particular)",)]
    turns = f"You have {MODEL_CALLS} turns, the last of them for your answer, and {TOOL_CALLS} calls of tools in all."
    return "\n".join([*lines, "", turns])


def _plain(said: Sequence[str], settings: Settings) -> list[str]:
    """Return notes, each once, without the secrets that what failed may have repeated."""
    secret = hidden(settings)
    return list(dict.fromkeys(str(struck(note, secret)) for note in said))
