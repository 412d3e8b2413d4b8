"""``tavily-extract``: the text of several pages."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools.contract import Arguments, Found, Item, Tool, ToolContext
from nonet.tools.firecrawl import sources
from nonet.tools.firecrawl.pages.web import items
from nonet.tools.services.remote import Remote
from nonet.tools.tavily.service import Extract

PARTS = 3
"""Items of one page at most."""


class TavilyExtractArguments(Arguments):
    """Which pages."""

    urls: list[str] = Field(
        min_length=1,
        max_length=20,
        description="Pages to read: web addresses, or references that another tool returned (notes, the user's files).",
    )


class TavilyExtract(Tool[TavilyExtractArguments]):
    """The tool. What is embedded reads pages one after another, those of the web with ``web`` only."""

    name = "tavily-extract"
    service = "tavily"
    description = "Read the text of several pages at once: of the web, the library of notes or the user's folders."
    Arguments = TavilyExtractArguments

    def remotes(self) -> Sequence[Remote[TavilyExtractArguments]]:
        """Tavily, for pages of the web."""
        return (Extract(),)

    async def find(self, arguments: TavilyExtractArguments, context: ToolContext) -> Found:
        """Read each page; one that cannot be read is named, and only when none can the call fails.

        Raises:
            ToolError: no page could be read.
        """
        found: list[Item] = []
        said: list[str] = []
        failure: ToolError | None = None
        for url in dict.fromkeys(arguments.urls):
            try:
                source = await sources.read(url, context)
            except ToolError as error:
                failure = error
                said.append(f"{url} was not read: {error.message}")
                continue
            made, note = items(source.reference, source.title, source.reading, PARTS, source.where)
            found += made
            said += [note] if note else []
        if not found and failure is not None:
            raise ToolError(" ".join(said), failure.remedy)
        return Found("pages", found, " ".join(said))
