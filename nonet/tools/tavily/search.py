"""``tavily-search``: what is written about a topic."""

from __future__ import annotations

import asyncio

from pydantic import Field

from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.tavily import folder


class TavilySearchArguments(Arguments):
    """What to look for."""

    query: str = Field(min_length=1, max_length=2000, description="What to look for, in plain words.")
    max_results: int = Field(default=6, ge=1, le=20, description="Passages to return at most.")


class TavilySearch(Tool[TavilySearchArguments]):
    """The tool. Its embedded backend reads the user's folders and the library of notes."""

    name = "tavily-search"
    service = "tavily"
    description = (
        "Search what is written about a topic: techniques, trade-offs, practice. Returns ranked passages; facts.source "
        "says whether each comes from the user's own folders or from the library of notes."
    )
    Arguments = TavilySearchArguments

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search in a thread: the first call reads and indexes the folders."""
        return await asyncio.to_thread(folder.search, arguments.query, arguments.max_results, context)
