"""``tavily-extract``: the text of several pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools.contract import Arguments, Found, Item, Tool, ToolContext, ToolResult
from nonet.tools.firecrawl import sources
from nonet.tools.firecrawl.pages.web import items
from nonet.tools.services.remote import Remote
from nonet.tools.tavily.service import PARTS, Extract

AT_ONCE = 4
"""Pages that what is embedded reads at one time."""


class TavilyExtractArguments(Arguments):
    """Which pages."""

    urls: list[str] = Field(
        min_length=1,
        max_length=20,
        description="Pages to read: web addresses, or references that another tool returned (notes, the user's files).",
    )


class TavilyExtract(Tool[TavilyExtractArguments]):
    """The tool. What is embedded reads notes, the user's documents and, with ``web``, pages of the web.

    Of a call that names both, the service is asked for the public pages alone.
    """

    name = "tavily-extract"
    service = "tavily"
    description = "Read the text of several pages at once: of the web, the library of notes or the user's folders."
    Arguments = TavilyExtractArguments

    def remotes(self) -> Sequence[Remote[TavilyExtractArguments]]:
        """Tavily, for pages of the web."""
        return (Extract(),)

    async def call(self, arguments: TavilyExtractArguments, context: ToolContext) -> ToolResult:
        """Answer a call; what lies here is read here, whoever reads the web.

        Raises:
            ToolError: no page could be read.
        """
        urls = list(dict.fromkeys(arguments.urls))
        public = [url for url in urls if Extract().answers(TavilyExtractArguments(urls=[url]), context)]
        here = [url for url in urls if url not in public]
        if self.name in context.settings.mcp or not public or not here:
            return await super().call(TavilyExtractArguments(urls=urls), context)
        answer = super().call
        halves = [answer(TavilyExtractArguments(urls=part), context) for part in (public, here)]
        return _joined(await asyncio.gather(*halves, return_exceptions=True))

    async def find(self, arguments: TavilyExtractArguments, context: ToolContext) -> Found:
        """Read each page; one that cannot be read is named, and only when none can the call fails.

        Raises:
            ToolError: no page could be read.
        """
        turns = asyncio.Semaphore(AT_ONCE)

        async def read(url: str) -> tuple[list[Item], str] | ToolError:
            async with turns:
                try:
                    source = await sources.read(url, context)
                except ToolError as error:
                    return error
            return items(source.reference, source.title, source.reading, PARTS, source.where)

        urls = list(dict.fromkeys(arguments.urls))
        found: list[Item] = []
        said: list[str] = []
        remedy = ""
        for url, read_ in zip(urls, await asyncio.gather(*map(read, urls)), strict=True):
            if isinstance(read_, ToolError):
                said.append(f"{url} was not read: {read_.message}")
                remedy = remedy or read_.remedy
            else:
                found += read_[0]
                said += [read_[1]] if read_[1] else []
        if not found:
            raise ToolError(" ".join(said), remedy)
        return Found("pages", found, " ".join(said))


def _joined(answers: Sequence[ToolResult | BaseException]) -> ToolResult:
    """Make one answer of two; of a half that failed the reason stands in the note, unless both failed."""
    read = [each for each in answers if isinstance(each, ToolResult)]
    failed = [each for each in answers if isinstance(each, BaseException)]
    for failure in failed:
        if not isinstance(failure, ToolError) or not read:
            raise failure
    notes = [each.note for each in read] + [each.message for each in failed if isinstance(each, ToolError)]
    return read[0].model_copy(
        update={
            "items": [item for each in read for item in each.items],
            "backend": ", ".join(dict.fromkeys(each.backend for each in read)),
            "note": " ".join(filter(None, notes)),
            "seconds": max(each.seconds for each in read),
        }
    )
