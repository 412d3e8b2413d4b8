"""One call of a tool: the services that may be asked, in order; then what is embedded.

A service that fails is asked again where that may help, and within the time limit; then the next one answers, and the
answer says so. Only where the settings say ``remote`` does its failure stand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from nonet.errors import ServiceError, ToolError
from nonet.providers.retrying import retried
from nonet.tools.contract import Found, Tool, ToolContext
from nonet.tools.services import cache, pace
from nonet.tools.services.record import Call
from nonet.tools.services.remote import Remote


async def answered(tool: Tool[Any], arguments: BaseModel, context: ToolContext) -> Found:
    """Answer a call.

    Raises:
        ServiceError: a service failed, and the settings want it alone, or what is embedded could not answer either.
        ToolError: the call failed.
    """
    said: list[str] = []
    failure: ServiceError | None = None
    for remote in chosen(tool, arguments, context):
        try:
            found = await _asked(tool, remote, arguments, context)
        except ServiceError as error:
            failure = error
            said.append(f"{remote.name} did not answer ({error.message.rstrip('.')})")
            continue
        return _saying(found, said)
    if failure is not None and only_remote(tool, context):
        raise failure
    try:
        found = await _embedded(tool, arguments, context)
    except ToolError as error:
        if failure is None:
            raise
        # Neither answered: whoever asked must know of both, and the remedy of what is embedded is the nearer one.
        message = f"{'; '.join(said)}. {error.message}"
        raise ServiceError(message, failure.fault, error.remedy, failure.retry_after) from error
    return _saying(found, said)


def _saying(found: Found, failures: Sequence[str]) -> Found:
    """Say who failed before this answer."""
    if not failures:
        return found
    return replace(
        found, note=" ".join(["; ".join([*failures, f"{found.backend} answered instead."]), found.note]).strip()
    )


def chosen(tool: Tool[Any], arguments: BaseModel, context: ToolContext) -> list[Remote[Any]]:
    """Return the services that a call asks, first to last; none where the call is no service's business.

    Raises:
        ToolError: the settings want a service alone that may not be asked.
    """
    asked = [remote for remote in candidates(tool, context) if remote.answers(arguments, context)]
    lacks = [(remote, remote.lacking(context)) for remote in asked]
    may = [remote for remote, lack in lacks if not lack]
    if not may and lacks and only_remote(tool, context):
        remote, lack = lacks[0]
        raise ToolError(f"{tool.name}: {remote.name} is chosen, but {lack}.", remote.remedy)
    return may


def candidates(tool: Tool[Any], context: ToolContext) -> list[Remote[Any]]:
    """Return the services that the settings let answer, whether or not they can be asked now."""
    route = context.settings.mcp.get(tool.name)
    remotes = [] if context.settings.backends.get(tool.service) == "embedded" else list(tool.remotes())
    if route is None:
        return remotes
    from nonet.tools.services.mcp.remote import McpRemote

    return [McpRemote(tool.name, route), *remotes]


def only_remote(tool: Tool[Any], context: ToolContext) -> bool:
    """Whether the settings want this tool's service and nothing else."""
    return context.settings.backends.get(tool.service) == "remote"


async def _asked(tool: Tool[Any], remote: Remote[Any], arguments: BaseModel, context: ToolContext) -> Found:
    settings, began = context.settings, time.perf_counter()
    request = cache.key(tool.name, remote.name, remote.address(context), arguments)
    found = await asyncio.to_thread(cache.kept, settings, request) if remote.keeps else None
    if found is not None:
        _record(context, tool, remote.name, "kept", began, found, remote=True, attempts=0)
        return found
    attempts = _Attempts(remote, arguments, context)
    try:
        async with asyncio.timeout(settings.tool_seconds):
            found = await retried(attempts.one, settings.tool_seconds)
    except TimeoutError as error:
        failed = ServiceError(f"no answer within {settings.tool_seconds:g} s", "timeout")
        _record(context, tool, remote.name, failed.fault, began, None, remote=True, attempts=attempts.made)
        raise failed from error
    except ToolError as error:
        outcome = error.fault if isinstance(error, ServiceError) else "refused"
        _record(context, tool, remote.name, outcome, began, None, remote=True, attempts=attempts.made)
        raise
    if remote.keeps:
        await asyncio.to_thread(cache.keep, settings, request, found)
    _record(context, tool, remote.name, "answered", began, found, remote=True, attempts=attempts.made)
    return found


class _Attempts:
    """The requests of one call."""

    def __init__(self, remote: Remote[Any], arguments: BaseModel, context: ToolContext) -> None:
        self.made = 0
        self._remote = remote
        self._arguments = arguments
        self._context = context

    async def one(self) -> Found:
        await pace.turn(self._remote.name, self._context.settings.requests_per_minute)
        self.made += 1
        return await self._remote.find(self._arguments, self._context)


async def _embedded(tool: Tool[Any], arguments: BaseModel, context: ToolContext) -> Found:
    began = time.perf_counter()
    try:
        found = await tool.find(arguments, context)
    except ToolError:
        _record(context, tool, "embedded", "refused", began, None, remote=False)
        raise
    _record(context, tool, found.backend, "answered", began, found, remote=False)
    return found


def _record(
    context: ToolContext,
    tool: Tool[Any],
    backend: str,
    outcome: str,
    began: float,
    found: Found | None,
    *,
    remote: bool,
    attempts: int = 1,
) -> None:
    if context.record is None:
        return
    items = found.items if found else []
    context.record(
        Call(
            tool=tool.name,
            backend=backend,
            remote=remote,
            outcome=outcome,
            seconds=round(time.perf_counter() - began, 3),
            attempts=attempts,
            size=sum(len(item.excerpt) + len(item.title) for item in items),
            items=len(items),
        )
    )
