"""A provider's own chat model, made by its own client, whose retries are off: limits and records are ours."""

from __future__ import annotations

import ssl
from functools import cache
from importlib import import_module
from typing import Any, cast

from langchain_core.language_models import BaseChatModel

from nonet.errors import ConfigurationError, MissingExtraError
from nonet.providers.keys import secret
from nonet.providers.provider import PLAYBOOK, Provider, lacking, resolve
from nonet.settings import Settings

_SPEAK_OPENAI = ("openai", "vllm", "openai_compatible", "gguf")
_NO_KEY = "none"
"""What a client that insists on a key sends to an address that wants none."""


def chat_model(settings: Settings, provider: Provider) -> BaseChatModel:
    """Make the model.

    Raises:
        MissingExtraError: its client is not installed.
        ConfigurationError: its key is missing, the settings forbid it, or its client refuses the settings.
    """
    lack = lacking(settings, provider)
    if lack:
        if lack.kind == "client":
            raise MissingExtraError(provider.kind.extra[0], f"The model {provider.name}")
        raise ConfigurationError(f"The model {provider.name!r} cannot be used: {lack.said}.", lack.remedy)
    if provider.family == "cli":
        from nonet.providers.command_line.model import CommandLineModel

        return CommandLineModel.of(settings, provider)
    return _of_service(settings, provider)


def preload(settings: Settings) -> None:
    """Import the clients of the models that the settings name, about a second each, before anybody waits for them."""
    names = {settings.model, *(seat.provider for seat in settings.seats)} - {PLAYBOOK}
    for provider in (resolve(settings, name) for name in names):
        module = provider.kind.extra[1]
        if module and not lacking(settings, provider):
            import_module("langchain.chat_models")
            import_module(module)


def _of_service(settings: Settings, provider: Provider) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    limits = provider.limits
    options: dict[str, Any] = {
        "api_key": secret(settings, provider.key) or _NO_KEY,
        "timeout": limits.seconds,
        "max_retries": 0,
        "max_tokens": limits.most_tokens,
    }
    if limits.temperature is not None:
        options["temperature"] = limits.temperature
    address = _address(provider)
    if address:
        options["base_url"] = address
    family = "openai" if provider.family in _SPEAK_OPENAI else provider.family
    if family == "openai":
        options |= {"use_responses_api": False, **_connections()}
    if family == "anthropic":
        # Its integration keeps one pool of connections for all models of an address, beyond the event loop that opened
        # them; the next loop's first question would break on one.
        options["default_headers"] = {"Connection": "close"}
    try:
        return cast("BaseChatModel", init_chat_model(provider.model, model_provider=family, **options))
    except Exception as error:
        # Clients refuse what they do not like each with an error class of their own.
        reason = " ".join(str(error).split())[:200]
        raise ConfigurationError(
            f"The model {provider.name!r} cannot be used: {reason}.", "See: nonet doctor"
        ) from error


def _connections() -> dict[str, Any]:
    """Make OpenAI's clients around one reading of the certificates, which is what making them costs (20 ms each)."""
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

    verify = _certificates()
    return {
        "http_client": DefaultHttpxClient(verify=verify),
        "http_async_client": DefaultAsyncHttpxClient(verify=verify),
    }


@cache
def _certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _address(provider: Provider) -> str:
    """Return where a model is asked; what runs on this machine is started by its first question."""
    if provider.family == "gguf":
        from nonet.providers import gguf

        return gguf.address(provider.model)
    if provider.family == "vllm" and not provider.limits.base_url:
        from nonet.providers import vllm

        return vllm.address(provider.model) if vllm.installed() else provider.address
    return provider.address
