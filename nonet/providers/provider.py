"""A model that can be asked, by the name that settings, reports and people give it.

``openai:``, ``anthropic:`` and ``google_genai:`` are services; ``vllm:`` and ``openai_compatible:`` any address that
speaks OpenAI's chat completions (llama.cpp, Ollama, LiteLLM); ``cli:`` a command-line agent; ``gguf:`` a file of
one's own, run in this process; ``playbook`` the rules that need no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal

from nonet.errors import ConfigurationError
from nonet.providers.keys import secret
from nonet.providers.reach import OFFLINE, loopback
from nonet.settings import ProviderSettings, Settings

PLAYBOOK = "playbook"


@dataclass(frozen=True)
class Family:
    """What models of one kind have in common.

    Attributes:
        key: variable of its key, "" where there is none.
        keyless: whether it may be asked without a key.
        address: where it is asked unless the settings say otherwise; "" is the service's own address.
        extra: the extra of Nonet that installs its client, and the client's module.
        leaves: whether what is asked leaves this machine (loopback addresses never do).
    """

    key: str = ""
    keyless: bool = False
    address: str = ""
    extra: tuple[str, str] = ("", "")
    leaves: bool = True


_OPENAI = ("openai", "langchain_openai")
FAMILIES: Mapping[str, Family] = {
    "openai": Family(key="OPENAI_API_KEY", extra=_OPENAI),
    "anthropic": Family(key="ANTHROPIC_API_KEY", extra=("anthropic", "langchain_anthropic")),
    "google_genai": Family(key="GOOGLE_API_KEY", extra=("google", "langchain_google_genai")),
    "vllm": Family(key="VLLM_API_KEY", keyless=True, address="http://127.0.0.1:8000/v1", extra=_OPENAI),
    "openai_compatible": Family(key="OPENAI_COMPATIBLE_API_KEY", keyless=True, extra=_OPENAI),
    "cli": Family(keyless=True),
    "gguf": Family(keyless=True, extra=("gguf", "xllamacpp"), leaves=False),
}


@dataclass(frozen=True)
class Provider:
    """One model, and how it is asked.

    Attributes:
        name: what the settings call it.
        family: a name of ``FAMILIES``.
        model: the model's name there, an agent's name, or a file.
        limits: address, key, time limit, concurrency, tokens a minute and price, as the settings say.
    """

    name: str
    family: str
    model: str
    limits: ProviderSettings = field(repr=False)

    @property
    def kind(self) -> Family:
        """What its family has in common."""
        return FAMILIES[self.family]

    @property
    def address(self) -> str:
        """Where it is asked; "" is the service's own address."""
        return self.limits.base_url or self.kind.address

    @property
    def key(self) -> str:
        """The variable that holds its key."""
        return self.limits.key or self.kind.key


def resolve(settings: Settings, name: str) -> Provider:
    """Return a model by a name of ``providers`` in the settings, or as ``FAMILY:MODEL``.

    Raises:
        ConfigurationError: there is none of that name, or its family is unknown.
    """
    limits = settings.providers.get(name)
    family, colon, model = (limits.model if limits else name).partition(":")
    if family not in FAMILIES or not (colon and model):
        known = ", ".join([*settings.providers, *(f"{each}:MODEL" for each in FAMILIES), PLAYBOOK])
        raise ConfigurationError(f"The model {name!r} names no provider.", f"Known: {known}.")
    provider = Provider(name, family, model, limits or ProviderSettings(model=name))
    if family == "openai_compatible" and not provider.address:
        raise ConfigurationError(
            f"The model {name!r} has no address.", f"Set providers: {{{name}: {{base_url: URL}}}}."
        )
    return provider


@dataclass(frozen=True)
class Lack:
    """Why a model may not be asked: what is missing, in a sentence, and what turns it on."""

    kind: Literal["offline", "key", "client", "program"]
    said: str
    remedy: str


def lacking(settings: Settings, provider: Provider) -> Lack | None:
    """Say why a model may not be asked, ``None`` when it may. Asks nobody."""
    kind = provider.kind
    if settings.offline and kind.leaves and not loopback(provider.address):
        return Lack("offline", OFFLINE, "Leave out --offline.")
    if not kind.keyless and not secret(settings, provider.key):
        return Lack("key", f"it needs {provider.key}", f"Set {provider.key}.")
    if provider.family == "cli":
        return _uninstalled(settings, provider)
    extra, module = kind.extra
    if module and find_spec(module) is None:
        command = f"pip install 'nonet[{extra}]'"
        return Lack("client", f"it needs its client: {command}", f"{command}.")
    return None


def _uninstalled(settings: Settings, provider: Provider) -> Lack | None:
    from shutil import which

    from nonet.providers.command_line.description import describe

    program = describe(settings, provider.model.partition("/")[0]).command[0]
    if which(program):
        return None
    return Lack("program", f"the program {program!r} is not on PATH", f"Install {program}, or put it on PATH.")
