"""``c7_query``: what a library's documentation says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools.context7 import documentation
from nonet.tools.context7.installed import find
from nonet.tools.context7.service import RemoteQuery, alone
from nonet.tools.contract import Arguments, Found, Tool, ToolContext, ToolResult
from nonet.tools.services.remote import Remote


class QueryArguments(Arguments):
    """Which library, and the question."""

    library: str = Field(
        min_length=1,
        max_length=100,
        description="The library's name, as c7_projects_list gives it; 'NAME@VERSION' for one version.",
    )
    query: str = Field(
        min_length=1, max_length=2000, description="What to know: names of classes or functions, or plain words."
    )
    max_results: int = Field(default=5, ge=1, le=20, description="Answers to return at most.")


class Query(Tool[QueryArguments]):
    """The tool. Its embedded backend reads the sources that are installed, so that answers fit their version.

    Of an installed library its own sources answer, of another Context7; whichever finds nothing, the other is asked.
    """

    name = "c7_query"
    service = "context7"
    description = (
        "Ask the documentation of one library: signatures, docstrings and README at the version installed, with file "
        "and line; facts.defaults holds the defaults of a signature. Of a library that is not installed, what Context7 "
        "says, where it may be asked."
    )
    Arguments = QueryArguments

    def remotes(self) -> Sequence[Remote[QueryArguments]]:
        """Context7, for libraries that are not installed."""
        return (RemoteQuery(),)

    async def call(self, arguments: QueryArguments, context: ToolContext) -> ToolResult:
        """Answer a call by the library's own sources or by the service, and by the other where one finds nothing."""
        if alone(context):
            return await super().call(await asyncio.to_thread(_pinned, arguments, context), context)
        result = await super().call(arguments, context)
        settings = context.settings
        if result.items or self.name in settings.mcp or settings.backends.get(self.service) == "embedded":
            return result
        if result.backend != documentation.BACKEND:
            return _joined(result, await super().call(arguments, _by("embedded", context)))
        if RemoteQuery().lacking(context):
            return result
        try:
            pinned = await asyncio.to_thread(_pinned, arguments, context)
            return _joined(result, await super().call(pinned, _by("remote", context)))
        except ToolError as error:
            return result.model_copy(update={"note": f"{result.note} context7 did not answer: {error.message}."})

    async def find(self, arguments: QueryArguments, context: ToolContext) -> Found:
        """Read in a thread: a large library takes some seconds the first time."""
        return await asyncio.to_thread(
            documentation.answer, arguments.library, arguments.query, arguments.max_results, context
        )


def _pinned(arguments: QueryArguments, context: ToolContext) -> QueryArguments:
    """Ask of an installed library at its version, so that the service's answer is of it and is kept by it."""
    library = None if "@" in arguments.library else find(arguments.library, context.environment)
    if library is None:
        return arguments
    return arguments.model_copy(update={"library": f"{arguments.library}@{library.version}"})


def _by(backend: Literal["embedded", "remote"], context: ToolContext) -> ToolContext:
    backends = {**context.settings.backends, "context7": backend}
    return replace(context, settings=context.settings.model_copy(update={"backends": backends}))


def _joined(first: ToolResult, second: ToolResult) -> ToolResult:
    note = " ".join(filter(None, (first.note, second.note)))
    return second.model_copy(update={"note": note, "seconds": first.seconds + second.seconds})
