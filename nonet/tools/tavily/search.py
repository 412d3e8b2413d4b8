"""``tavily-search``: what is written about a topic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools.contract import Arguments, Found, Tool, ToolContext, ToolResult
from nonet.tools.services.remote import Remote
from nonet.tools.tavily import folder
from nonet.tools.tavily.open_search import OpenSearch
from nonet.tools.tavily.service import Search


class TavilySearchArguments(Arguments):
    """What to look for."""

    query: str = Field(min_length=1, max_length=2000, description="What to look for, in plain words.")
    max_results: int = Field(default=6, ge=1, le=20, description="Passages to return at most.")


class TavilySearch(Tool[TavilySearchArguments]):
    """The tool. Its embedded backend reads the user's folders and the library of notes.

    Where a service answers, the folders and the library answer beside it: what the web says never takes the place of
    what the user has written down.
    """

    name = "tavily-search"
    service = "tavily"
    description = (
        "Search what is written about a topic: techniques, trade-offs, practice. Returns ranked passages; facts.source "
        "says whether each comes from the web, the user's own folders or the library of notes."
    )
    Arguments = TavilySearchArguments

    def remotes(self) -> Sequence[Remote[TavilySearchArguments]]:
        """Tavily, then open search."""
        return (Search(), OpenSearch())

    async def call(self, arguments: TavilySearchArguments, context: ToolContext) -> ToolResult:
        """Answer a call; what a service found is followed by what is the user's own, half as much."""
        result = await super().call(arguments, context)
        if not any(item.facts.get("source") == "web" for item in result.items):
            return result
        own = await self.find(arguments.model_copy(update={"max_results": -(-arguments.max_results // 2)}), context)
        backend = f"{result.backend}, {own.backend}"
        note = " ".join(filter(None, (result.note, own.note)))
        return result.model_copy(update={"items": [*result.items, *own.items], "backend": backend, "note": note})

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search in a thread: the first call reads and indexes the folders."""
        return await asyncio.to_thread(folder.search, arguments.query, arguments.max_results, context)
