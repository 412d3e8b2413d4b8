"""What every tool is: a name, typed arguments, and an async call that returns what it found.

A tool answers by what is embedded, which needs no key and stays on this machine, or by a remote service where the
settings and the user's keys allow it (``services/``). Whatever it returns is data of others: quoted, never followed.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.state import Json, Scalar

if TYPE_CHECKING:
    from nonet.providers.spending import Spending
    from nonet.tools.services.record import Call
    from nonet.tools.services.remote import Remote

EXCERPT_LIMIT = 4000
Facts: TypeAlias = dict[str, Scalar | dict[str, Scalar]]
Extract: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""From a text and the JSON Schema of an object to that object; ``ToolError`` where the model fails."""
ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)


class Item(BaseModel):
    """One thing found.

    ``reference`` is a URL, ``note:workflow/name``, ``path:line``, ``library@version`` or ``memory:key``; ``facts``
    are typed findings that rules read. Control characters of the excerpt are dropped, so that nothing it holds can
    steer a terminal or hide from a reader.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    title: str
    excerpt: str = Field(max_length=EXCERPT_LIMIT)
    facts: Facts = {}

    @field_validator("reference", "title")
    @classmethod
    def _one_line(cls, text: str) -> str:
        return " ".join(visible(text).split())[:300]

    @field_validator("excerpt", mode="before")
    @classmethod
    def _plain(cls, text: str) -> str:
        return visible(text)


class ToolResult(BaseModel):
    """What one call returned: the items best first, and a note where something was left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    backend: str
    items: list[Item]
    note: str = ""
    seconds: float = Field(default=0.0, ge=0)


@dataclass(frozen=True)
class Found:
    """What a backend hands to its tool."""

    backend: str
    items: list[Item]
    note: str = ""


@dataclass(frozen=True)
class ToolContext:
    """Where a call may look. Agents choose arguments; only the caller chooses this.

    Attributes:
        roots: folders (or single files) of the user's that may be read.
        excluded: files and folders that no tool reads though they lie beneath a root: questions, labels, runs.
        repository: the checkout that ``search_code`` reads.
        environment: interpreter, virtual environment or site-packages whose libraries are documented; ``None``: ours.
        workflow: whose library of notes is searched and whose patterns come first; "" for all.
        fingerprint: description of the data at hand; the memory ranks patterns by likeness to it.
        record: told of each call and its backend; it may be called from several tasks at once.
        extract: a model that reads data out of a text, where one is configured.
        spending: the run's journal and limits, under which a tool asks models; ``None`` outside a run.
    """

    settings: Settings
    roots: tuple[Path, ...] = ()
    excluded: tuple[Path, ...] = ()
    repository: Path | None = None
    environment: Path | None = None
    workflow: str = ""
    fingerprint: Mapping[str, Json] = field(default_factory=dict[str, Json])
    record: Callable[[Call], None] | None = None
    extract: Extract | None = None
    spending: Spending | None = None


class Tool(ABC, Generic[ArgumentsT]):
    """One tool. ``description`` and the descriptions of ``Arguments`` are all that an agent is told of it.

    ``service`` is its name under ``backends`` in the settings; ``readying`` says how to make what is embedded ready.
    """

    name: ClassVar[str]
    service: ClassVar[str]
    description: ClassVar[str]
    Arguments: ClassVar[type[BaseModel]]
    readying: ClassVar[str] = ""

    @abstractmethod
    async def find(self, arguments: ArgumentsT, context: ToolContext) -> Found:
        """Answer a call by what is embedded: no key, no server.

        Raises:
            ToolError: the call failed; the remedy says what would help.
        """

    def unready(self, context: ToolContext) -> str:
        """Say why what is embedded could not answer now, "" when it could: an environment that is not prepared."""
        return ""

    def remotes(self) -> Sequence[Remote[ArgumentsT]]:
        """Return the services that may answer in place of what is embedded, first to last."""
        return ()

    async def call(self, arguments: ArgumentsT, context: ToolContext) -> ToolResult:
        """Answer a call by the backend that the settings choose, and say how long it took.

        Raises:
            ToolError: the call failed; the remedy says what would help.
        """
        from nonet.tools.services.asking import answered

        began = time.perf_counter()
        found = await answered(self, arguments, context)
        seconds = round(time.perf_counter() - began, 3)
        return ToolResult(tool=self.name, backend=found.backend, items=found.items, note=found.note, seconds=seconds)

    async def answer(self, arguments: Mapping[str, object], context: ToolContext) -> ToolResult:
        """Answer a call whose arguments have not been checked.

        Raises:
            ToolError: the arguments do not fit, or the call failed.
        """
        try:
            return await self.call(self.parse(arguments), context)
        except OSError as error:
            raise ToolError(f"{self.name}: {error.strerror or error}.") from error

    def parse(self, arguments: Mapping[str, object]) -> ArgumentsT:
        """Validate arguments.

        Raises:
            ToolError: one is missing, unknown or malformed.
        """
        try:
            return self.Arguments.model_validate(arguments)  # pyright: ignore[reportReturnType]
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "arguments"
            known = ", ".join(self.Arguments.model_fields)
            raise ToolError(f"{self.name}: {where}: {first['msg']}.", f"Arguments: {known}.") from error


class Arguments(BaseModel):
    """Base of every tool's arguments: an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def visible(text: str) -> str:
    """Return a text whose only line separator is the newline, without control and direction characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    return "".join(character for character in text if character in "\n\t" or not _steers(character))


def _steers(character: str) -> bool:
    code = ord(character)
    control = code < 32 or 127 <= code < 160
    direction = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in (0x200E, 0x200F, 0xFEFF)
    return control or direction or 0xD800 <= code <= 0xDFFF
