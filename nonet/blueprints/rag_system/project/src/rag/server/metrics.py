"""What the server counts, in Prometheus' text format, and the layer that counts requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from rag.cache.cached import CachedSystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS = ("/health", "/metrics", "/ask", "/search")
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by path and status, their seconds, caches' hits and misses, and the size of the index."""

    def __init__(self, system: CachedSystem) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("rag_requests", "Requests answered.", ["path", "status"], registry=self._registry)
        self.seconds = Histogram(
            "rag_request_seconds",
            "Seconds from a request's first byte to its answer's last.",
            ["path"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self.running = Gauge("rag_requests_running", "Requests that are being answered.", registry=self._registry)
        documents, chunks = system.inner.size
        for name, value, what in (("documents", documents, "Documents"), ("chunks", chunks, "Chunks")):
            Gauge(f"rag_index_{name}", f"{what} in the index.", registry=self._registry).set(value)
        Gauge("rag_index_info", "The index's version.", ["version"], registry=self._registry).labels(
            system.inner.version
        ).set(1)
        self._registry.register(_Caches(system))
        self._registry.register(_Transformed(system))

    def text(self) -> bytes:
        """Return everything counted, in the text format."""
        return generate_latest(self._registry)


class _Caches(Collector):
    """The tally of the caches, read when it is asked for."""

    def __init__(self, system: CachedSystem) -> None:
        self._system = system

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("rag_cache_lookups", "Look-ups in a cache.", labels=["cache", "result"])
        for (cache, result), count in sorted(self._system.tally.copy().items()):
            family.add_metric([cache, result], count)
        yield family


class _Transformed(Collector):
    """What a chat model made of questions, read when it is asked for."""

    def __init__(self, system: CachedSystem) -> None:
        self._transformer = system.inner.transformer

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "rag_questions_transformed", "Questions for the chat model to transform.", labels=["result"]
        )
        asked, failed = self._transformer.asked, self._transformer.failed
        family.add_metric(["transformed"], asked - failed)
        family.add_metric(["failed"], failed)
        yield family


class Counted:
    """Counts every request that passes, streamed ones when they end. Unknown paths count as one: ``other``."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in PATHS else "other"
        status, began = 500, time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.running.inc()
        try:
            await self._app(scope, receive, observed)
        finally:
            self._metrics.running.dec()
            self._metrics.requests.labels(path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - began)
