"""``scrape_url``: one page in full, as Markdown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools import notes
from nonet.tools.contract import Arguments, Found, Item, Tool, ToolContext
from nonet.tools.documents import document
from nonet.tools.filesystem.read_file import parts
from nonet.tools.firecrawl import sources
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.confined import Reader
from nonet.tools.firecrawl.pages.web import PARTS, Web, items
from nonet.tools.firecrawl.service import RemoteScrape
from nonet.tools.services.remote import Remote


class ScrapeUrlArguments(Arguments):
    """Which page."""

    url: str = Field(
        min_length=1,
        max_length=2000,
        description=(
            "A page of the web (http(s)://HOST/PATH), a reference that another tool returned ('note:…'), or a document "
            "of the user's (path or file:// URL)."
        ),
    )


class ScrapeUrl(Tool[ScrapeUrlArguments]):
    """The tool. Embedded it reads pages of the web, notes of the library and documents beneath the user's folders."""

    name = "scrape_url"
    service = "firecrawl"
    description = (
        "Read one page in full as Markdown: a page of the web, a note of the library or a document of the user's; "
        "PDFs too."
    )
    Arguments = ScrapeUrlArguments

    def remotes(self) -> Sequence[Remote[ScrapeUrlArguments]]:
        """Firecrawl, by its key or at an address of the user's."""
        return (RemoteScrape(),)

    async def find(self, arguments: ScrapeUrlArguments, context: ToolContext) -> Found:
        """Read from here."""
        url = arguments.url
        if addresses.web(url):
            async with Web(context.settings) as web:
                found, note = (await web.page(url)).items()
            return Found("web", found, note)
        if url.startswith(notes.PREFIX):
            return Found("library", [notes.find(url).item()])
        name, content = await asyncio.to_thread(sources.document, url, context)
        if not name.lower().endswith(sources.PDF):
            return await asyncio.to_thread(_document, name, content)
        async with Reader() as reader:
            reading = await reader.read("pdf", name, content)
        found, note = items(name, reading.title or name, reading, PARTS, "folder")
        return Found("folder", found, note)


def _document(name: str, content: bytes) -> Found:
    page = document(name, content)
    found, note = parts(page.name, page.title, page.lines)
    if not page.lined:
        found = [_unlined(item, number) for number, item in enumerate(found, start=1)]
    return Found("folder", [item.model_copy(update={"facts": {"source": "folder"}}) for item in found], note)


def _unlined(item: Item, number: int) -> Item:
    """HTML has no lines worth citing: parts are numbered instead."""
    return item.model_copy(update={"reference": f"{item.reference.rsplit(':', 1)[0]}#part-{number}"})
