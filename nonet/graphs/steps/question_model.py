"""The chat model that transforms questions: which it is, and how what ships asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.errors import ConfigurationError
from nonet.graphs.steps.desk import says
from nonet.providers.provider import PLAYBOOK, Provider, lacking, resolve
from nonet.settings import Settings
from nonet.state import Json
from nonet.trials.blueprint import Blueprint

_SERVICES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "google_genai": "https://generativelanguage.googleapis.com/v1beta/openai",
}
"""Where each service speaks OpenAI's chat completions, which is what the shipped project speaks."""
PREFIX = "RAG_CHAT"


def completed(blueprint: Blueprint[Any, Any], inputs: Mapping[str, Json], settings: Settings) -> dict[str, str]:
    """Return the input that names the chat model where none is given: the model of the settings, if it may be asked.

    Raises:
        ConfigurationError: the inputs name a model that cannot be asked, or that what ships could not ask.
    """
    fields = [name for name in blueprint.Inputs.model_fields if says(blueprint.Inputs, name, "chat")]
    for field in fields:
        named = str(inputs.get(field) or "")
        if named and (lack := _lack(settings, resolve(settings, named))):
            raise ConfigurationError(f"The chat model {named!r} cannot be used: {lack}.", "See: nonet doctor")
        if not named and settings.model != PLAYBOOK and not _lack(settings, resolve(settings, settings.model)):
            return {field: settings.model}
    return {}


def endpoint(settings: Settings, name: str) -> dict[str, Json]:
    """Return what ``settings.json`` of a shipped project says of a model: ``{url, model, key}``, the key's variable."""
    provider = resolve(settings, name)
    url = provider.limits.base_url or _SERVICES.get(provider.family) or provider.address
    return {"url": url, "model": provider.model, "key": provider.key or f"{PREFIX}_KEY"}


def _lack(settings: Settings, provider: Provider) -> str:
    if provider.family in ("cli", "gguf"):
        return "it has no address that the shipped project could ask"
    lack = lacking(settings, provider)
    return lack.said if lack else ""
