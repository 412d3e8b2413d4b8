"""Models behind a URL: JSON over HTTP, with time limits, retries, and errors that hold no secret."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from rag.errors import ModelError, SettingsError

if TYPE_CHECKING:
    import httpx

WAITS = (0.5, 1.0, 2.0)
"""Seconds before each retry, where the endpoint names none."""
LONGEST_WAIT = 30.0
RETRIED = (429, 500, 502, 503, 504)


class Endpoint:
    """A base URL, up to ``/v1``; the key is read from the environment and sent as a bearer token.

    Args:
        url: ``http://…`` or ``https://…``; a query is kept.
        variable: the environment variable of the key; no key is sent where it is empty.
        timeout: seconds for one answer.

    Raises:
        SettingsError: the URL is none.
    """

    def __init__(self, url: str, variable: str, timeout: float = 60.0) -> None:
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise SettingsError("The place of an endpoint must be a URL: http://… or https://…, up to /v1.")
        if "@" in self._parts.netloc:
            raise SettingsError(f"The URL of {self._parts.hostname} holds a user or key; put the key in {variable}.")
        self._variable = variable
        self._key = os.environ.get(variable, "")
        self._timeout = timeout
        self.shown = urlunsplit((self._parts.scheme, self._parts.netloc, self._parts.path, "", ""))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send ``body`` to a path below the URL; return the JSON it answers.

        What is overloaded, limited or not reachable is asked again three times, after the time it names.

        Raises:
            ModelError: no usable answer came.
        """
        waits = list(WAITS)
        while True:
            reply = self._sent(path, body, final=not waits)
            if reply is not None and reply.is_success:
                return self._json(reply)
            if reply is not None and (not waits or reply.status_code not in RETRIED):
                raise self._refusal(reply)
            wait = waits.pop(0)
            time.sleep(wait if reply is None else self._wait(reply, wait))

    def _sent(self, path: str, body: Mapping[str, Any], final: bool) -> httpx.Response | None:
        """Return the reply, whatever its status; None where the endpoint is not reached and may be tried again."""
        import httpx  # here, since most designs ask no endpoint

        try:
            return self._client.post(self._address(path), json=dict(body))
        except httpx.TimeoutException as error:
            raise ModelError(f"{self.shown} did not answer within {self._timeout:g} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if final or not isinstance(error, httpx.TransportError):
                raise ModelError(f"{self.shown} cannot be reached: {type(error).__name__}.") from error
            return None

    def _address(self, path: str) -> str:
        joined = f"{self._parts.path.rstrip('/')}/{path}"
        return urlunsplit((self._parts.scheme, self._parts.netloc, joined, self._parts.query, ""))

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return httpx.Client(headers=headers, timeout=self._timeout)

    def _json(self, reply: httpx.Response) -> Any:
        try:
            return reply.json()
        except ValueError as error:
            raise ModelError(f"{self.shown} did not reply with JSON.") from error

    def _wait(self, reply: httpx.Response, otherwise: float) -> float:
        """Return the seconds that ``Retry-After`` asks for, as a number or a date (RFC 9110, 10.2.3)."""
        named = reply.headers.get("Retry-After", "").strip()
        seconds = otherwise
        if named.isdecimal():
            seconds = float(named)
        elif named:
            try:
                date = parsedate_to_datetime(named)
                seconds = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - time.time()
            except ValueError:
                seconds = otherwise
        if seconds > LONGEST_WAIT:
            raise ModelError(f"{self.shown} answered {reply.status_code} and asks to wait {seconds:.0f} s; try later.")
        return max(0.0, seconds)

    def _refusal(self, reply: httpx.Response) -> ModelError:
        if reply.status_code in (401, 403):
            what = "refused the key in" if self._key else "wants a key: set"
            return ModelError(f"{self.shown} answered {reply.status_code}: it {what} {self._variable}.")
        detail = self._detail(reply)
        return ModelError(f"{self.shown} answered {reply.status_code}{f' ({detail})' if detail else ''}.")

    def _detail(self, reply: httpx.Response) -> str:
        """Return what the endpoint says of its refusal, in one short line without the key."""
        try:
            value: Any = reply.json()
            for name in ("error", "message", "detail"):
                value = cast("dict[str, Any]", value).get(name, value) if isinstance(value, dict) else value
        except ValueError:
            return ""
        line = " ".join(value.split()) if isinstance(value, str) else ""
        return (line.replace(self._key, "…") if self._key else line)[:200].rstrip(" .")
