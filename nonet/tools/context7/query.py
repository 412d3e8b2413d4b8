"""``c7_query``: what an installed library's documentation says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools.context7 import documentation
from nonet.tools.context7.service import RemoteQuery
from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.services.remote import Remote


class QueryArguments(Arguments):
    """Which library, and the question."""

    library: str = Field(min_length=1, max_length=100, description="The library's name, as c7_projects_list gives it.")
    query: str = Field(
        min_length=1, max_length=2000, description="What to know: names of classes or functions, or plain words."
    )
    max_results: int = Field(default=5, ge=1, le=20, description="Answers to return at most.")


class Query(Tool[QueryArguments]):
    """The tool. Its embedded backend reads the sources that are installed, so that answers fit their version."""

    name = "c7_query"
    service = "context7"
    description = (
        "Ask the documentation of one library: signatures, docstrings and README at the version installed, with file "
        "and line; facts.defaults holds the defaults of a signature."
    )
    Arguments = QueryArguments

    def remotes(self) -> Sequence[Remote[QueryArguments]]:
        """Context7, for libraries that are not installed."""
        return (RemoteQuery(),)

    async def find(self, arguments: QueryArguments, context: ToolContext) -> Found:
        """Read in a thread: a large library takes a second or two the first time."""
        return await asyncio.to_thread(
            documentation.answer, arguments.library, arguments.query, arguments.max_results, context
        )
