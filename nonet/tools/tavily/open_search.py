"""Open search engines by ``ddgs``, which needs no key: only with ``web``, where Tavily does not answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from nonet.errors import ServiceError
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.services import permission
from nonet.tools.services.remote import Remote

if TYPE_CHECKING:
    from nonet.tools.tavily.search import TavilySearchArguments

SECONDS = 10


class OpenSearch(Remote["TavilySearchArguments"]):
    """Whichever engine answers."""

    name = "open search"
    service = "tavily"
    remedy = "Give --web; pip install 'nonet[web]'."

    def lacking(self, context: ToolContext) -> str:
        """``web``, and the client."""
        return permission.lacking(context.settings, keyless=True, extra="web:ddgs")

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search once, in a thread: the client blocks."""
        return Found(self.name, await asyncio.to_thread(_search, arguments.query, arguments.max_results))

    async def probe(self, context: ToolContext) -> None:
        """Search for one result."""
        await asyncio.to_thread(_search, "documentation", 1)


def _search(query: str, most: int) -> list[Item]:
    from ddgs import DDGS
    from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

    client: Any = cast("Any", DDGS)(timeout=SECONDS)
    try:
        rows: list[dict[str, Any]] = client.text(query, max_results=most)
    except RatelimitException as error:
        raise ServiceError(f"open search: {error}", "limit") from error
    except TimeoutException as error:
        raise ServiceError(f"open search: {error}", "timeout") from error
    except DDGSException as error:
        raise ServiceError(f"open search: {error}", "unavailable") from error
    return [
        Item(
            reference=str(row["href"]),
            title=str(row["title"]),
            excerpt=str(row["body"])[:EXCERPT_LIMIT],
            facts={"source": "web"},
        )
        for row in rows
    ]
