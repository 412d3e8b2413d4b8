"""A load test: searches at a fixed rate, each measured from when it was due (open loop), on threads of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectordb.cache import Cached
from vectordb.conditions import Condition
from vectordb.database import Database

THREADS = 8


@dataclass(frozen=True)
class Report:
    """What a load test measured; latencies in milliseconds from when a search was due."""

    rate: float
    achieved: float
    searches: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def run(
    database: Database | Cached,
    queries: Sequence[str] | NDArray[np.float32],
    rate: float,
    seconds: float,
    where: Sequence[Condition] = (),
    k: int = 10,
) -> Report:
    """Search ``rate`` times a second for some seconds; queries repeat in turn."""
    count = max(1, round(rate * seconds))
    latencies: list[float] = []
    failed = 0
    lock = threading.Lock()

    def one(place: int, due: float) -> None:
        nonlocal failed
        query = queries[place % len(queries)]
        try:
            if isinstance(query, str):
                database.search(k, text=query, where=where)
            else:
                database.search(k, vector=query, where=where)
        except Exception:
            with lock:
                failed += 1
            return
        with lock:
            latencies.append((time.perf_counter() - due) * 1000)

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        for place in range(count):
            due = began + place / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            pool.submit(one, place, due)
    took = time.perf_counter() - began
    ends = np.percentile(latencies, (50, 95, 99)) if latencies else np.full(3, np.nan)
    return Report(rate, len(latencies) / took, count, failed, float(ends[0]), float(ends[1]), float(ends[2]))
