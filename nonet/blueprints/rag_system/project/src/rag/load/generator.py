"""An open-loop generator: every request has a time at which it is due, and its latency counts from then.

A generator that waits for answers before it asks again leaves out the time that the requests it did not send would
have waited ("coordinated omission", Tene). This one sends each request when it is due; where it could not, the delay is
part of the latency.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.errors import ServeError
from rag.percentiles import percentile

if TYPE_CHECKING:
    import httpx

TIMEOUT = 30.0
"""Seconds after which a request counts as failed."""
AT_ONCE = 1000
"""Requests under way at once; those that are due beyond wait, and their latency counts the wait."""
MOST = 200_000
"""Requests of one test."""


@dataclass(frozen=True)
class Plan:
    """What is asked of the server.

    Attributes:
        path: ``/ask`` or ``/search``.
        rate: requests a second; ``seconds``: for how long.
    """

    path: str
    rate: float
    seconds: float

    @property
    def count(self) -> int:
        """How many requests are due; at least one."""
        return max(1, round(self.rate * self.seconds))


@dataclass
class Outcome:
    """What came of a load test.

    Attributes:
        latencies: milliseconds from the time a request was due to its answer, of those answered.
        delays: milliseconds by which the generator itself was late, of all.
        errors: how many requests failed, by what went wrong.
        wall: seconds from the first request due to the last answer.
    """

    plan: Plan
    latencies: list[float] = field(default_factory=list[float])
    delays: list[float] = field(default_factory=list[float])
    errors: Counter[str] = field(default_factory=Counter[str])
    wall: float = 0.0

    def summary(self) -> dict[str, float]:
        """Return rates, percentiles in milliseconds, and the share of errors."""
        failed = sum(self.errors.values())
        found = {
            "requests": float(self.plan.count),
            "offered_rate": self.plan.rate,
            "achieved_rate": len(self.latencies) / self.wall,
            "error_rate": failed / self.plan.count,
        }
        if self.latencies:
            found |= {f"p{share}_latency_ms": percentile(self.latencies, share) for share in (50, 95, 99)}
            found["max_latency_ms"] = max(self.latencies)
        return {**found, "p99_sent_late_ms": percentile(self.delays, 99)}


def run(url: str, questions: Sequence[str], plan: Plan) -> Outcome:
    """Ask the questions in turn, over and over, at the plan's rate.

    Raises:
        ServeError: the plan is out of bounds, or the server does not answer the first question, which is not counted.
    """
    if plan.count > MOST:
        raise ServeError(f"{plan.count:,} requests are too many for one test; the most are {MOST:,}.")
    return asyncio.run(_run(url.rstrip("/"), questions, plan))


async def _run(url: str, questions: Sequence[str], plan: Plan) -> Outcome:
    import httpx

    outcome = Outcome(plan)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(TIMEOUT, pool=None)) as client:
        await _greet(client, f"{url}{plan.path}", questions[0])
        start = time.perf_counter()
        running: list[asyncio.Task[None]] = []
        for number in range(plan.count):
            due = start + number / plan.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            question = questions[number % len(questions)]
            running.append(asyncio.create_task(_one(client, f"{url}{plan.path}", question, due, outcome)))
        await asyncio.gather(*running)
        outcome.wall = time.perf_counter() - start
    return outcome


async def _one(client: httpx.AsyncClient, url: str, question: str, due: float, outcome: Outcome) -> None:
    import httpx

    outcome.delays.append(1000 * (time.perf_counter() - due))
    try:
        reply = await asyncio.wait_for(client.post(url, json={"question": question}), TIMEOUT)
    except (httpx.HTTPError, TimeoutError) as error:
        outcome.errors[type(error).__name__] += 1
        return
    if reply.status_code == 200:
        outcome.latencies.append(1000 * (time.perf_counter() - due))
    else:
        outcome.errors[f"HTTP {reply.status_code}"] += 1


async def _greet(client: httpx.AsyncClient, url: str, question: str) -> None:
    import httpx

    try:
        reply = await client.post(url, json={"question": question})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ServeError(f"{url} cannot be reached ({type(error).__name__}); start it with `rag serve`.") from error
    if reply.status_code != 200:
        raise ServeError(f"{url} answered {reply.status_code} to the first question; is it a `rag serve`?")
