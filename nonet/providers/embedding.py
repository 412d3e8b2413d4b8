"""Embedding services that can be asked: where each is, how its key is brought, what it counts.

Their wire formats are those of their documentation: OpenAI's ``POST /v1/embeddings`` (vLLM, llama.cpp and Ollama speak
it too), Cohere's ``POST /v2/embed`` and Gemini's ``POST /v1beta/models/MODEL:batchEmbedContents``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from nonet.errors import ConfigurationError
from nonet.providers.provider import Family, Provider
from nonet.settings import ProviderSettings, Settings


@dataclass(frozen=True)
class Service:
    """A service.

    Attributes:
        address: where it is, unless the settings say otherwise.
        path: what texts are sent to; ``{model}`` stands for the model.
        header: which brings the key.
        prefix: what stands before the key there.
        family: its key's variable.
    """

    address: str
    path: str
    header: str
    prefix: str
    family: Family


SERVICES: Mapping[str, Service] = {
    "openai": Service(
        "https://api.openai.com", "/v1/embeddings", "Authorization", "Bearer ", Family(key="OPENAI_API_KEY")
    ),
    "cohere": Service("https://api.cohere.com", "/v2/embed", "Authorization", "Bearer ", Family(key="COHERE_API_KEY")),
    "gemini": Service(
        "https://generativelanguage.googleapis.com",
        "/v1beta/models/{model}:batchEmbedContents",
        "x-goog-api-key",
        "",
        Family(key="GOOGLE_API_KEY"),
    ),
}


@dataclass(frozen=True)
class EmbeddingProvider(Provider):
    """One embedding model of a service."""

    @property
    def service(self) -> Service:
        """Where and how it is asked."""
        return SERVICES[self.family]

    @property
    def kind(self) -> Family:
        """What its service's models have in common."""
        return self.service.family

    @property
    def path(self) -> str:
        """What texts are sent to."""
        return self.service.path.format(model=self.model)

    @property
    def url(self) -> str:
        """Where texts are sent to."""
        base = (self.limits.base_url or self.service.address).rstrip("/")
        return base.removesuffix("/v1") + self.path


def resolve(settings: Settings, name: str) -> EmbeddingProvider:
    """Return an embedding model by a name of ``providers`` in the settings, or as ``SERVICE:MODEL``.

    Raises:
        ConfigurationError: there is none of that name, or its service is unknown.
    """
    limits = settings.providers.get(name)
    service, colon, model = (limits.model if limits else name).partition(":")
    if service not in SERVICES or not (colon and model) or "/" in model:
        known = ", ".join(f"{each}:MODEL" for each in SERVICES)
        raise ConfigurationError(f"The embedding {name!r} names no service.", f"Known: {known}.")
    return EmbeddingProvider(name, service, model, limits or ProviderSettings(model=name))


def counted(answer: Mapping[str, Any]) -> int | None:
    """Return the tokens that an answer says it took; ``None`` where it does not say (Gemini)."""
    usage, meta = answer.get("usage"), answer.get("meta")
    if isinstance(usage, dict):
        found: object = cast("dict[str, Any]", usage).get("total_tokens")
    elif isinstance(meta, dict):
        units: object = cast("dict[str, Any]", meta).get("billed_units")
        found = cast("dict[str, Any]", units).get("input_tokens") if isinstance(units, dict) else None
    else:
        found = None
    return int(found) if isinstance(found, int | float) else None
