"""Tavily itself, by its key, by an address of the user's, or keyless with ``web``. Its client is ``tavily-python``."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pydantic

from nonet.errors import Fault, ServiceError
from nonet.providers.reach import loopback
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.confined import Reading
from nonet.tools.firecrawl.pages.web import items
from nonet.tools.services import http, permission
from nonet.tools.services.remote import ArgumentsT, Remote

if TYPE_CHECKING:
    import httpx

    from nonet.tools.tavily.extract import TavilyExtractArguments
    from nonet.tools.tavily.search import TavilySearchArguments

NAME = "tavily"
KEY = "TAVILY_API_KEY"
PUBLIC = "https://api.tavily.com"
PARTS = 3
"""Items of one page at most."""
_SECONDS = 30.0
"""Time limit of one request; the client's own is a minute."""
_FAULTS: dict[int, Fault] = {401: "key", 403: "key", 408: "timeout", 429: "limit", 432: "key", 433: "key"}
"""432 and 433: the plan's or the pay-as-you-go limit is used up."""


class _Result(pydantic.BaseModel):
    url: str
    title: str | None = None
    content: str
    score: float | None = None


class _Results(pydantic.BaseModel):
    results: list[_Result]


class _Page(pydantic.BaseModel):
    url: str
    raw_content: str


class _Failed(pydantic.BaseModel):
    url: str
    error: str = "not read"


class _Pages(pydantic.BaseModel):
    results: list[_Page]
    failed_results: list[_Failed] = []


class _Tavily(Remote[ArgumentsT]):
    """What both tools' remotes share."""

    name = NAME
    service = NAME
    remedy = f"Set {KEY}, or give --web for its keyless mode; pip install 'nonet[tavily]'."

    def lacking(self, context: ToolContext) -> str:
        """Its key, an address of the user's, or ``web``; and the client."""
        address = context.settings.tavily_url
        return permission.lacking(context.settings, key=KEY, address=address, keyless=True, extra="tavily:tavily")

    def address(self, context: ToolContext) -> str:
        """The user's own server, else the public one."""
        return (context.settings.tavily_url or PUBLIC).rstrip("/")

    async def probe(self, context: ToolContext) -> None:
        """Search for one result: the API has no cheaper request that every one of its modes answers."""
        async with _client(self.address(context)) as (client, said):
            await client.search("documentation", max_results=1, timeout=_SECONDS)
            _Results.model_validate_json(said[-1].content)


class Search(_Tavily["TavilySearchArguments"]):
    """``tavily-search`` by ``POST /search``."""

    async def find(self, arguments: TavilySearchArguments, context: ToolContext) -> Found:
        """Search the web once."""
        async with _client(self.address(context)) as (client, said):
            await client.search(arguments.query, max_results=arguments.max_results, timeout=_SECONDS)
            found = _Results.model_validate_json(said[-1].content).results
        return Found(NAME, [_item(each) for each in found if addresses.web(each.url)][: arguments.max_results])


class Extract(_Tavily["TavilyExtractArguments"]):
    """``tavily-extract`` by ``POST /extract``."""

    def answers(self, arguments: TavilyExtractArguments, context: ToolContext) -> bool:
        """Only public pages: notes, the user's files and private hosts are nobody else's business."""
        return all(addresses.for_a_service(url, context.settings.private_hosts) for url in arguments.urls)

    async def find(self, arguments: TavilyExtractArguments, context: ToolContext) -> Found:
        """Read the pages once.

        Raises:
            ServiceError: it did not answer as it should, or read none of them.
        """
        async with _client(self.address(context)) as (client, answers):
            await client.extract(arguments.urls, format="markdown", timeout=_SECONDS)
            pages = _Pages.model_validate_json(answers[-1].content)
        said = [f"{each.url} was not read: {each.error}." for each in pages.failed_results]
        read = [each for each in pages.results if addresses.web(each.url) and each.raw_content.strip()]
        if not read:
            raise ServiceError(" ".join(["Tavily read none of the pages.", *said]).rstrip("."), "unavailable")
        found: list[Item] = []
        for each in read:
            made, note = items(each.url, _title(each), Reading("", [["", each.raw_content]]), PARTS, "web")
            found += made
            said += [note] if note else []
        return Found(NAME, found, " ".join(said))


@asynccontextmanager
async def _client(address: str) -> AsyncGenerator[tuple[Any, Sequence[httpx.Response]]]:
    """Open an ``AsyncTavilyClient``, whose types are loose, for one attempt; its failures become ``ServiceError``s.

    It is handed an HTTP client because its own would send what is for this machine to a proxy, its errors do not say
    after how many seconds to come back, and it takes an answer without results for one that found none. What is sent
    is what its own would send, keyless mode included.

    Yields:
        The client, and the responses it has had.
    """
    import httpx
    from tavily import AsyncTavilyClient
    from tavily.errors import TimeoutError as TooLate

    key = os.environ.get(KEY, "").strip()
    keyless = {} if key else {"X-Tavily-Access-Mode": "keyless", "X-Client-Source": "tavily-python-keyless"}
    refusals: list[ServiceError] = []
    answered: list[httpx.Response] = []

    async def told(response: httpx.Response) -> None:
        answered.append(response)
        if not response.is_success:
            refusals.append(_refusal(response, await response.aread()))

    hooks: Any = {"response": [told]}
    trust = not loopback(address)
    try:
        async with httpx.AsyncClient(base_url=address, headers=keyless, event_hooks=hooks, trust_env=trust) as opened:
            yield AsyncTavilyClient(key, api_base_url=address, client=opened), answered
    except (TooLate, httpx.TimeoutException) as error:
        raise ServiceError("Tavily took too long", "timeout") from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        broken = isinstance(error, httpx.RemoteProtocolError) and bool(answered)
        reason = "Tavily broke off within its answer" if broken else f"Tavily: {_shortened(str(error))}"
        raise ServiceError(reason, "malformed" if broken else "unavailable") from error
    except pydantic.ValidationError as error:
        raise ServiceError("Tavily answered in another form than its API's", "malformed") from error
    except ServiceError:
        raise
    except Exception as error:
        if refusals:  # the client has an error for each; the answer itself says more
            raise refusals[0] from error
        if not isinstance(error, ValueError | TypeError | AttributeError):
            raise
        raise ServiceError("Tavily answered with no JSON of its API's", "malformed") from error


def _refusal(response: httpx.Response, body: bytes) -> ServiceError:
    """Read a status that is not 200: by key its body is ``{"detail": {"error": …}}``, keyless ``{"error": {…}}``."""
    status = response.status_code
    kind: Fault = _FAULTS.get(status, "unavailable" if status >= 500 else "malformed")
    said, wait = "", http.retry_after(response.headers.get("Retry-After"))
    try:
        match json.loads(body):
            case {"detail": {"error": str(said)}} | {"detail": str(said)}:
                pass
            case {"error": {"message": str(said), **rest}}:
                after = rest.get("retry_after_seconds")
                wait = float(after) if isinstance(after, int | float) else wait
            case _:
                pass
    except ValueError:
        pass  # a status without words
    return ServiceError(f"Tavily: HTTP {status}" + (f", {_shortened(said)}" if said else ""), kind, retry_after=wait)


def _shortened(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".")


def _title(page: _Page) -> str:
    first: Sequence[str] = [line.strip("# ") for line in page.raw_content.splitlines() if line.startswith("# ")]
    return first[0] if first else page.url


def _item(found: _Result) -> Item:
    facts: dict[str, Any] = {"source": "web", "score": found.score}
    return Item(reference=found.url, title=found.title or found.url, excerpt=found.content[:EXCERPT_LIMIT], facts=facts)
