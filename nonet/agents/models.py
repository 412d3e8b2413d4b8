"""Which chat model an agent thinks with: the playbook, or a provider's with the playbook behind it."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from nonet.agents.playbook import NAME, PlaybookModel
from nonet.providers.provider import Provider, lacking, resolve
from nonet.providers.spending import Spending
from nonet.settings import Settings


@dataclass(frozen=True)
class Chosen:
    """A model, what stands in when it fails (``None``: it is the playbook already), and what must be said of it.

    ``provider`` is how it is asked; ``None`` where there is nobody to ask.
    """

    name: str
    model: BaseChatModel
    fallback: BaseChatModel | None = None
    notes: tuple[str, ...] = ()
    provider: Provider | None = None


def choose(settings: Settings, playbook: PlaybookModel, spending: Spending | None = None, step: str = "") -> Chosen:
    """Choose by ``settings.model``: ``playbook``, a name under ``providers``, or ``FAMILY:MODEL``.

    Args:
        settings: the configuration.
        playbook: what stands in, or thinks alone.
        spending: the run's journal and limits (default: none).
        step: who asks, for the record.

    Raises:
        MissingExtraError: the provider's client is not installed.
        ConfigurationError: the provider is unknown, or its key is missing.
    """
    if settings.model == NAME:
        return Chosen(NAME, playbook)
    provider = resolve(settings, settings.model)
    lack = lacking(settings, provider)
    if lack and lack.kind == "offline":
        return Chosen(NAME, playbook, notes=(f"offline: {settings.model} was not asked, the playbook was.",))
    from nonet.providers.metered import MeteredModel

    model = MeteredModel.of(settings, provider, spending or Spending(), step)
    return Chosen(settings.model, model, playbook, provider=provider)
