"""The model that needs no key: it makes the tool calls that a playbook lists and answers from what they return.

It is a ``BaseChatModel`` like any provider's, so agents, traces and streams are the same with and without a key; rules
stand in place of a language model, and every answer names it (``response_metadata["model_name"] == "playbook"``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from nonet.state import Json
from nonet.tools.contract import ToolResult

NAME = "playbook"


@dataclass(frozen=True)
class Call:
    """One tool call of a playbook."""

    tool: str
    arguments: dict[str, Json] = field(default_factory=dict[str, Json])


class Playbook(Protocol):
    """What to call next. It is asked once a turn, with all that earlier calls returned; no calls end the work."""

    def __call__(self, turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        """Return the calls of a turn (counted from 0)."""
        ...


def listed(*turns: Sequence[Call]) -> Playbook:
    """Return a playbook whose calls do not depend on what was found: one list of calls a turn."""

    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        return turns[turn] if turn < len(turns) else ()

    return calls


class PlaybookModel(BaseChatModel):
    """A chat model that follows a playbook.

    The turn is read from the conversation, not kept here: one model serves many conversations, and a conversation that
    was interrupted goes on where it stopped. Calls of tools that are not bound are left out of the answer's calls.
    """

    playbook: Callable[[int, Sequence[ToolResult]], Sequence[Call]]
    bound: tuple[str, ...] | None = None

    @property
    def _llm_type(self) -> str:
        return NAME

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[Any, AIMessage]:
        """Return this model knowing which tools it may call."""
        names = tuple(convert_to_openai_tool(tool)["function"]["name"] for tool in tools)
        return self.model_copy(update={"bound": names})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    def _answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        turn = sum(1 for message in messages if is_playbook(message) and message.tool_calls)
        calls = [call for call in self.playbook(turn, results(messages)) if self._may(call.tool)]
        wanted = [
            ToolCall(name=call.tool, args=dict(call.arguments), id=f"{NAME}-{turn}-{number}", type="tool_call")
            for number, call in enumerate(calls)
        ]
        text = "" if wanted else summary(messages)
        return AIMessage(content=text, tool_calls=wanted, response_metadata={"model_name": NAME})

    def _may(self, tool: str) -> bool:
        return self.bound is None or tool in self.bound


def is_playbook(message: BaseMessage) -> TypeGuard[AIMessage]:
    """Whether a message was written by a playbook."""
    return isinstance(message, AIMessage) and message.response_metadata.get("model_name") == NAME


def results(messages: Sequence[BaseMessage]) -> list[ToolResult]:
    """Return what the tools of a conversation returned, in order; failed calls returned nothing."""
    return [
        ToolResult.model_validate(message.artifact)
        for message in messages
        if isinstance(message, ToolMessage) and message.artifact
    ]


def summary(messages: Sequence[BaseMessage]) -> str:
    """Answer from what was found: what each tool returned, by reference."""
    lines = [
        f"{result.tool} found {len(result.items)}: {', '.join(item.reference for item in result.items) or 'nothing'}."
        for result in results(messages)
    ]
    return "\n".join(lines) or "Nothing was found."
