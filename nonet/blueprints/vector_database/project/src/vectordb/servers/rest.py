"""Requests to a server's REST interface: one client, a few patient retries, faults in one line without the key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from vectordb.errors import ServerError

SECONDS = 60.0
TRIES = 5
_BUSY = (429, 502, 503, 504)
_LONGEST_WAIT = 10.0
_SHOWN = 300


class Rest:
    """Speaks JSON with one server.

    Args:
        name: what it is called in faults.
        url: its base.
        headers: sent with every request, the key among them.
    """

    def __init__(self, name: str, url: str, headers: Mapping[str, str]) -> None:
        self._name, self._httpx = name, import_module("httpx")
        self._secrets = [value.removeprefix("Bearer ") for value in headers.values() if value]
        # The environment's proxies are none of a server's that a person names, and a redirect could carry the key away.
        self._client = self._httpx.Client(
            base_url=url.rstrip("/"), headers=dict(headers), timeout=SECONDS, trust_env=False, follow_redirects=False
        )

    def ask(self, method: str, path: str, body: Any = None, *, missing: bool = False) -> Any:
        """Send a request and return the answer's JSON.

        Args:
            method: of HTTP.
            path: below the base.
            body: sent as JSON.
            missing: whether 404 is an answer too; ``None`` is returned then.

        Raises:
            ServerError: it does not answer, refuses, or answers no JSON.
        """
        answer = self._answered(method, path, body)
        if missing and answer.status_code == 404:
            return None
        if answer.status_code >= 300:
            raise self._fault(f"answers {answer.status_code} to {method} {path}: {answer.text[:_SHOWN]}")
        if not answer.content:
            return {}
        try:
            return answer.json()
        except ValueError as error:
            raise self._fault(f"answers no JSON to {method} {path}: {answer.text[:_SHOWN]}") from error

    def fault(self, said: object) -> ServerError:
        """Make what a server's answer says is wrong an error."""
        return self._fault(f"refuses: {str(said)[:_SHOWN]}")

    def _answered(self, method: str, path: str, body: Any) -> Any:
        """Return an answer; who is busy is asked again when it says, who cannot be reached a little later."""
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer = self._client.request(method, path, json=body)
            except self._httpx.ConnectError as error:
                if last:
                    raise self._fault(f"cannot be reached: {error}") from error
                time.sleep(min(0.2 * 2**attempt, _LONGEST_WAIT))
                continue
            except self._httpx.HTTPError as error:
                raise self._fault(f"does not answer {method} {path}: {error or type(error).__name__}") from error
            if answer.status_code not in _BUSY or last:
                return answer
            time.sleep(min(_seconds(answer.headers.get("Retry-After"), 0.2 * 2**attempt), _LONGEST_WAIT))
        raise self._fault("cannot be reached")

    def _fault(self, said: str) -> ServerError:
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return ServerError(" ".join(f"{self._name} {said}".split()))


def _seconds(said: str | None, otherwise: float) -> float:
    try:
        return max(0.0, float(said)) if said else otherwise
    except ValueError:
        return otherwise
