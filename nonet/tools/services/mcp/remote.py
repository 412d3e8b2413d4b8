"""A tool answered by an MCP server: one that is started for the call, or one that listens at a URL.

The server is asked anew on each call and ended after it, so that a hung or lying one harms one call. What it returns is
data; what it says of its tools (descriptions, names) reaches no agent, which sees our tool and our schema.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from langchain_core.tools import BaseTool
from pydantic import BaseModel

from nonet.errors import Fault, ServiceError
from nonet.providers.reach import loopback
from nonet.settings import McpRoute
from nonet.tools.contract import Found, ToolContext
from nonet.tools.services import permission
from nonet.tools.services.mcp.items import items
from nonet.tools.services.remote import Remote

if TYPE_CHECKING:
    from mcp import ClientSession

_STATUS: Mapping[int, Fault] = {401: "key", 402: "key", 403: "key", 408: "timeout", 429: "limit"}
_ITEMS = 50


class McpRemote(Remote[BaseModel]):
    """The server of one route of the settings."""

    service = "mcp"
    remedy = "Mend the route under mcp: in nonet.yaml."
    keeps = False  # it may answer a tool that stores

    def __init__(self, tool: str, route: McpRoute) -> None:
        self._tool = route.tool or tool
        self._route = route
        self.name = f"mcp {self._tool}"

    def lacking(self, context: ToolContext) -> str:
        """Say what the route needs; a started server is asked offline only where its route is ``local``."""
        route, settings = self._route, context.settings
        here = route.local or (bool(route.url) and loopback(route.url))
        if settings.offline and not here:
            return permission.OFFLINE
        missing = [name for name in (*route.environment, route.key) if name and not os.environ.get(name)]
        if missing:
            return f"it needs {missing[0]}"
        return permission.lacking(settings, address=route.url or "http://127.0.0.1", extra="mcp:langchain_mcp_adapters")

    def address(self, context: ToolContext) -> str:
        """The command or the URL."""
        return self._route.url or " ".join(self._route.command)

    async def find(self, arguments: BaseModel, context: ToolContext) -> Found:
        """Start or reach the server, call its tool once, end it."""
        async with self._tools() as tools:
            theirs = _named(tools, self._tool)
            given = _translated(arguments, self._route.arguments, theirs)
            message = await theirs.ainvoke({"type": "tool_call", "id": "1", "name": theirs.name, "args": given})
        if message.status == "error":
            said = " ".join(message.text.split())[:200] or "it did not say why"
            raise ServiceError(f"{self.name} refused the call: {said}", "malformed")
        found = items(self.name, message.content, message.artifact)
        note = f"{len(found) - _ITEMS} more things were left out." if len(found) > _ITEMS else ""
        return Found(self.name, found[:_ITEMS], note)

    async def probe(self, context: ToolContext) -> None:
        """List the server's tools; the one that the route names must be among them."""
        async with self._tools() as tools:
            _named(tools, self._tool)

    @asynccontextmanager
    async def _tools(self) -> AsyncGenerator[list[BaseTool]]:
        from langchain_mcp_adapters.tools import load_mcp_tools

        try:
            async with _session(self._route) as session:
                await session.initialize()
                yield await load_mcp_tools(session)
        except ServiceError:
            raise
        except Exception as error:
            raise _failure(self.name, error) from error


@asynccontextmanager
async def _session(route: McpRoute) -> AsyncGenerator[ClientSession]:
    from langchain_mcp_adapters.sessions import Connection, create_session

    connection: Connection
    if route.url:
        key = os.environ.get(route.key, "") if route.key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else None
        connection = {"transport": "streamable_http", "url": route.url, "headers": headers}
    else:
        # Only these variables: a server that is started must not read the keys of others.
        names = ("PATH", "HOME", "LANG", "TMPDIR", *route.environment)
        environment = {name: os.environ[name] for name in names if name in os.environ}
        command, *rest = route.command
        connection = {
            "transport": "stdio",
            "command": command,
            "args": rest,
            "env": environment,
            "cwd": str(Path.cwd()),
            "encoding_error_handler": "replace",
        }
    async with create_session(connection) as session:
        yield session


def _named(tools: list[BaseTool], name: str) -> BaseTool:
    found = next((tool for tool in tools if tool.name == name), None)
    if found is None:
        theirs = ", ".join(tool.name for tool in tools[:20]) or "none"
        raise ServiceError(f"the MCP server has no tool {name!r}; its tools: {theirs}", "malformed")
    return found


def _translated(arguments: BaseModel, names: Mapping[str, str], theirs: BaseTool) -> dict[str, Any]:
    """Return our arguments under their names; those that their tool does not know are left out.

    Raises:
        ServiceError: their tool needs an argument that ours does not give.
    """
    given = {names.get(name, name): value for name, value in arguments.model_dump(mode="json").items()}
    schema = theirs.tool_call_schema if isinstance(theirs.tool_call_schema, dict) else {}
    known = schema.get("properties")
    if isinstance(known, dict) and known:
        given = {name: value for name, value in given.items() if name in known}
    missing = [name for name in schema.get("required", []) if name not in given]
    if missing:
        raise ServiceError(f"the MCP tool {theirs.name!r} needs {', '.join(missing)}", "malformed")
    return given


def _failure(name: str, error: Exception) -> ServiceError:
    """Name the first cause: the client's task groups wrap it, a connection's fault beside the cancelled rest."""
    import httpx

    causes = list(_leaves(error))
    for cause in causes:
        if isinstance(cause, ServiceError):
            return cause
        if isinstance(cause, httpx.HTTPStatusError):
            status = cause.response.status_code
            return ServiceError(f"{name}: HTTP {status}", _STATUS.get(status, "unavailable"))
    first = causes[0]
    said = " ".join(str(first).split())[:200] or type(first).__name__
    broken = isinstance(first, OSError | httpx.TransportError) or "closed" in said.lower()
    return ServiceError(f"{name}: {said}", "unavailable" if broken else "malformed")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _leaves(inner)
    else:
        yield error
