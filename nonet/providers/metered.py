"""A chat model under the limits of a run: paced, timed, paid for once, every question on record.

Agents and the council think with it as with any chat model: what it wraps is the provider's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, message_to_dict, messages_from_dict
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from nonet.errors import NonetError, ServiceError
from nonet.providers.chat import chat_model
from nonet.providers.faults import fault
from nonet.providers.in_form import in_form
from nonet.providers.prices import price
from nonet.providers.provider import Provider
from nonet.providers.spending import Asked, Spending
from nonet.providers.turns import turn
from nonet.settings import Settings

_CHARACTERS_A_TOKEN = 3.0
"""Fewer than any tokenizer needs for prose, so that an estimate is rather too high than too low."""


class MeteredModel(BaseChatModel):
    """One provider's model under a run's limits.

    Every fault comes out as a ``ServiceError``, a limit that stands as a ``SpentError``. A question that was answered
    before (by a run that was killed and goes on) is answered from the journal.

    Attributes:
        inner: the provider's model, with what is bound to it.
        bound: what is bound, as JSON: part of a question's name.
        step: who asks, for the record.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    provider: Provider
    inner: Runnable[Any, Any]
    spending: Spending
    step: str = ""
    bound: str = ""

    @classmethod
    def of(cls, settings: Settings, provider: Provider, spending: Spending, step: str) -> Self:
        """Make a provider's model under limits.

        Raises:
            MissingExtraError: its client is not installed.
            ConfigurationError: the model cannot be asked.
        """
        return cls(provider=provider, inner=chat_model(settings, provider), spending=spending, step=step)

    @property
    def _llm_type(self) -> str:
        return f"metered-{self.provider.family}"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[Any, AIMessage]:
        """Return this model knowing which tools it may call."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        inner = self.inner
        assert isinstance(inner, BaseChatModel), "tools are bound once"
        described = json.dumps([convert_to_openai_tool(tool) for tool in tools], sort_keys=True, default=str)
        return self.model_copy(update={"inner": inner.bind_tools(tools, **kwargs), "bound": described})

    def structured(self, schema: Mapping[str, Any]) -> MeteredModel:
        """Return this model answering in a JSON schema, by whatever means the provider has for it.

        The answer's message carries the data in ``additional_kwargs["data"]``, unvalidated.
        """
        inner = self.inner
        assert isinstance(inner, BaseChatModel), "a schema is bound once"
        return self.model_copy(update={"inner": in_form(inner, schema), "bound": json.dumps(schema, sort_keys=True)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return asyncio.run(self._agenerate(messages, stop, None, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        request = self._request(messages, stop)
        kept = self.spending.answer(request)
        message = messages_from_dict([dict(kept)])[0] if kept is not None else await self._ask(messages, request)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _ask(self, messages: Sequence[BaseMessage], request: str) -> AIMessage:
        limits = self.provider.limits
        asked = int(sum(len(message.text) for message in messages) / _CHARACTERS_A_TOKEN) + len(self.bound) // 3 + 16
        reservation = self.spending.reserve(self.provider, asked, limits.most_tokens)
        began = time.monotonic()
        message: AIMessage | None = None
        outcome = "unavailable"
        try:
            async with turn(self.provider, asked):
                message = await self._once(messages)
            outcome = "answered"
            return message
        except NonetError as error:
            outcome = error.fault if isinstance(error, ServiceError) else error.code
            raise
        finally:
            row = self._row(request, prompt_version(messages), outcome, message, time.monotonic() - began)
            # A thread would be cancelled with the task that a deadline ends; the record must not be.
            self.spending.book(reservation, row)
            self.spending.keep(request, self._transcript(messages, row))

    async def _once(self, messages: Sequence[BaseMessage]) -> AIMessage:
        try:
            async with asyncio.timeout(self.provider.limits.seconds):
                found = await self.inner.ainvoke(list(messages))
        except Exception as error:
            raise fault(self.provider.name, error, self.spending.hidden) from error
        if isinstance(found, AIMessage):
            return _heard(self.provider.name, found)
        raw = _heard(self.provider.name, found["raw"])
        data = found["parsed"] if found["parsed"] is not None else _as_json(raw)
        return raw.model_copy(update={"additional_kwargs": {**raw.additional_kwargs, "data": data}})

    def _request(self, messages: Sequence[BaseMessage], stop: Sequence[str] | None) -> str:
        limits = self.provider.limits
        said = [(message.type, message.text, getattr(message, "tool_calls", None)) for message in messages]
        settings = (self.provider.family, self.provider.model, self.provider.address, limits.temperature)
        content = json.dumps([self.step, settings, said, stop, self.bound], sort_keys=True, default=str)
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def _transcript(self, messages: Sequence[BaseMessage], row: Asked) -> dict[str, Any]:
        said = [message_to_dict(message) for message in messages]
        return {"step": self.step, "provider": row.provider, "model": row.model, "bound": self.bound,
                "prompt": row.prompt, "messages": said, "outcome": row.outcome, "answer": row.answer}  # fmt: skip

    def _row(self, request: str, prompt: str, outcome: str, message: AIMessage | None, seconds: float) -> Asked:
        usage = message.usage_metadata if message is not None else None
        asked, answered = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        cost = price(self.provider)
        return Asked(
            request=request,
            step=self.step,
            provider=self.provider.name,
            model=self.provider.model,
            outcome=outcome,
            asked=asked,
            answered=answered,
            usd=round(cost.of(asked, answered), 6) if cost else None,
            seconds=round(seconds, 3),
            answer=message_to_dict(message) if message is not None else None,
            prompt=prompt,
        )


def prompt_version(messages: Sequence[BaseMessage]) -> str:
    """Return the version of a conversation's system prompt: 12 hexadecimal digits of BLAKE2b of its text."""
    text = "\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest() if text else ""


def _heard(name: str, message: AIMessage) -> AIMessage:
    """Return an answer that says something.

    Raises:
        ServiceError: the model declined, or said nothing.
    """
    metadata = message.response_metadata
    ended = str(metadata.get("stop_reason") or metadata.get("finish_reason") or "").lower()
    if message.additional_kwargs.get("refusal") or ended in ("refusal", "safety", "content_filter"):
        raise ServiceError(f"{name} declined to answer", "refused")
    if not (message.text.strip() or message.tool_calls or message.invalid_tool_calls):
        raise ServiceError(f"{name} answered with nothing", "malformed")
    return message


def _as_json(message: AIMessage) -> object:
    """Read data that a model wrote as text, alone or in a fenced block; ``None`` where there is none."""
    text = message.text.strip()
    start, end = text.find("{"), text.rfind("}")
    try:
        return json.loads(text[start : end + 1]) if 0 <= start < end else None
    except ValueError:
        return None
