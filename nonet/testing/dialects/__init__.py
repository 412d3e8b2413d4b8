"""The wire formats of chat providers, from the server's side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Protocol

from nonet.testing.replies import Question, Reply

NAMES = ("openai", "anthropic", "gemini")


class Dialect(Protocol):
    """How one provider's requests are read and its answers written."""

    base_path: str

    def question(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Question:
        """Read a request; header names come in lower case."""
        ...

    def whole(self, question: Question, said: Reply, refused: bool) -> Mapping[str, Any]:
        """Write an answer in one piece."""
        ...

    def events(self, question: Question, said: Reply, refused: bool) -> Iterable[tuple[str, Mapping[str, Any] | str]]:
        """Write an answer as server-sent events: (name or "", data)."""
        ...

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """Write an error's body."""
        ...


def dialect(name: str) -> Dialect:
    """Return a provider's dialect.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"no dialect {name!r}; known: {', '.join(NAMES)}")
    return import_module(f"nonet.testing.dialects.{name}").DIALECT


def inner(body: Any, *names: str) -> Any:
    """Walk down a JSON object by names; ``None`` where one is missing."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return body  # pyright: ignore[reportUnknownVariableType]


def listed(found: Any) -> list[Any]:
    """Return a JSON list; an empty one for what is none."""
    return list(found) if isinstance(found, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def content(said: Reply) -> str:
    """The text of an answer: its own, or its data as JSON."""
    import json

    return said.text if said.data is None else json.dumps(dict(said.data))


def pieces(text: str, count: int = 3) -> list[str]:
    """Cut a text into a few parts, as a stream would bring it."""
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]
