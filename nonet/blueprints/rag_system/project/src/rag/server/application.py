"""The application: what each path takes and answers."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from rag import filters
from rag.answer import Answer
from rag.cache.cached import CachedSystem
from rag.errors import FilterError, RagError
from rag.server.limits import Limited
from rag.server.metrics import CONTENT_TYPE, Counted, Metrics
from rag.threads import cores

T = TypeVar("T")
WAITING = 64
"""How many answers may wait for the chat model at once; further ones stand in line."""
Text = Annotated[str, Field(min_length=1, max_length=10_000)]


class Bounds(BaseModel):
    """A condition as an object: ``{"field": "year", "op": ">=", "value": 2020}``."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, max_length=200)
    op: str = Field(default="=", pattern=r"^(=|!=|in|<|<=|>|>=)$")
    value: str | bool | float | list[str | bool | float]


class Search(BaseModel):
    """A question to find documents for, among those that meet every condition of ``where``."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    where: list[Annotated[str, Field(max_length=1000)] | Bounds] = Field(default_factory=list, max_length=20)
    k: int = Field(default=10, ge=1, le=100)


class Ask(BaseModel):
    """A question to answer; with ``stream`` as server-sent events: ``sources``, ``text`` …, ``done``."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    where: list[Annotated[str, Field(max_length=1000)] | Bounds] = Field(default_factory=list, max_length=20)
    stream: bool = False


class Threads:
    """Runs the work of requests on threads, so that none holds up another.

    Answers that wait for a chat model have threads of their own: however many wait, searches go on.
    """

    def __init__(self, generates: bool) -> None:
        self._searching = CapacityLimiter(max(2, cores()))
        self._answering = CapacityLimiter(WAITING) if generates else self._searching

    async def search(self, work: Callable[[], T]) -> T:
        """Run a search."""
        return await to_thread.run_sync(work, limiter=self._searching)

    async def answer(self, work: Callable[[], T]) -> T:
        """Run what may wait for the chat model."""
        return await to_thread.run_sync(work, limiter=self._answering)


def application(system: CachedSystem) -> FastAPI:
    """Return the application of an opened system; its caches are closed with it."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncGenerator[None]:
        yield
        system.close()

    app = FastAPI(title="rag", lifespan=life)
    metrics = Metrics(system)
    threads = Threads(system.model is not None)
    app.add_middleware(Limited)
    app.add_middleware(Counted, metrics=metrics)

    @app.exception_handler(FilterError)
    async def mendable(_: Request, error: FilterError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    @app.exception_handler(RagError)
    async def failing(_: Request, error: RagError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=503)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        documents, chunks = system.inner.size
        return {
            "status": "ok",
            "ready": True,
            "index": system.inner.version,
            "documents": documents,
            "chunks": chunks,
            "generates": system.model is not None,
            "design": system.inner.design.json(),
        }

    @app.get("/metrics")
    async def counted() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    @app.post("/search")
    async def search(request: Search) -> dict[str, Any]:
        where = _conditions(request.where)
        ranking = await threads.search(partial(system.search, request.question, where))
        found = ranking.docs[: request.k]
        return {"question": request.question, "docs": [{"doc": doc, "score": round(score, 6)} for doc, score in found]}

    @app.post("/ask", response_model=None)
    async def ask(request: Ask) -> dict[str, Any] | StreamingResponse:
        where = _conditions(request.where)
        if not request.stream:
            return asdict(await threads.answer(partial(system.ask, request.question, where)))
        parts = system.stream(request.question, where)
        # The first part is awaited here, so that what a user can mend is an answer of its own and no stream.
        first = await threads.answer(partial(next, parts))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(first, parts, threads), media_type="text/event-stream", headers=headers)

    return app


async def _events(first: Any, parts: Iterator[Any], threads: Threads) -> AsyncIterator[str]:
    """Write the parts of an answer as server-sent events."""
    part = first
    while part is not None:
        if isinstance(part, Answer):
            yield _event("done", asdict(part))
        elif isinstance(part, str):
            yield _event("text", {"text": part})
        else:
            yield _event("sources", {"sources": part})
        part = await threads.answer(partial(next, parts, None))


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _conditions(given: list[str | Bounds]) -> list[filters.Condition]:
    return [filters.parse(item) if isinstance(item, str) else _condition(item) for item in given]


def _condition(given: Bounds) -> filters.Condition:
    values = given.value if isinstance(given.value, list) else [given.value]
    return filters.Condition.of(given.field, given.op, values)
