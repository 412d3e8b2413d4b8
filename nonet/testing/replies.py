"""What a fake provider is asked, and what its script answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

FaultKind = Literal[
    "limit", "server", "key", "too_long", "slow", "half", "malformed", "wrong_schema", "refusal", "empty"
]


@dataclass(frozen=True)
class Question:
    """One request, as the provider's own format put it.

    Attributes:
        dialect: ``openai``, ``anthropic`` or ``gemini``.
        model: the model asked for.
        key: what came as the key.
        system: the system prompt.
        messages: (role, text) of the conversation; the text of a tool's answer has the role ``tool``.
        tools: names of the tools offered.
        schema: the JSON schema wanted of the answer, if one is.
        stream: whether the answer is streamed.
        body: the request's JSON, whole.
    """

    dialect: str
    model: str
    key: str
    system: str
    messages: tuple[tuple[str, str], ...]
    tools: tuple[str, ...]
    schema: Mapping[str, Any] | None
    stream: bool
    body: Mapping[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """All that was said, system prompt first."""
        return "\n".join([self.system, *(text for _, text in self.messages)])


@dataclass(frozen=True)
class ToolUse:
    """A call of a tool."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a model says: text, data that fit the schema wanted, or calls of tools.

    ``seconds`` pass before it says anything.
    """

    text: str = ""
    data: Mapping[str, Any] | None = None
    calls: Sequence[ToolUse] = ()
    input_tokens: int = 20
    output_tokens: int = 10
    seconds: float = 0.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong in place of an answer.

    ``limit`` (429), ``server`` (500), ``key`` (401), ``too_long`` (400, the context is exceeded), ``slow`` (no answer
    for ``seconds``), ``half`` (the connection breaks in the middle of the answer), ``malformed`` (no JSON),
    ``wrong_schema`` (JSON of another form), ``refusal`` (the model declines), ``empty`` (an answer without content).
    ``said`` stands for the provider's usual words of an error (429, 500, 401, 400).
    """

    kind: FaultKind
    retry_after: float | None = None
    seconds: float = 60.0
    said: str = ""


Said: TypeAlias = "str | Mapping[str, Any] | Reply | Fault"
Script: TypeAlias = "Sequence[Said] | Callable[[Question], Said]"


def reply(said: Said) -> Reply | Fault:
    """Return what a script said, in full: text and data may stand for themselves."""
    if isinstance(said, str):
        return Reply(text=said)
    if isinstance(said, Reply | Fault):
        return said
    return Reply(data=said)
