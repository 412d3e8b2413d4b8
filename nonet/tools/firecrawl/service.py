"""Firecrawl itself: the hosted service by its key, or one of the user's by its address (``firecrawl_url``).

Its client is ``firecrawl-py`` (API v2). Each error class and each broken answer becomes a ``ServiceError``.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from pydantic import BaseModel

from nonet.errors import Fault, ServiceError, ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.firecrawl.data.presenting import presented
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.confined import Reading
from nonet.tools.firecrawl.pages.web import PARTS, items
from nonet.tools.services import http, permission
from nonet.tools.services.remote import Remote

if TYPE_CHECKING:
    from firecrawl import AsyncFirecrawl
    from firecrawl.v2.types import CrawlJob, Document

    from nonet.tools.firecrawl.crawl_url import CrawlUrlArguments
    from nonet.tools.firecrawl.extract_structured_data import ExtractArguments

KEY = "FIRECRAWL_API_KEY"
NAME = "firecrawl"
POLL_SECONDS = 1
_FAULTS: Mapping[int, Fault] = {400: "malformed", 401: "key", 402: "key", 403: "key", 408: "timeout", 429: "limit"}
_SAFE: Mapping[str, Any] = {"skip_tls_verification": False}
"""Said with every request: the client's own default for its options is to have certificates ignored."""


class Addressed(Protocol):
    """Arguments with an address; not every one is for a service."""

    @property
    def url(self) -> str:
        """The address, or a local reference."""
        ...


ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)


class Firecrawl(Remote[ArgumentsT], Generic[ArgumentsT]):
    """What the tools' remotes share."""

    name = NAME
    service = NAME
    remedy = f"Set {KEY}, or firecrawl_url in nonet.yaml to a server of your own; pip install 'nonet[firecrawl]'."

    def lacking(self, context: ToolContext) -> str:
        """Its key or an address of the user's, and the client."""
        address = context.settings.firecrawl_url
        return permission.lacking(context.settings, key=KEY, address=address, extra="firecrawl:firecrawl")

    def address(self, context: ToolContext) -> str:
        """The user's own server."""
        return context.settings.firecrawl_url

    def answers(self, arguments: ArgumentsT, context: ToolContext) -> bool:
        """Only public pages: notes, files and the user's private hosts are nobody else's business."""
        return addresses.for_a_service(cast("Addressed", arguments).url, context.settings.private_hosts)

    async def probe(self, context: ToolContext) -> None:
        """Ask for the credits left, which costs none; a server of the user's without a key only has to answer."""
        own = context.settings.firecrawl_url
        if own and not os.environ.get(KEY):
            async with http.client(own, {}) as client:
                response = await client.get(own)
            if response.status_code >= 500:
                raise http.fault(response)
            return
        async with asked(context) as client:
            await client.get_credit_usage()


class RemoteScrape(Firecrawl[Any]):
    """``scrape_url`` by Firecrawl."""

    async def find(self, arguments: Addressed, context: ToolContext) -> Found:
        """Scrape one page as Markdown."""
        page = await scraped(arguments.url, context, ["markdown"])
        text = _markdown(page)
        found, note = items(_where(page, arguments.url), _title(page), Reading("", [["", text]]), PARTS, NAME)
        return Found(NAME, found, note)


class RemoteCrawl(Firecrawl[Any]):
    """``crawl_url`` by Firecrawl."""

    async def find(self, arguments: CrawlUrlArguments, context: ToolContext) -> Found:
        """Start a crawl and wait for it; one that is given up is cancelled, so that it costs no more."""
        from firecrawl.v2.types import ScrapeOptions

        async with asked(context) as client:
            crawling = cast("Callable[..., Awaitable[CrawlJob]]", client.crawl)  # pyright: ignore[reportUnknownMemberType]
            job = await crawling(
                url=arguments.url,
                limit=arguments.pages,
                max_discovery_depth=arguments.depth,
                crawl_entire_domain=True,
                scrape_options=ScrapeOptions(formats=["markdown"], **_SAFE),
                poll_interval=POLL_SECONDS,
            )
        if job.status != "completed":
            raise ServiceError(f"the crawl of {arguments.url} ended as {job.status}", "unavailable")
        pages = [page for page in job.data if (page.markdown or "").strip()][: arguments.pages]
        if not pages:
            raise ServiceError(f"the crawl of {arguments.url} brought no page with text", "malformed")
        cut = sum(len(_markdown(page)) > EXCERPT_LIMIT for page in pages)
        note = f"{cut} pages are longer than what is shown; read them with scrape_url." if cut else ""
        return Found(NAME, [_item(page, arguments.url) for page in pages], note)


class RemoteExtract(Firecrawl[Any]):
    """``extract_structured_data`` by Firecrawl's model; each value is looked up in the page's text."""

    async def find(self, arguments: ExtractArguments, context: ToolContext) -> Found:
        """Scrape one page as JSON of the schema, and as Markdown to hold the values against."""
        from nonet.tools.firecrawl.data import schemas
        from nonet.tools.firecrawl.data.inferring import marked

        wanted, unchecked = schemas.read(arguments.schema)
        form = {"type": "json", "schema": schemas.described(wanted)}
        page = await scraped(arguments.url, context, [form, "markdown"])
        text = _markdown(page)
        if not isinstance(page.json, Mapping):
            raise ServiceError("an answer without the data that was asked for", "malformed")
        found, wrong = marked(cast("Mapping[str, Any]", page.json), wanted, text, "Firecrawl's model")
        if wrong:
            raise ServiceError(f"an answer of another schema ({wrong[0]})", "malformed")
        return presented(NAME, _where(page, arguments.url), _title(page), found, unchecked, NAME)


async def scraped(url: str, context: ToolContext, formats: Sequence[str | Mapping[str, Any]]) -> Document:
    """Have one page scraped.

    Raises:
        ServiceError: Firecrawl did not answer as it should.
        ToolError: the page itself answers with a status of 400 and more.
    """
    async with asked(context) as client:
        scraping = cast("Callable[..., Awaitable[Document]]", client.scrape)  # pyright: ignore[reportUnknownMemberType]
        page = await scraping(url, formats=list(formats), auto_resume=False, **_SAFE)
    status = page.metadata_typed.status_code
    if status is not None and status >= 400:
        raise ToolError(f"{url} answers HTTP {status}.", "Check the address.")
    return page


@asynccontextmanager
async def asked(context: ToolContext) -> AsyncGenerator[AsyncFirecrawl]:
    """Open a client for one attempt; what it raises, or trips over in an answer, becomes a ``ServiceError``."""
    import httpx
    from firecrawl import AsyncFirecrawl
    from firecrawl.v2.utils.error_handler import DNSResolutionError, FirecrawlError, TLSError

    settings = context.settings
    client = AsyncFirecrawl(
        # Never None: the client would look for a key by itself, and a server of the user's may want none.
        api_key=os.environ.get(KEY, "").strip(),
        api_url=settings.firecrawl_url.rstrip("/") or None,
        timeout=settings.tool_seconds,
        max_retries=1,
    )
    try:
        yield client
    except ToolError:
        raise
    except (DNSResolutionError, TLSError) as error:
        raise ServiceError(_said(error), "unavailable") from error
    except FirecrawlError as error:
        raise _failed(error) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise ServiceError("it took too long", "timeout") from error
    except httpx.RemoteProtocolError as error:
        raise ServiceError(f"half an answer came: {_said(error)}", "malformed") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ServiceError(_said(error), "unavailable") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        # The client reads answers without checking them, and trips over those of another form.
        raise ServiceError("an answer that is not of Firecrawl's form", "malformed") from error


def _failed(error: Any) -> ServiceError:
    """Turn the client's error into ours; the status says which it is."""
    status = error.status_code
    if status is None:
        return ServiceError(_said(error), "malformed")
    kind: Fault = _FAULTS.get(status, "unavailable" if status >= 500 else "malformed")
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    return ServiceError(
        f"HTTP {status}, {_said(error)}", kind, retry_after=http.retry_after(headers.get("Retry-After"))
    )


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _markdown(page: Document) -> str:
    text = page.markdown
    if text is None or not text.strip():
        raise ServiceError("an answer without text", "malformed")
    return text


def _where(page: Document, url: str) -> str:
    """The page's address as Firecrawl found it, where that is one."""
    found = page.metadata_typed.url or page.metadata_typed.source_url or url
    return found if addresses.web(found) else url


def _title(page: Document) -> str:
    return page.metadata_typed.title or page.metadata_typed.url or ""


def _item(page: Document, url: str) -> Item:
    where = _where(page, url)
    return Item(
        reference=where, title=_title(page) or where, excerpt=_markdown(page)[:EXCERPT_LIMIT], facts={"source": NAME}
    )
