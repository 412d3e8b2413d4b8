"""A command-line agent as a chat model. It holds no tools of ours; it answers, and by default may change nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda

from nonet.providers.command_line import answer
from nonet.providers.command_line.description import Description, describe
from nonet.providers.command_line.process import run
from nonet.providers.provider import Provider
from nonet.settings import Settings

LONG = 60_000
"""Characters of an answer; of a longer one the agent is asked for a summary, once."""
_IN_JSON = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n"
_SHORTER = (
    f"Your answer is longer than {LONG:,} characters. Give its substance in at most {LONG // 4:,}.\n\nYour answer:\n"
)
SESSION = "session"
"""Key of a message's ``response_metadata`` under which what a later question continues by is kept."""


class CommandLineModel(BaseChatModel):
    """One agent.

    Attributes:
        model: the model it is told to use, "" for its own choice.
        writes: whether it may change something: only where a person said so.
    """

    name: str | None = None
    description: Description
    model: str = ""
    seconds: float = 120.0
    writes: bool = False

    @classmethod
    def of(cls, settings: Settings, provider: Provider) -> CommandLineModel:
        """Make the model of ``cli:NAME`` or ``cli:NAME/MODEL``.

        Raises:
            ConfigurationError: no such agent is described.
        """
        name, _, model = provider.model.partition("/")
        description = describe(settings, name)
        return cls(name=name, description=description, model=model, seconds=provider.limits.seconds)

    @property
    def _llm_type(self) -> str:
        return "command-line"

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[Any, Any]:
        """Return a model that is asked for JSON in its prompt; what it answers is read, not validated."""
        from langchain_core.utils.function_calling import convert_to_json_schema

        asked = _IN_JSON + json.dumps(convert_to_json_schema(schema))

        async def ask(messages: Sequence[BaseMessage]) -> dict[str, Any]:
            raw = await self.ainvoke([*messages, HumanMessage(asked)])
            return {"raw": raw, "parsed": None, "parsing_error": None} if include_raw else json.loads(raw.text)

        return RunnableLambda(ask)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return asyncio.run(self._agenerate(messages))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        found = await self._ask(messages)
        if len(found.text) > LONG:
            found = await self._ask([HumanMessage(_SHORTER + found.text)])
        metadata = {"model_name": f"{self.name}/{self.model}".rstrip("/"), SESSION: found.session}
        message = AIMessage(content=found.text[:LONG], response_metadata=metadata)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _ask(self, messages: Sequence[BaseMessage]) -> answer.Answer:
        described, name = self.description, self.name or "agent"
        session = next((str(m.response_metadata.get(SESSION) or "") for m in reversed(messages) if m.type == "ai"), "")
        continued = bool(session and described.continuation)
        role = "\n".join(message.text for message in messages if message.type == "system")
        prompt = _prompt(messages, role if not described.role else "", continued)
        parts = [*described.command, *described.arguments]
        if continued:
            parts += _filled(described.continuation, session=session)
        if not self.writes:
            parts += described.read_only
        if role and described.role:
            parts += _filled(described.role, role=role)
        if self.model and described.model:
            parts += _filled(described.model, model=self.model)
        printed = await run(name, [*parts, *described.prompt], prompt, described.environment, self.seconds)
        return answer.read(name, printed, described.output)


def _filled(arguments: Sequence[str], **values: str) -> list[str]:
    """Put values in place of their names; the values themselves are not read for names."""
    filled: list[str] = []
    for argument in arguments:
        name = argument[1:-1] if argument.startswith("{") and argument.endswith("}") else ""
        filled.append(values.get(name, argument))
    return filled


def _prompt(messages: Sequence[BaseMessage], role: str, continued: bool) -> str:
    """Write the conversation as one prompt: of a continued one, what was said since the agent last answered."""
    said = [message for message in messages if message.type != "system"]
    if continued:
        last = max(place for place, message in enumerate(said) if message.type == "ai")
        said = said[last + 1 :]
    if len(said) == 1:
        return "\n\n".join(part for part in (role, said[0].text) if part)
    turns = [f"{'You answered' if message.type == 'ai' else 'You were asked'}:\n{message.text}" for message in said]
    return "\n\n".join(part for part in (role, *turns) if part)
