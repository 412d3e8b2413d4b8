"""What must stand in no file that Nonet writes: the secrets that this process knows, and how they are struck out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from nonet.errors import ConfigurationError
from nonet.providers.keys import secrets
from nonet.providers.provider import FAMILIES
from nonet.settings import Settings
from nonet.state import Json

SERVICES = ("TAVILY_API_KEY", "FIRECRAWL_API_KEY", "CONTEXT7_API_KEY", "SRC_ACCESS_TOKEN", "QDRANT_API_KEY")
SHORTEST = 8
"""Characters of a secret at least: a shorter one is none, and striking it out would tear words apart."""
_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.IGNORECASE)


def hidden(settings: Settings) -> list[str]:
    """Return the secrets that this process knows, longest first: none of them stands in a file of a run."""
    families = [family.key for family in FAMILIES.values()]
    named = [provider.key for provider in settings.providers.values()]
    variables = [name for name in dict.fromkeys([*families, *named, *SERVICES, *_of_agents(settings)]) if name]
    return sorted({each for each in secrets(settings, variables) if len(each) >= SHORTEST}, key=len, reverse=True)


def _of_agents(settings: Settings) -> list[str]:
    """Return the variables that hold a secret, by their names, among those that command-line agents in use may see."""
    from nonet.providers.command_line.description import describe

    models = [settings.model, *(seat.provider for seat in settings.seats)]
    models += [provider.model for provider in settings.providers.values()]
    found: list[str] = []
    for family, _, model in (each.partition(":") for each in dict.fromkeys(models)):
        if family != "cli":
            continue
        with suppress(ConfigurationError):  # what nothing describes is given nothing
            found += filter(_SECRET.search, describe(settings, model.partition("/")[0]).environment)
    return found


def strike(text: str, secret: Sequence[str]) -> str:
    """Return a text without secrets."""
    for each in secret:
        text = text.replace(each, "[secret]")
    return text


def struck(value: Json, secret: list[str]) -> Json:
    """Return JSON with secrets struck out of its texts, names of fields among them."""
    if isinstance(value, str):
        return strike(value, secret)
    if isinstance(value, dict):
        return {str(struck(name, secret)): struck(each, secret) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [struck(each, secret) for each in cast("list[Json]", value)]
    return value
