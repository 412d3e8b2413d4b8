"""A specialist: a LangChain agent with a few tools, a prompt and a playbook, that returns evidence and notes.

A tool that fails leaves a note, not a hole: the work goes on and the report says so. Only a full disk stops the run.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from nonet import configs, tools
from nonet.agents.extraction import extractor
from nonet.agents.models import Chosen, choose
from nonet.agents.playbook import Playbook, PlaybookModel, is_playbook, results
from nonet.errors import StorageError
from nonet.providers.spending import Spending
from nonet.state import Evidence
from nonet.tools.contract import ToolContext, ToolResult

MODEL_CALLS = 8
NAVIGATION = frozenset({"list_directory", "search_files"})


@dataclass(frozen=True)
class Task:
    """What a specialist is asked.

    Attributes:
        step: the graph's node that asks; it stands in every piece of evidence.
        goal: the request in the user's words.
        queries: what to find out, written by the workflow; their form is the specialist's own.
    """

    step: str
    goal: str
    queries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Findings:
    """What a specialist found; ``answer`` is its model's closing text (data, like everything a model says)."""

    evidence: list[Evidence] = field(default_factory=list[Evidence])
    notes: list[str] = field(default_factory=list[str])
    answer: str = ""


@dataclass(frozen=True)
class Specialist:
    """One specialist.

    Attributes:
        name: also the name of its prompt among the package data.
        tools: names of the tools it may call.
        playbook: makes the calls of a task when no language model does.
        lacking: says what a context lacks for the work to begin, "" when nothing.
    """

    name: str
    tools: tuple[str, ...]
    playbook: Callable[[Task], Playbook]
    lacking: Callable[[ToolContext], str] = field(default=lambda context: "")

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
        lack = self.lacking(context)
        if lack:
            return Findings(notes=[f"{self.name}: {lack}"])
        playbook = PlaybookModel(playbook=self.playbook(task))
        chosen = choose(context.settings, playbook, spending, f"{task.step}:{self.name}")
        context = replace(context, extract=context.extract or extractor(chosen))
        messages, notes = await self._converse(task, context, chosen)
        return Findings(
            evidence=evidence(task.step, results(messages)),
            notes=[f"{self.name}: {note}" for note in [*chosen.notes, *_notes(messages, chosen), *notes]],
            answer=next((message.text for message in reversed(messages) if isinstance(message, AIMessage)), ""),
        )

    def agent(self, context: ToolContext, chosen: Chosen) -> Any:
        """Build the LangChain agent.

        It keeps no checkpoints of its own: a step that was interrupted runs anew, and its evidence has the same ids.
        """
        from langchain.agents import create_agent  # pyright: ignore[reportUnknownVariableType]

        return create_agent(
            chosen.model,
            tools.toolset(context=context, only=self.tools),
            system_prompt=configs.text("prompts", f"{self.name}.md"),
            middleware=_middleware(chosen),
            checkpointer=False,
            name=self.name,
        )

    async def _converse(
        self, task: Task, context: ToolContext, chosen: Chosen
    ) -> tuple[Sequence[BaseMessage], Sequence[str]]:
        from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError

        messages: list[BaseMessage] = [HumanMessage(_question(task))]
        try:
            # Streamed by whole states: what was found before a limit or a failure is kept.
            # Durability is said because a graph around this one hands down its own, and "sync" waits for a checkpoint
            # that an agent without a checkpointer never writes. That it has no effect here is what is wanted.
            warnings.filterwarnings("ignore", message="`durability` has no effect")
            agent = self.agent(context, chosen)
            async for state in agent.astream({"messages": messages}, stream_mode="values", durability="async"):
                messages = state["messages"]
        except StorageError:
            raise
        except ModelCallLimitExceededError:
            return messages, [f"stopped after {MODEL_CALLS} calls of its model."]
        return messages, []


def evidence(step: str, found: Sequence[ToolResult]) -> list[Evidence]:
    """Turn results into evidence, each piece once; ids are the same whenever the same thing is found in a step.

    The names of files say where to look: they are no evidence.
    """
    made: dict[str, Evidence] = {}
    for result in found:
        if result.tool in NAVIGATION:
            continue
        for item in result.items:
            content = "\0".join((step, item.reference, item.excerpt))
            identity = hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
            made.setdefault(
                identity,
                Evidence(
                    id=f"{step}-{identity}",
                    step=step,
                    tool=result.tool,
                    backend=result.backend,
                    reference=item.reference,
                    title=item.title,
                    excerpt=item.excerpt,
                    facts=item.facts,
                ),
            )
    return list(made.values())


def _middleware(chosen: Chosen) -> list[Any]:
    from langchain.agents.middleware import (
        ModelCallLimitMiddleware,
        ModelFallbackMiddleware,
        ToolErrorMiddleware,
    )

    from nonet.tools.langchain import failure

    stack: list[Any] = [
        ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="error"),
        ToolErrorMiddleware(lambda error, request: failure(error)),
    ]
    if chosen.fallback is not None:
        stack.append(ModelFallbackMiddleware(chosen.fallback))
    return stack


def _question(task: Task) -> str:
    lines = [f"The request: {json.dumps(task.goal, ensure_ascii=False)}", "", "Find out:"]
    return "\n".join([*lines, *(f"- {query}" for query in task.queries)])


def _notes(messages: Sequence[BaseMessage], chosen: Chosen) -> list[str]:
    """Say what failed, what was left out and who answered."""
    arguments = {call["id"]: call["args"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls}
    notes: list[str] = []
    for message in messages:
        if isinstance(message, ToolMessage) and message.status == "error":
            asked = json.dumps(arguments.get(message.tool_call_id, {}), ensure_ascii=False, sort_keys=True)
            notes.append(f"{message.name} {asked} failed: {' '.join(message.text.split())[:300]}")
        elif isinstance(message, AIMessage) and message.invalid_tool_calls:
            notes.append("its model wrote a tool call that could not be read.")
    notes += [f"{result.tool}: {result.note}" for result in results(messages) if result.note]
    if chosen.fallback is not None and any(is_playbook(message) for message in messages):
        notes.append(f"the model {chosen.name} failed; the playbook went on.")
    return list(dict.fromkeys(notes))
