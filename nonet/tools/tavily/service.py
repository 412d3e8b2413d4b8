"""Tavily itself, by its key, by an address of the user's, or keyless with ``web``. Its client is ``tavily-python``."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pydantic

from nonet.errors import Fault, ServiceError
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.services import permission
from nonet.tools.services.remote import ArgumentsT, Remote

if TYPE_CHECKING:
    from nonet.tools.tavily.extract import TavilyExtractArguments
    from nonet.tools.tavily.search import TavilySearchArguments

KEY = "TAVILY_API_KEY"
_FAULTS: Mapping[str, Fault] = {
    "InvalidAPIKeyError": "key",
    "ForbiddenError": "key",
    "UsageLimitExceededError": "limit",
    "TavilyKeylessLimitError": "limit",
    "TimeoutError": "timeout",
    "BadRequestError": "malformed",
}


class _Result(pydantic.BaseModel):
    url: str
    title: str = ""
    content: str = ""
    raw_content: str | None = None
    score: float | None = None


class _Failed(pydantic.BaseModel):
    url: str
    error: str = ""


class _Answer(pydantic.BaseModel):
    results: list[_Result]
    failed_results: list[_Failed] = []


class _Tavily(Remote[ArgumentsT]):
    """What both tools' remotes share."""

    name = "tavily"
    service = "tavily"
    remedy = f"Set {KEY}, or give --web for its keyless mode; pip install 'nonet[tavily]'."

    def lacking(self, context: ToolContext) -> str:
        """Its key, an address of the user's, or ``web``; and the client."""
        address = context.settings.tavily_url
        return permission.lacking(context.settings, key=KEY, address=address, keyless=True, extra="tavily:tavily")

    def address(self, context: ToolContext) -> str:
        """The user's own server."""
        return context.settings.tavily_url

    async def probe(self, context: ToolContext) -> None:
        """Search for one result."""
        async with _client(context) as client:
            _read(await client.search("tavily", max_results=1))


class Search(_Tavily["TavilySearchArguments"]):
    """``POST /search``."""

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search the web once."""
        async with _client(context) as client:
            found = _read(await client.search(arguments.query, max_results=arguments.max_results))
        return Found(self.name, [_item(each, each.content) for each in found.results])


class Extract(_Tavily["TavilyExtractArguments"]):
    """``POST /extract``, for pages of the web."""

    def answers(self, arguments: TavilyExtractArguments, context: ToolContext) -> bool:
        """Only public pages: notes and the user's files are nobody else's business."""
        from nonet.tools.firecrawl.pages import addresses

        return all(addresses.web(url) for url in arguments.urls)

    async def find(self, arguments: TavilyExtractArguments, context: ToolContext) -> Found:
        """Read the pages once."""
        async with _client(context) as client:
            found = _read(await client.extract(arguments.urls))
        failed = "; ".join(f"{each.url}: {each.error or 'not read'}" for each in found.failed_results)
        note = f"Not read: {failed}." if failed else ""
        return Found(self.name, [_item(each, each.raw_content or each.content) for each in found.results], note)


@asynccontextmanager
async def _client(context: ToolContext) -> AsyncGenerator[Any]:
    """Open an ``AsyncTavilyClient``, whose types are loose; whatever it raises is a ``ServiceError``."""
    import httpx
    from tavily import AsyncTavilyClient

    client: Any = AsyncTavilyClient(os.environ.get(KEY) or None, api_base_url=context.settings.tavily_url or None)
    try:
        yield client
    except ServiceError:
        raise
    except Exception as error:
        name = type(error).__name__
        said = " ".join(str(error).split())[:200] or name
        kind = _FAULTS.get(name)
        if kind is None:
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else 0
            broken = status >= 500 or isinstance(error, httpx.TransportError)
            late = isinstance(error, httpx.TimeoutException)
            kind = "timeout" if late else "unavailable" if broken else "malformed"
        raise ServiceError(f"tavily: {said}", kind, retry_after=getattr(error, "retry_after_seconds", None)) from error
    finally:
        await client.close()


def _read(answer: Any) -> _Answer:
    try:
        return _Answer.model_validate(answer)
    except pydantic.ValidationError as error:
        raise ServiceError("tavily answered in another form than its API's", "malformed") from error


def _item(found: _Result, text: str) -> Item:
    facts: dict[str, Any] = {"source": "web", "score": found.score}
    return Item(reference=found.url, title=found.title or found.url, excerpt=text[:EXCERPT_LIMIT], facts=facts)
