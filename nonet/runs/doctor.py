"""What would answer here: for each tool and chat model, what is configured, what answers, what is used instead."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from typing import Any

from nonet import tools
from nonet.errors import NonetError, ServiceError, ToolError
from nonet.providers.provider import FAMILIES, PLAYBOOK, lacking, resolve
from nonet.settings import Settings
from nonet.state import Json
from nonet.tools.contract import Tool, ToolContext
from nonet.tools.services.asking import candidates, only_remote
from nonet.tools.services.remote import Remote

PROBE_SECONDS = 10.0
PROBE = "Answer with the one word: yes."


@dataclass(frozen=True)
class Backend:
    """One that could answer.

    Attributes:
        name: as evidence calls it; ``embedded`` for what needs neither key nor server.
        answers: whether it answered just now, or is ready where there is nothing to ask.
        said: why it does not, "" where it does.
        remedy: how to turn it on, "" where it is.
    """

    name: str
    answers: bool
    said: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Checkup:
    """One tool, or the chat model of the agents: who could answer, first to last, and who does."""

    name: str
    kind: str
    used: str
    backends: tuple[Backend, ...]

    def json(self) -> dict[str, Json]:
        """Return it as JSON."""
        return {**asdict(self), "backends": [asdict(backend) for backend in self.backends]}


async def doctor(settings: Settings, probe: bool = False) -> list[Checkup]:
    """Ask every service that may be asked whether it answers; the same limits hold as for a call.

    Args:
        settings: the configuration.
        probe: send each chat model that the settings name one short request, which may cost money.

    Raises:
        ConfigurationError: the settings speak of a tool that is not there.
    """
    tools.check(settings)
    context = ToolContext(settings)
    checked = await asyncio.gather(*(_tool(tools.get(name), context) for name in tools.names()))
    return [*checked, await _models(settings, probe)]


async def _tool(tool: Tool[Any], context: ToolContext) -> Checkup:
    remotes = await asyncio.gather(*(_remote(each, context) for each in candidates(tool, context)))
    lack = await asyncio.to_thread(tool.unready, context)
    alone = only_remote(tool, context)
    last = Backend(
        "embedded",
        answers=not lack and not alone,
        said=f"the settings want {tool.service} alone" if alone else lack,
        remedy=f"Say backends: {{{tool.service}: auto}}." if alone else tool.readying if lack else "",
    )
    found = (*remotes, last)
    return Checkup(tool.name, "tool", next((each.name for each in found if each.answers), "none"), found)


async def _remote(remote: Remote[Any], context: ToolContext) -> Backend:
    lack = remote.lacking(context)
    if lack:
        return Backend(remote.name, answers=False, said=lack, remedy=remote.remedy)
    try:
        async with asyncio.timeout(min(PROBE_SECONDS, context.settings.tool_seconds)):
            await remote.probe(context)
    except TimeoutError:
        return Backend(remote.name, answers=False, said="it does not answer in time", remedy="Ask again later.")
    except ToolError as error:
        fault = error.fault if isinstance(error, ServiceError) else ""
        remedy = remote.remedy if fault == "key" else error.remedy or "Ask again later."
        return Backend(remote.name, answers=False, said=error.message, remedy=remedy)
    return Backend(remote.name, answers=True)


async def _models(settings: Settings, probe: bool) -> Checkup:
    """The agents' model and the council's; those that nobody chose are told with what they need."""
    named = [name for name in dict.fromkeys([*_chosen(settings), *settings.providers]) if name != PLAYBOOK]
    found = [_provider(name, settings) for name in dict.fromkeys([*named, *_services()])]
    if probe:
        found = [
            *await asyncio.gather(*(_probed(each, settings) for each in found[: len(named)])),
            *found[len(named) :],
        ]
    used = next((each.name for each in found if each.answers and each.name == settings.model), PLAYBOOK)
    return Checkup("chat model", "provider", used, (*found, Backend(PLAYBOOK, answers=True)))


async def _probed(backend: Backend, settings: Settings) -> Backend:
    """Ask a model to say one word, unless it is known that it cannot be asked."""
    from nonet.providers.metered import MeteredModel
    from nonet.providers.spending import Spending

    provider = resolve(settings, backend.name)
    if lacking(settings, provider):
        return backend
    try:
        model = await asyncio.to_thread(MeteredModel.of, settings, provider, Spending(), "doctor")
        await model.ainvoke(PROBE)
    except NonetError as error:
        return replace(
            backend, answers=False, said=error.message, remedy=error.remedy or "Mend its settings, or its key."
        )
    return backend


def _services() -> list[str]:
    return [f"{name}:MODEL" for name, family in FAMILIES.items() if not family.keyless]


def _provider(name: str, settings: Settings) -> Backend:
    provider = resolve(settings, name)
    lack = lacking(settings, provider)
    if not lack and name not in _chosen(settings):
        return Backend(name, answers=False, said="it is not chosen", remedy=f"Say model: {name} in nonet.yaml.")
    if not lack:
        return Backend(name, answers=True)
    choosing = f" Then say model: {name} in nonet.yaml." if name not in _chosen(settings) else ""
    return Backend(name, answers=False, said=lack.said, remedy=lack.remedy + choosing)


def _chosen(settings: Settings) -> tuple[str, ...]:
    return (settings.model, *(seat.provider for seat in settings.seats))
