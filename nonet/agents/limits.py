"""The limits of one specialist's conversation, and who goes on where its model cannot: the playbook.

Tokens and money are limited by the run's journal (``providers/spending.py``); calls and time are limited here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AnyMessage, ToolMessage
from langgraph.types import Command

from nonet.agents.models import Chosen
from nonet.agents.playbook import results
from nonet.agents.task import MODEL_CALLS, TOOL_CALLS
from nonet.errors import NonetError, ServiceError, StorageError
from nonet.providers.faults import fault
from nonet.providers.retrying import retried

LEFT_OUT = "[Left out: the conversation was too long. Its results can be cited still: {references}]"
_REFERENCES = 600

ModelHandler = Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
ToolHandler = Callable[[ToolCallRequest], Awaitable["ToolMessage | Command[Any]"]]


class CallsSpent(Exception):
    """The conversation has no call of its model left."""


class Limits(AgentMiddleware[Any, Any, Any]):
    """Middleware of one conversation: whoever thinks in it thinks within its limits.

    What passes is asked again, waiting as long as the service says; any other fault, a limit on tokens or money, and
    the end of its time hand the conversation to the playbook, which keeps it: a model that is down is asked once, not
    at every turn. A conversation that is too long is asked once more without its oldest results.

    Args:
        chosen: the model, and the playbook behind it.
        seconds: wall time that the model may take.

    Attributes:
        failed: why the playbook went on, "" where it did not.
        refused: ids of the calls of tools that were refused for being too many.
    """

    def __init__(self, chosen: Chosen, seconds: float) -> None:
        super().__init__()
        self.failed = ""
        self.refused: set[str] = set()
        self._chosen = chosen
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._model_calls = 0
        self._tool_calls = 0
        self._hidden: frozenset[str] = frozenset()

    def left(self) -> float:
        """Return the seconds that the model still has, 0 at least."""
        return max(0.0, self._end - time.monotonic())

    @property
    def by_model(self) -> bool:
        """Whether a provider's model is thinking, and not a playbook."""
        return self._chosen.fallback is not None and not self.failed

    def notes(self) -> list[str]:
        """Say who went on and what was refused."""
        said: list[str] = []
        if self.failed:
            said.append(f"the model {self._chosen.name} failed; the playbook went on ({self.failed}).")
        if self.refused:
            said.append(f"{len(self.refused)} calls beyond the {TOOL_CALLS} that its model may make were refused.")
        return said

    async def awrap_model_call(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        """Ask the model, or whoever stands in for it.

        Raises:
            CallsSpent: the conversation has no call left.
            StorageError: the disk is full.
        """
        self._model_calls += 1
        if self._model_calls > MODEL_CALLS:
            raise CallsSpent
        if self.by_model:
            try:
                async with asyncio.timeout(self.left()):
                    return await self._within_context(request, handler)
            except StorageError:
                raise
            except TimeoutError:
                self.failed = f"its {self._seconds:.3g} seconds were over"
            except NonetError as error:
                self.failed = error.message.rstrip(".")
            self._model_calls = 1  # its playbook may make as many calls as without it
        standing_in = self._chosen.fallback
        return await handler(request.override(model=standing_in) if standing_in is not None else request)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolMessage | Command[Any]:
        """Run a tool that a model called, if it may call one more; a playbook's calls are the workflow's own."""
        if not self.by_model:
            return await handler(request)
        self._tool_calls += 1
        call = request.tool_call
        if self._tool_calls > TOOL_CALLS:
            self.refused.add(str(call["id"]))
            said = f"Refused: {TOOL_CALLS} calls of tools were made. Answer with what you have."
            return ToolMessage(said, tool_call_id=call["id"], name=call["name"], status="error")
        try:
            async with asyncio.timeout(self.left()):
                return await handler(request)
        except TimeoutError:
            said = "The time for this task was over."
            return ToolMessage(said, tool_call_id=call["id"], name=call["name"], status="error")

    async def _within_context(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        try:
            return await self._asked(request, handler)
        except ServiceError as error:
            if error.fault != "too_long" or self._hidden:
                raise
            self._hidden = _oldest(request.messages)
            if not self._hidden:
                raise
            return await self._asked(request, handler)

    async def _asked(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        shortened = request.override(messages=[self._shortened(message) for message in request.messages])

        async def once() -> ModelResponse[Any]:
            try:
                return await handler(shortened)
            except NonetError:
                raise
            except Exception as error:  # what a chat model of one's own raises
                raise fault(self._chosen.name, error) from error

        return await retried(once, self.left())

    def _shortened(self, message: AnyMessage) -> AnyMessage:
        if isinstance(message, ToolMessage) and message.tool_call_id in self._hidden:
            references = [item.reference for result in results([message]) for item in result.items]
            content = LEFT_OUT.format(references=", ".join(references)[:_REFERENCES] or "none")
            return message.model_copy(update={"content": content})
        return message


def _oldest(messages: Sequence[AnyMessage]) -> frozenset[str]:
    """Return the ids of the older half of the results, which a model has read and answered already."""
    found = [message.tool_call_id for message in messages if isinstance(message, ToolMessage)]
    return frozenset(found[: (len(found) + 1) // 2])
