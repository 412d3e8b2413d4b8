"""``tavily-search``: what is written about a topic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.errors import ToolError
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

    Where a service answers, the library and the folders answer beside it, by turns (web, library, folder): a run's
    research sees the user's documents whoever else is asked.
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
        """Answer a call; what the web says never takes the place of what the user has written down."""
        result = await super().call(arguments, context)
        if result.backend == folder.BACKEND:
            return result
        try:
            library, own, note = await asyncio.to_thread(folder.ranked, arguments.query, arguments.max_results, context)
        except ToolError as error:
            library, own, note = [], [], f"The folders were not searched: {error.message}"
        items = folder.by_turns(result.items, library, own)[: arguments.max_results]
        found = "" if result.items else f"{result.backend} found nothing."
        return result.model_copy(
            update={
                "items": items,
                "backend": f"{result.backend}, {folder.BACKEND}",
                "note": " ".join(filter(None, (result.note, found, note))),
            }
        )

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search in a thread: the first call reads and indexes the folders."""
        return await asyncio.to_thread(folder.search, arguments.query, arguments.max_results, context)
