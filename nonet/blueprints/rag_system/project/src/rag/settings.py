"""Where the project lies and what its ``settings.json`` says."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from rag.design import Design, parse
from rag.errors import SettingsError

CURRENT = "current"
"""The file that names the index in use."""


@dataclass(frozen=True)
class CacheSettings:
    """Which caches answer.

    Attributes:
        retrieval: rankings, by question and conditions.
        similar: answers to like questions, by the cosine of their vectors.
        responses: answers, by context and question.
    """

    retrieval: bool = True
    similar: bool = False
    responses: bool = True


@dataclass(frozen=True)
class ChatSettings:
    """A chat endpoint that speaks OpenAI's chat completions.

    Attributes:
        url: up to ``/v1``.
        model: its model's name there.
        key: the environment variable that holds its key.
    """

    url: str
    model: str
    key: str = "RAG_CHAT_KEY"


@dataclass(frozen=True)
class Settings:
    """The project's folder, its design, its default corpus, which caches answer, and the chat model, if any."""

    root: Path
    design: Design
    corpus: Path | None
    cache: CacheSettings = CacheSettings()
    chat: ChatSettings | None = None

    @property
    def home(self) -> Path:
        """The folder of the indexes: the one in use, and the one that is being built."""
        return self.root / "artifacts"

    @property
    def artifacts(self) -> Path:
        """The folder of the built stages in use: the one that ``current`` names, else ``artifacts`` itself."""
        try:
            return self.home / (self.home / CURRENT).read_text("utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return self.home


def find_root(given: str | None = None) -> Path:
    """Return the project folder: as given, ``$RAG_PROJECT``, the working folder, or where this source lies.

    Raises:
        SettingsError: none of them holds a ``settings.json``.
    """
    named = given or os.environ.get("RAG_PROJECT")
    places = [Path(named)] if named else [Path.cwd(), Path(__file__).resolve().parents[2]]
    for place in places:
        if (place / "settings.json").is_file():
            return place.resolve()
    raise SettingsError(f"No settings.json in {' or '.join(map(str, places))}; name the project folder with --project.")


def load(root: Path) -> Settings:
    """Read ``settings.json``.

    Raises:
        SettingsError: it is no JSON object, or its design is outside the space.
    """
    path = root / "settings.json"
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        design = dict[str, Any](value["design"])
        corpus: Any = value.get("corpus")
        cache: Any = value.get("cache", {})
        chat: Any = value.get("chat")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    except (KeyError, TypeError) as error:
        raise SettingsError(f'{path} must be an object with a "design".') from error
    place = (root / corpus).resolve() if isinstance(corpus, str) else None
    return Settings(root, parse(design), place, _cache(cache), _chat(chat))


def _chat(values: Any) -> ChatSettings | None:
    if values is None:
        return None
    known = [field.name for field in fields(ChatSettings)]
    try:
        found = ChatSettings(**values)
    except TypeError as error:
        raise SettingsError(f"The chat in settings.json must be an object of {', '.join(known)}.") from error
    texts: list[Any] = [found.url, found.model, found.key]  # JSON holds what it likes
    if not all(isinstance(each, str) for each in texts):
        raise SettingsError("The chat in settings.json must hold texts.")
    if not found.url.startswith(("http://", "https://")):
        raise SettingsError("The chat's url in settings.json must be a URL: http://… or https://…, up to /v1.")
    return found


def _cache(values: Any) -> CacheSettings:
    known = [field.name for field in fields(CacheSettings)]
    if not isinstance(values, dict):
        raise SettingsError(f"The cache in settings.json must be an object with some of {', '.join(known)}.")
    return _switched(cast("dict[str, Any]", values), known)


def _switched(values: dict[str, Any], known: Sequence[str]) -> CacheSettings:
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"settings.json has an unknown cache {name!r}; known: {', '.join(known)}.")
        if not isinstance(value, bool):
            raise SettingsError(f"The cache {name} is {value!r} in settings.json; it must be true or false.")
    return CacheSettings(**values)
