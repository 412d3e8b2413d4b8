"""DuckDuckGo by ``ddgs``, which needs no key: only with ``web``, where Tavily does not answer."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pydantic

from nonet.errors import ServiceError
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.services import permission
from nonet.tools.services.remote import Remote

if TYPE_CHECKING:
    from nonet.tools.tavily.search import TavilySearchArguments

SECONDS = 15
"""Time limit of one request; the thread that waits for it ends by itself."""


class _Result(pydantic.BaseModel):
    title: str
    href: str
    body: str


_RESULTS = pydantic.TypeAdapter(list[_Result])


class OpenSearch(Remote["TavilySearchArguments"]):
    """One engine, so that it is known who was asked."""

    name = "duckduckgo"
    service = "tavily"
    remedy = "Give --web; pip install 'nonet[web]'."

    def lacking(self, context: ToolContext) -> str:
        """``web``, and the client."""
        return permission.lacking(context.settings, keyless=True, extra="web:ddgs")

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search once, in a thread: the client blocks."""
        rows = await asyncio.to_thread(_search, arguments.query, arguments.max_results)
        return Found(self.name, [_item(row) for row in rows if addresses.web(row.href)])

    async def probe(self, context: ToolContext) -> None:
        """Search for one result."""
        await asyncio.to_thread(_search, "documentation", 1)


def _search(query: str, most: int) -> list[_Result]:
    """Ask once. The client has one error for no result and for a page that turns it away, so neither is an answer."""
    client: Any = import_module("ddgs").DDGS  # by name: the package builds its classes when they are first used
    errors: Any = import_module("ddgs.exceptions")
    try:
        return _RESULTS.validate_python(client(timeout=SECONDS).text(query, max_results=most, backend="duckduckgo"))
    except errors.RatelimitException as error:
        raise ServiceError("DuckDuckGo takes no more questions now", "limit") from error
    except errors.TimeoutException as error:
        raise ServiceError("DuckDuckGo took too long", "timeout") from error
    except errors.DDGSException as error:
        raise ServiceError(f"DuckDuckGo: {' '.join(str(error).split())[:200].rstrip('.')}", "unavailable") from error
    except pydantic.ValidationError as error:
        raise ServiceError("DuckDuckGo answered in another form than its client's", "malformed") from error


def _item(row: _Result) -> Item:
    excerpt = row.body[:EXCERPT_LIMIT]
    return Item(reference=row.href, title=row.title or row.href, excerpt=excerpt, facts={"source": "web"})
