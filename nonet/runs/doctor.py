"""What would answer here: for each tool and chat model, what is configured, what answers, what is used instead."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from nonet import tools
from nonet.agents.models import EXTRAS
from nonet.agents.playbook import NAME as PLAYBOOK
from nonet.errors import ServiceError, ToolError
from nonet.settings import Settings
from nonet.state import Json
from nonet.tools.contract import Tool, ToolContext
from nonet.tools.services.asking import candidates, only_remote
from nonet.tools.services.remote import Remote

PROBE_SECONDS = 10.0
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY"}


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


async def doctor(settings: Settings) -> list[Checkup]:
    """Ask every service that may be asked whether it answers; the same limits hold as for a call.

    Raises:
        ConfigurationError: the settings speak of a tool that is not there.
    """
    tools.check(settings)
    context = ToolContext(settings)
    checked = await asyncio.gather(*(_tool(tools.get(name), context) for name in tools.names()))
    return [*checked, _models(settings)]


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


def _models(settings: Settings) -> Checkup:
    """The agents' model. None is asked: the cheapest question to a model costs money."""
    wanted = settings.model.partition(":")[0]
    found = [_provider(name, wanted, settings) for name in EXTRAS]
    used = next((each.name for each in found if each.answers and each.name == wanted), PLAYBOOK)
    return Checkup("chat model", "provider", used, (*found, Backend(PLAYBOOK, answers=True)))


def _provider(name: str, wanted: str, settings: Settings) -> Backend:
    module, extra = EXTRAS[name]
    lacks: Sequence[tuple[bool, str, str]] = (
        (find_spec(module) is None, "its client is not installed", f"pip install 'nonet[{extra}]'"),
        (not os.environ.get(_KEYS[name]), f"it needs {_KEYS[name]}", f"Set {_KEYS[name]}."),
        (settings.offline, "it is on the network, and the run is offline", "Leave out --offline."),
        (name != wanted, "it is not chosen", f"Say model: {name}:MODEL in nonet.yaml."),
    )
    missing = next(((said, remedy) for lacking, said, remedy in lacks if lacking), None)
    return Backend(
        name, answers=missing is None, said=missing[0] if missing else "", remedy=missing[1] if missing else ""
    )
