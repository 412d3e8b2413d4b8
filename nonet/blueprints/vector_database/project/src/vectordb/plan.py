"""A plan for more rows: memory, shards by hash of the id, replicas, latency and cost, from measured sizes.

Memory is the engine's bytes by the law fitted in ``scaling.json``, times a headroom. A search asks every shard and
waits for the slowest; shards are searched side by side, so latency is taken at a shard's rows. What is extrapolated
beyond the largest measured size is only as good as the laws, whose error is printed beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vectordb import scaling
from vectordb.errors import DataError

HEADROOM = 1.3
"""Memory beyond the index: the process, rows being ingested while the index before answers."""


@dataclass(frozen=True)
class Plan:
    """What so many rows would need.

    Attributes:
        factor: rows asked for over the largest measured.
        memory_bytes: of one copy of everything, headroom included.
        queries_per_second: of all replicas, one core a shard, searched one after another.
        cost_per_month: None where no price is given.
        error: the largest relative error of the laws.
    """

    rows: int
    factor: float
    shards: int
    replicas: int
    rows_per_shard: int
    memory_bytes: float
    build_seconds_per_shard: float
    latency_ms: float
    queries_per_second: float
    cost_per_month: float | None
    error: float


def make(folder: Path, rows: int, memory_gb: float, replicas: int, price_per_gb_month: float | None) -> Plan:
    """Plan for ``rows`` on machines of ``memory_gb``.

    Args:
        folder: the ``scaling`` part of the index.
        rows: how many.
        memory_gb: of one machine, in 10⁹ bytes.
        replicas: copies of every shard.
        price_per_gb_month: what 10⁹ bytes of memory cost a month, in any currency.

    Raises:
        DataError: nothing was measured to extrapolate from.
    """
    _, points, laws = scaling.read(folder)
    if not laws:
        raise DataError(
            "The index was not built at several sizes, so nothing can be extrapolated; measure it with a scale."
        )
    if "bytes" not in laws:
        raise DataError("The server does not say how large the index is, so no memory can be planned; ask its host.")
    memory = HEADROOM * laws["bytes"].at(rows)
    shards = max(1, math.ceil(memory / (memory_gb * 1e9)))
    each = math.ceil(rows / shards)
    latency = laws["latency_ms"].at(each)
    return Plan(
        rows=rows,
        factor=rows / points[-1]["rows"],
        shards=shards,
        replicas=replicas,
        rows_per_shard=each,
        memory_bytes=memory,
        build_seconds_per_shard=laws["build_seconds"].at(each),
        latency_ms=latency,
        queries_per_second=replicas * 1000 / latency,
        cost_per_month=None if price_per_gb_month is None else price_per_gb_month * memory * replicas / 1e9,
        error=max(law.error for law in laws.values()),
    )


def shard_of(name: str, shards: int) -> int:
    """Return the shard of an id: by its hash, so that shards are even whatever the ids."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") % shards


def _cost(plan: Plan) -> str:
    if plan.cost_per_month is None:
        return "not given: --price-per-gb-month"
    return f"{plan.cost_per_month:,.2f} a month, memory alone"


def lines(plan: Plan) -> list[str]:
    """Write a plan for people."""
    values: Mapping[str, str] = {
        "rows": f"{plan.rows:,} ({plan.factor:,.0f} times the largest size measured)",
        "memory": f"{plan.memory_bytes / 1e9:,.2f} GB a copy, {HEADROOM:g} times the index",
        "shards": f"{plan.shards} of {plan.rows_per_shard:,} rows, by hash of the id; {plan.replicas} replicas of each",
        "build": f"{plan.build_seconds_per_shard:,.0f} s a shard on one thread",
        "latency": f"{plan.latency_ms:,.2f} ms median in the engine, without network",
        "throughput": f"{plan.queries_per_second:,.0f} searches a second on one core a shard",
        "cost": _cost(plan),
        "error": f"the laws were off by {100 * plan.error:.0f} % at most at the largest measured size",
    }
    return [f"{name:<11}{value}" for name, value in values.items()]
