"""Conversations that go on: what was asked and what each seat said to it, in Nonet's home, secrets struck out.

A seat is shown its own earlier turns only, so that it stays blind to the others.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import TypeAdapter, ValidationError

from nonet.errors import ToolError, storage
from nonet.providers.secrecy import hidden, struck
from nonet.settings import Settings

MOST_TURNS, MOST_OF_A_TURN = 8, 20_000
"""Turns of a seat that are kept, and characters of each side of one."""
_ID = re.compile(r"[0-9a-f]{32}")
_TURNS = TypeAdapter(dict[str, list[tuple[str, str]]])


@dataclass
class Conversation:
    """One conversation.

    Attributes:
        name: its ``continuation_id``.
        turns: seat → (question, answer), oldest first.
    """

    name: str
    turns: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])

    def history(self, seat: str) -> list[BaseMessage]:
        """Return a seat's own turns as messages."""
        return [
            message
            for asked, answered in self.turns.get(seat, [])
            for message in (HumanMessage(asked), AIMessage(answered))
        ]

    def keep(self, settings: Settings, prompt: str, said: Mapping[str, str]) -> None:
        """Add a turn of each seat that answered, and write the conversation.

        Raises:
            StorageError: the disk is full.
        """
        for seat, answer in said.items():
            turn = (prompt[:MOST_OF_A_TURN], answer[:MOST_OF_A_TURN])
            self.turns[seat] = [*self.turns.get(seat, []), turn][-MOST_TURNS:]
        plain = {seat: [list(turn) for turn in turns] for seat, turns in self.turns.items()}
        content = json.dumps(struck(plain, hidden(settings)), ensure_ascii=False)  # pyright: ignore[reportArgumentType]
        path = _path(settings, self.name)
        with storage(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
            partial.write_text(content, encoding="utf-8")
            os.replace(partial, path)


def begin() -> Conversation:
    """Begin a conversation under a name of its own."""
    return Conversation(uuid.uuid4().hex)


def resume(settings: Settings, name: str) -> Conversation:
    """Read a conversation.

    Raises:
        ToolError: there is none of that name, or it cannot be read.
    """
    unknown = ToolError(f"There is no conversation {name[:40]!r}.", "Ask without a continuation to begin one.")
    if not _ID.fullmatch(name):
        raise unknown
    try:
        return Conversation(name, _TURNS.validate_json(_path(settings, name).read_bytes()))
    except FileNotFoundError as error:
        raise unknown from error
    except (OSError, ValidationError) as error:
        raise ToolError(f"The conversation {name} cannot be read.", "Begin another one.") from error


def _path(settings: Settings, name: str) -> Path:
    return settings.home_path / "conversations" / f"{name}.json"
