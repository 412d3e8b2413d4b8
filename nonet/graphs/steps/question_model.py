"""The chat model that transforms questions: which it is, how a trial's worker asks it, how what ships asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.errors import ConfigurationError, NonetError, TrialError
from nonet.graphs.steps.desk import Desk, says
from nonet.graphs.steps.spending import spending
from nonet.providers.gateway import Gateway
from nonet.providers.provider import PLAYBOOK, Provider, lacking, resolve
from nonet.settings import Settings
from nonet.state import Json
from nonet.trials.access import Grant
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


class QuestionModels:
    """Opens a gateway for each model that a run's designs name; they close when this is dropped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: dict[str, Gateway] = {}

    def __call__(self, name: str) -> Grant:
        """Return what a worker gets that may ask a model: its gateway's host, and how to ask there.

        Raises:
            TrialError: the model cannot be asked.
        """
        if name not in self._open:
            try:
                provider = resolve(self._desk.settings, name)
                self._open[name] = Gateway(self._desk.settings, provider, spending(self._desk))
            except NonetError as error:
                raise TrialError(f"The design asks a chat model: {error.message}") from error
        gateway = self._open[name]
        variables = {"URL": gateway.url, "KEY": gateway.token}
        return Grant(
            hosts=(f"tcp://{gateway.host}",),
            variables={f"{PREFIX}_{part}": value for part, value in variables.items()},
        )


def _lack(settings: Settings, provider: Provider) -> str:
    if provider.family in ("cli", "gguf"):
        return "it has no address that the shipped project could ask"
    lack = lacking(settings, provider)
    return lack.said if lack else ""
