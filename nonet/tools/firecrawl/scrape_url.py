"""``scrape_url``: one page in full, as Markdown."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import unquote, urlsplit

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools import notes
from nonet.tools.contract import Arguments, Found, Item, Tool, ToolContext
from nonet.tools.documents import SUFFIXES, document
from nonet.tools.filesystem.read_file import parts
from nonet.tools.filesystem.roots import Roots

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


class ScrapeUrlArguments(Arguments):
    """Which page."""

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="A reference that another tool returned: 'note:…', or a file of the user's (path or file:// URL).",
    )


class ScrapeUrl(Tool[ScrapeUrlArguments]):
    """The tool. Its embedded backend reads notes of the library and files beneath the user's folders."""

    name = "scrape_url"
    service = "firecrawl"
    description = "Read one page in full as Markdown: a note of the library or a document of the user's."
    Arguments = ScrapeUrlArguments

    async def find(self, arguments: ScrapeUrlArguments, context: ToolContext) -> Found:
        """Read in a thread."""
        return await asyncio.to_thread(_read, arguments.url, context)


def _read(url: str, context: ToolContext) -> Found:
    if url.startswith(notes.PREFIX):
        return Found("library", [notes.find(url).item()])
    if _SCHEME.match(url):
        if urlsplit(url).scheme.lower() != "file":
            raise ToolError(f"{url} is on the network, which this tool does not read.", "Save the page in the folder.")
        url = unquote(urlsplit(url).path)
    roots = Roots(context)
    root, relative = roots.locate(url)
    if not relative.lower().endswith(SUFFIXES):
        raise ToolError(f"{url} is no page.", f"Pages end in {', '.join(SUFFIXES)}; read_file reads other text.")
    page = document(f"{root.name}/{relative}", roots.read(root, relative))
    found, note = parts(page.name, page.title, page.lines)
    if not page.lined:
        found = [_unlined(item, number) for number, item in enumerate(found, start=1)]
    return Found("folder", [item.model_copy(update={"facts": {"source": "folder"}}) for item in found], note)


def _unlined(item: Item, number: int) -> Item:
    """HTML has no lines worth citing: parts are numbered instead."""
    return item.model_copy(update={"reference": f"{item.reference.rsplit(':', 1)[0]}#part-{number}"})
