"""One page of the web, fetched behind the guard: GET only, redirects followed by hand, every limit kept.

Nothing of the user's goes along: no cookies, no proxy or ``.netrc`` of the environment, no credentials, no referrer.
"""

from __future__ import annotations

import asyncio
import email.message
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.firecrawl.pages import guard
from nonet.tools.firecrawl.pages.addresses import Address, Ip, parse
from nonet.tools.firecrawl.pages.bodies import ENCODINGS, body, decoded
from nonet.tools.services import permission

if TYPE_CHECKING:
    import httpx

ROBOT = "nonet"
REDIRECTS = 5
ADDRESSES = 3
"""Addresses of one host that are tried."""
READ_SECONDS = 10.0
_REDIRECT = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Response:
    """An answer that leads nowhere else, whatever its status.

    Attributes:
        address: where it was found, after redirects.
        kind: its media type, in lower case, "" where it says none.
        charset: as the header says, "" where it says none.
    """

    address: Address
    status: int
    kind: str
    charset: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return decoded(self.content, self.charset)


async def fetch(
    url: str,
    settings: Settings,
    *,
    resolve: guard.Resolve = guard.system,
    before: Callable[[Address], Awaitable[None]] | None = None,
) -> Response:
    """Fetch a page.

    Args:
        url: its address.
        settings: what the user allows; ``tool_seconds`` bounds the whole of it.
        resolve: asked for the addresses of hosts.
        before: told of each address that is about to be asked, that of the page and of each redirect; may refuse it.

    Raises:
        ToolError: pages may not be read, the guard refuses, a limit is passed, or the connection fails.
    """
    lack = permission.pages(settings)
    if lack:
        raise ToolError(f"{url[:200]} is a page of the web: {lack}.", "Allow it, or save the page in the folder.")
    address = parse(url)
    try:
        async with asyncio.timeout(settings.tool_seconds):
            for _ in range(REDIRECTS + 1):
                if before is not None:
                    await before(address)
                found = await _asked(address, settings, resolve)
                if isinstance(found, Response):
                    return found
                address = found
    except TimeoutError as error:
        raise ToolError(f"{url} took longer than {settings.tool_seconds:g} s.", "Try again later.") from error
    raise ToolError(f"{url} redirects more than {REDIRECTS} times.", "Give the address that it leads to.")


async def _asked(address: Address, settings: Settings, resolve: guard.Resolve) -> Response | Address:
    """Make one request; an ``Address`` is where it redirects to."""
    import httpx

    where = await guard.judged(address, settings, resolve)
    try:
        async with _connected(address, where[:ADDRESSES]) as response:
            location = response.headers.get("Location", "")
            if response.status_code in _REDIRECT and location:
                return address.join(location)
            content = await body(response.aiter_raw(), response.headers.get("Content-Encoding", ""), address.url)
            kind, charset = _content_type(response.headers.get("Content-Type", ""))
            return Response(address, response.status_code, kind, charset, content)
    except httpx.TimeoutException as error:
        raise ToolError(f"{address.host} took too long to answer.", "Try again later.") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ToolError(f"{address.url} cannot be read: {reason}.", "Check the address, or try again later.") from error


@asynccontextmanager
async def _connected(address: Address, where: list[Ip]) -> AsyncGenerator[httpx.Response]:
    """Open the answer of the first of the judged addresses that takes a connection.

    The request names the address; ``Host``, the server name and the check of the certificate keep to the host. One
    connection serves one request, so that none is used for another host at the same address.
    """
    import httpx

    timeout = httpx.Timeout(READ_SECONDS)
    headers = {"Host": address.authority, "Accept-Encoding": ENCODINGS, "User-Agent": _agent(), "Accept": "*/*"}
    extensions = {"sni_hostname": address.host}
    async with httpx.AsyncClient(
        trust_env=False, verify=_certificates(), timeout=timeout, follow_redirects=False
    ) as client:
        response = None
        for ip in where:
            url = httpx.URL(address.url).copy_with(host=str(ip))
            request = client.build_request("GET", url, headers=headers, extensions=extensions)
            try:
                response = await client.send(request, stream=True)
                break
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if ip == where[-1]:
                    raise
        assert response is not None
        try:
            yield response
        finally:
            await response.aclose()


@cache
def _certificates() -> ssl.SSLContext:
    """The certificate authorities of the ``certifi`` package; read once, for reading them takes as long as a page."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _content_type(header: str) -> tuple[str, str]:
    message = email.message.Message()
    message["Content-Type"] = header or "application/octet-stream"
    charset = message.get_param("charset", "")
    return message.get_content_type() if header else "", charset if isinstance(charset, str) else ""


@cache
def _agent() -> str:
    return f"{ROBOT}/{version('nonet')} (reads pages for a person's agent; obeys robots.txt)"
