"""A run's embedding service at a loopback address, for workers that must not hold its key.

A worker speaks the service's own wire format to it, so that what ships asks the same way; here the key takes the
place of the worker's token, and nothing but that model's texts is passed on. What is asked stands in the run's journal:
limits hold before each request, an answer that was paid for is given again, and takes as long as it took the first
time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx

from nonet.errors import ConfigurationError, NonetError, ServiceError, SpentError, storage
from nonet.providers.embedding import EmbeddingProvider, counted
from nonet.providers.faults import retry_after, without
from nonet.providers.gateway import LONGEST_WAIT, SPENT, STATUS, Server, refused
from nonet.providers.keys import secret
from nonet.providers.prices import price
from nonet.providers.provider import lacking
from nonet.providers.retrying import retried
from nonet.providers.spending import Asked, Spending
from nonet.settings import Settings

STEP = "embeddings"
"""What the journal calls who asks, and the folder of the answers."""
_CHARACTERS_A_TOKEN = 3.0
_SAID = 300


class EmbeddingGateway:
    """Serves an embedding model until it is closed or dropped.

    Args:
        settings: hold the service's key.
        provider: the model.
        spending: the run's journal and limits.

    Attributes:
        host: ``127.0.0.1:PORT``.
        token: what a request must bring as its key.

    Raises:
        ConfigurationError: the service cannot be asked.
    """

    def __init__(self, settings: Settings, provider: EmbeddingProvider, spending: Spending) -> None:
        if lack := lacking(settings, provider):
            raise ConfigurationError(f"The embedding {provider.name!r} cannot be asked: {lack.said}.", lack.remedy)
        self._provider, self._spending = provider, spending
        service = provider.service
        self._headers = {service.header: service.prefix + secret(settings, provider.key)}
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._server = Server(self._answered, service.header, service.prefix)
        self.host, self.token = self._server.host, self._server.token
        self.url = f"http://{self.host}"

    def close(self) -> None:
        """Stop serving; a second call does nothing."""
        self._server.close()

    def _answered(self, path: str, content: bytes) -> tuple[int, dict[str, Any]]:
        try:
            body: Any = json.loads(content)
            named = body.get("model", self._provider.model)
        except (ValueError, AttributeError):
            return refused(400, "no request for embeddings")
        if path != self._provider.path or named != self._provider.model:
            return refused(404, f"there is {self._provider.path} for the model {self._provider.model}")
        try:
            return 200, asyncio.run(self._asked(cast("dict[str, Any]", body)))
        except SpentError as error:
            return refused(SPENT, error.message)
        except ServiceError as error:
            return refused(STATUS.get(error.fault, 502), error.message)
        except NonetError as error:
            return refused(500, error.message)

    async def _asked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask, or answer from what was paid for, after as long a time."""
        said = json.dumps([self._provider.family, self._provider.url, body], sort_keys=True)
        request = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
        if kept := self._known(request):
            seconds, answer = kept
            await asyncio.sleep(seconds)
            return answer
        return await retried(lambda: self._ask(request, body, len(said)), LONGEST_WAIT)

    async def _ask(self, request: str, body: Mapping[str, Any], characters: int) -> dict[str, Any]:
        most = int(characters / _CHARACTERS_A_TOKEN) + 16
        reservation = self._spending.reserve(self._provider, most, 0)
        began, outcome, taken = time.monotonic(), "unavailable", 0
        try:
            answer = await self._once(body)
            # What a service does not count is booked at what it could be at most: a limit must hold.
            outcome, taken = "answered", most if (said := counted(answer)) is None else said
            self._keep(request, time.monotonic() - began, answer)
            return answer
        except ServiceError as error:
            outcome = error.fault
            raise
        finally:
            cost = price(self._provider)
            usd = round(cost.of(taken, 0), 9) if cost else None
            seconds = round(time.monotonic() - began, 3)
            row = Asked(request, STEP, self._provider.name, self._provider.model, outcome, taken, 0, usd, seconds)
            self._spending.book(reservation, row)

    async def _once(self, body: Mapping[str, Any]) -> dict[str, Any]:
        name = self._provider.name
        try:
            async with httpx.AsyncClient(timeout=self._provider.limits.seconds, follow_redirects=False) as client:
                found = await client.post(self._provider.url, json=body, headers=self._headers)
            if found.status_code != 200:
                raise _fault(name, found, self._spending.hidden)
            answer: Any = found.json()
        except httpx.TimeoutException as error:
            raise ServiceError(f"{name}: no answer in time", "timeout") from error
        except httpx.HTTPError as error:
            raise ServiceError(f"{name}: {type(error).__name__}", "unavailable") from error
        except ValueError as error:
            raise ServiceError(f"{name} answered with no JSON", "malformed") from error
        if not isinstance(answer, dict):
            raise ServiceError(f"{name} answered with no JSON object", "malformed")
        return cast("dict[str, Any]", answer)

    def _known(self, request: str) -> tuple[float, dict[str, Any]] | None:
        path = self._place(request)
        if path is None:
            return self._kept.get(request)
        try:
            held: Any = json.loads(path.read_text(encoding="utf-8"))
            return float(held["seconds"]), held["answer"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, request: str, seconds: float, answer: dict[str, Any]) -> None:
        """Keep an answer, aside and renamed into place: one torn by a kill is asked again."""
        path = self._place(request)
        if path is None:
            self._kept[request] = seconds, answer
            return
        content = json.dumps({"seconds": seconds, "answer": answer})
        with storage(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_suffix(".new")
            aside.write_text(content, encoding="utf-8")
            aside.replace(path)

    def _place(self, request: str) -> Path | None:
        journal = self._spending.path
        return journal.parent / STEP / f"{request}.json" if journal is not None else None


def _fault(name: str, found: httpx.Response, hidden: tuple[str, ...]) -> ServiceError:
    """Say what a status means; what the service says is quoted, shortened, without secrets."""
    said = " ".join(without(found.text, hidden).split())[:_SAID]
    message = f"{name}: HTTP {found.status_code}: {said}"
    if found.status_code in (401, 402, 403):
        return ServiceError(message, "key")
    if found.status_code == 429:
        return ServiceError(message, "limit", retry_after=retry_after(found.headers))
    return ServiceError(message, "unavailable" if found.status_code >= 500 else "malformed")
