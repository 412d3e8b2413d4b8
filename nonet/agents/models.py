"""Which chat model an agent thinks with: the playbook, or a provider's with the playbook behind it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from langchain_core.language_models import BaseChatModel

from nonet.agents.playbook import NAME, PlaybookModel
from nonet.errors import ConfigurationError, MissingExtraError
from nonet.settings import Settings

EXTRAS = {
    "openai": ("langchain_openai", "openai"),
    "anthropic": ("langchain_anthropic", "anthropic"),
    "google_genai": ("langchain_google_genai", "google"),
}


@dataclass(frozen=True)
class Chosen:
    """A model, what stands in when it fails (``None``: it is the playbook already), and what must be said of it."""

    name: str
    model: BaseChatModel
    fallback: BaseChatModel | None = None
    notes: tuple[str, ...] = ()


def choose(settings: Settings, playbook: PlaybookModel) -> Chosen:
    """Choose by ``settings.model``: ``playbook``, or ``provider:model`` as ``init_chat_model`` takes it.

    Raises:
        MissingExtraError: the provider's package is not installed.
        ConfigurationError: the provider is unknown, or its key is missing.
    """
    if settings.model == NAME:
        return Chosen(NAME, playbook)
    if settings.offline:
        return Chosen(NAME, playbook, notes=(f"offline: {settings.model} was not asked, the playbook was.",))
    provider = settings.model.partition(":")[0]
    if provider not in EXTRAS:
        known = ", ".join(f"{name}:MODEL" for name in EXTRAS)
        raise ConfigurationError(f"The model {settings.model!r} names no provider.", f"Known: {NAME}, {known}.")
    module, extra = EXTRAS[provider]
    if find_spec(module) is None:
        raise MissingExtraError(extra, f"The model {settings.model}")
    from langchain.chat_models import init_chat_model

    try:
        model = init_chat_model(settings.model)
    except Exception as error:
        # Providers refuse a missing key each with an error class of their own.
        reason = " ".join(str(error).split())[:200]
        raise ConfigurationError(f"The model {settings.model!r} cannot be used: {reason}.", "Set its key.") from error
    return Chosen(settings.model, model, playbook)
