"""Requests to a service's own address, and what their faults are called.

For addresses that the user or the service names; what a document or a model names is fetched by ``firecrawl/`` behind
its guard.
"""

from __future__ import annotations

import email.utils
import json
import os
import time
from collections.abc import AsyncGenerator, Container, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from nonet.errors import Fault, ServiceError
from nonet.providers.reach import loopback

if TYPE_CHECKING:
    import httpx

SIZE_LIMIT = 20_000_000
"""Bytes of one answer."""
_FAULTS: Mapping[int, Fault] = {401: "key", 402: "key", 403: "key", 408: "timeout", 425: "unavailable", 429: "limit"}


@asynccontextmanager
async def client(address: str, headers: Mapping[str, str]) -> AsyncGenerator[httpx.AsyncClient]:
    """Open a client of one service; proxies of the environment are used, except for this machine itself.

    Raises:
        ServiceError: the connection, its TLS or its time fails while the client is in use.
    """
    import httpx

    timeout = httpx.Timeout(30.0, connect=10.0)
    try:
        async with httpx.AsyncClient(headers=dict(headers), timeout=timeout, trust_env=not loopback(address)) as opened:
            yield opened
    except httpx.TimeoutException as error:
        raise ServiceError(f"{address} took too long", "timeout") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceError(f"{address}: {_reason(error)}", "unavailable") from error


async def json_of(
    http: httpx.AsyncClient, url: str, params: Mapping[str, str], expected: Container[int] = ()
) -> tuple[httpx.Response, Any]:
    """Get a JSON answer with its response, whatever the status below 400.

    Args:
        http: the client.
        url: where.
        params: the query.
        expected: statuses of 400 and more that are answers as well.

    Raises:
        ServiceError: the status is a fault, or the body is too large, cut off or no JSON.
    """
    async with http.stream("GET", url, params=dict(params)) as response:
        body = await _body(response)
    if response.status_code >= 400 and response.status_code not in expected:
        raise fault(response, body)
    try:
        return response, json.loads(body) if body else None
    except ValueError as error:
        raise ServiceError(f"{response.url.host} answered with no JSON", "malformed") from error


def fault(response: httpx.Response, body: bytes = b"") -> ServiceError:
    """Turn a status of 400 and more into the error it is; what the service says of it is quoted, shortened."""
    status = response.status_code
    kind: Fault = _FAULTS.get(status, "unavailable" if status >= 500 else "malformed")
    said = " ".join(_said(body).split())[:200]
    message = f"{response.url.host}: HTTP {status}" + (f", {said}" if said else "")
    return ServiceError(message, kind, retry_after=retry_after(response.headers.get("Retry-After")))


def retry_after(value: str | None) -> float | None:
    """Read ``Retry-After`` (RFC 9110, 10.2.3): seconds, or a date; ``None`` where it says nothing readable."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def bearer(variable: str, scheme: str = "Bearer") -> dict[str, str]:
    """Return the header that carries the key of an environment variable; none where it is not set."""
    key = os.environ.get(variable, "").strip()
    return {"Authorization": f"{scheme} {key}"} if key else {}


async def _body(response: httpx.Response) -> bytes:
    import httpx

    content = bytearray()
    try:
        async for block in response.aiter_bytes():
            content += block
            if len(content) > SIZE_LIMIT:
                raise ServiceError(f"{response.url.host} answered with more than {SIZE_LIMIT:,} bytes", "malformed")
    except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
        raise ServiceError(f"{response.url.host} broke off within its answer", "malformed") from error
    return bytes(content)


def _said(body: bytes) -> str:
    try:
        data: object = json.loads(body)
    except ValueError:
        return ""
    if isinstance(data, dict):
        for name in ("message", "error", "detail"):
            said = data.get(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            if isinstance(said, str):
                return said
    return ""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
