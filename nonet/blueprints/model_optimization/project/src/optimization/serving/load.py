"""Open-loop load: requests start when they are due, whether or not earlier ones are answered, and are timed from then.

A generator that waits for an answer before it sends the next request hides every delay that it waits through
("coordinated omission"); here a late start is part of a request's latency.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from optimization.serving.client import Client, FailedError, RefusedError
from optimization.serving.errors import ServingError

Arrivals = Literal["poisson", "fixed"]
Ask = Callable[[int], Awaitable[object]]


@dataclass(frozen=True)
class Load:
    """What is asked of a server.

    Attributes:
        rate: requests a second.
        seconds: of measuring, after the warm-up.
        warm_up: seconds of the same load before, which do not count.
        arrivals: "poisson" (independent users: gaps are exponential) or "fixed".
        timeout: seconds from when a request is due, after which it is given up.
        most: requests under way at once; what is due beyond them is dropped unsent.
        seed: of the arrivals.
    """

    rate: float
    seconds: float = 10.0
    warm_up: float = 1.0
    arrivals: Arrivals = "poisson"
    timeout: float = 10.0
    most: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a load that is none."""
        if min(self.rate, self.seconds, self.timeout) <= 0 or self.warm_up < 0 or self.most < 1:
            raise ServingError("rate, seconds and timeout of a load test must be more than 0, the warm-up 0 or more")
        if self.arrivals not in ("poisson", "fixed"):
            raise ServingError(f"arrivals are poisson or fixed, not {self.arrivals!r}")

    def due(self) -> list[float]:
        """Return when requests are due, in seconds from the start, the warm-up included."""
        gaps = random.Random(self.seed)
        whole, found, now = self.warm_up + self.seconds, list[float](), 0.0
        while True:
            now = now + gaps.expovariate(self.rate) if self.arrivals == "poisson" else len(found) / self.rate
            if now >= whole:
                return found
            found.append(now)


@dataclass(frozen=True)
class Measured:
    """What a load test found; latencies in milliseconds from when a request was due, of the answered ones.

    Attributes:
        rate: requests a second that were asked for.
        offered: those that were due, a second.
        achieved: answers a second, over the time until the last of them.
        requests: that were due after the warm-up.
        answered: of them.
        dropped: refused as too many, given up, or never sent.
        failed: answered with an error, or not at all.
        late_ms: the 99th percentile of how late the generator itself sent; latencies are no better known than this.
    """

    rate: float
    offered: float
    achieved: float
    requests: int
    answered: int
    dropped: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    late_ms: float


def over_http(url: str, bodies: Sequence[bytes], load: Load) -> Measured:
    """Ask a server for predictions; the bodies come in turn.

    Raises:
        ServingError: there is no body to send, or no server at the address.
    """
    if not bodies:
        raise ServingError("a load test needs one example or more")

    async def run() -> Measured:
        client = Client(url)
        try:
            await client.post(bodies[0])
        except FailedError as error:
            raise ServingError(f"{url} does not answer a first request ({error}); start the server there") from error
        except RefusedError:
            pass  # busy with another's load: that is for the measurement to show
        try:
            return await measure(lambda place: client.post(bodies[place % len(bodies)]), load)
        finally:
            client.close()

    return asyncio.run(run())


async def measure(ask: Ask, load: Load) -> Measured:
    """Ask at the times that are due and measure each from then.

    Args:
        ask: sends the request of a number, and raises ``RefusedError`` or ``FailedError`` where it is not answered.
        load: what is asked.
    """
    due = load.due()
    kept = [place for place, when in enumerate(due) if when >= load.warm_up]
    ends: dict[int, float] = {}
    late: list[float] = []
    counts = {"dropped": 0, "failed": 0}
    under_way: set[asyncio.Task[None]] = set()
    began = time.perf_counter() + 0.01

    async def one(place: int, counted: bool) -> None:
        try:
            left = began + due[place] + load.timeout - time.perf_counter()
            await asyncio.wait_for(ask(place), max(0.0, left))
        except (RefusedError, TimeoutError):
            counts["dropped"] += counted
        except FailedError:
            counts["failed"] += counted
        else:
            if counted:
                ends[place] = time.perf_counter()

    first = kept[0] if kept else len(due)
    for place, when in enumerate(due):
        await _until(began + when)
        if place >= first:
            late.append(time.perf_counter() - began - when)
        if len(under_way) >= load.most:
            counts["dropped"] += place >= first
            continue
        task = asyncio.ensure_future(one(place, place >= first))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    latencies = [(end - began - due[place]) * 1000 for place, end in ends.items()]
    lasted = max((end - began - load.warm_up for end in ends.values()), default=load.seconds)
    return Measured(
        load.rate,
        len(kept) / load.seconds,
        len(ends) / max(lasted, load.seconds),
        len(kept),
        len(ends),
        counts["dropped"],
        counts["failed"],
        *(float(np.percentile(latencies, q)) if latencies else None for q in (50, 95, 99, 100)),
        late_ms=float(np.percentile(late, 99)) * 1000 if late else 0.0,
    )


async def _until(when: float) -> None:
    """Wait until a time of the clock; give way to the answers even where it is past."""
    await asyncio.sleep(max(0.0, when - time.perf_counter()))
