"""``crawl_url``: a page and those that it leads to on the same host."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.crawling import Crawled, crawl
from nonet.tools.firecrawl.pages.web import Web
from nonet.tools.firecrawl.service import RemoteCrawl
from nonet.tools.services.remote import Remote


class CrawlUrlArguments(Arguments):
    """Where to begin, and how far to go."""

    url: str = Field(min_length=1, max_length=2000, description="Page of the web to begin at: http(s)://HOST/PATH.")
    depth: int = Field(
        default=1, ge=0, le=5, description="Links to follow from there at most; 0 reads that page alone."
    )
    pages: int = Field(default=10, ge=1, le=50, description="Pages to read at most.")


class CrawlUrl(Tool[CrawlUrlArguments]):
    """The tool."""

    name = "crawl_url"
    service = "firecrawl"
    description = (
        "Read a page of the web and the pages that it leads to on the same host, each up to its first "
        f"{EXCERPT_LIMIT} characters; scrape_url reads one in full."
    )
    Arguments = CrawlUrlArguments

    def remotes(self) -> Sequence[Remote[CrawlUrlArguments]]:
        """Firecrawl, by its key or at an address of the user's."""
        return (RemoteCrawl(),)

    async def find(self, arguments: CrawlUrlArguments, context: ToolContext) -> Found:
        """Crawl from here."""
        if not addresses.web(arguments.url):
            raise ToolError(f"{arguments.url[:200]!r} is no page of the web.", "scrape_url reads notes and files.")
        async with Web(context.settings) as web:
            found = await crawl(arguments.url, arguments.depth, arguments.pages, context.settings, web)
        items = [
            Item(
                reference=page.address.url, title=page.title, excerpt=page.text[:EXCERPT_LIMIT], facts={"source": "web"}
            )
            for page in found.pages
        ]
        return Found("web", items, _note(found))


def _note(found: Crawled) -> str:
    cut = sum(len(page.text) > EXCERPT_LIMIT for page in found.pages)
    said = [f"{cut} pages are longer than what is shown; read them with scrape_url."] if cut else []
    if found.stopped:
        said.append(f"The crawl did not read all: {found.stopped}.")
    if found.passed_over:
        said.append(f"{found.passed_over} addresses look endless and were passed over.")
    if found.failed:
        said.append(f"{len(found.failed)} pages could not be read, the first: {found.failed[0]}")
    return " ".join(said)
