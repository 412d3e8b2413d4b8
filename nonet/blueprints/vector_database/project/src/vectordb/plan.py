"""A plan for more rows: memory, shards by hash or by range, replicas, latency and cost, from measured sizes.

Memory is the engine's bytes by the law fitted in ``scaling.json``, times a headroom. A search asks its shards side by
side and waits for the slowest, so latency is taken at the largest shard's rows. What is extrapolated beyond the largest
measured size is only as good as the laws, whose error is printed beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vectordb import scaling, sharding
from vectordb.errors import DataError

HEADROOM = scaling.HEADROOM


@dataclass(frozen=True)
class Plan:
    """What so many rows would need.

    Attributes:
        factor: rows asked for over the largest measured.
        by: how rows are dealt out to shards.
        bounds: of ranges, the least key of every shard but the first, as they lie in the rows here.
        rows_per_shard: of the largest shard.
        shards_asked: by a search under the filters that were measured, on average.
        machines: of every shard, those that hold a copy.
        memory_bytes: of one copy of everything, headroom included.
        queries_per_second: of all replicas, one core a machine, searched one after another.
        cost_per_hour: None where no price is given.
        laws: each as ``a · rows ** b`` with its relative error at the largest measured size, fitted without it.
        error: the largest of these.
    """

    rows: int
    factor: float
    by: str
    shards: int
    bounds: tuple[sharding.Key, ...]
    replicas: int
    rows_per_shard: int
    shards_asked: float
    machines: list[list[int]]
    memory_bytes: float
    build_seconds_per_shard: float
    latency_ms: float
    queries_per_second: float
    cost_per_hour: float | None
    laws: dict[str, str]
    error: float


def make(
    folder: Path, rows: int, memory_gb: float, replicas: int, price_per_gb_hour: float | None, deal: sharding.Sharder
) -> Plan:
    """Plan for ``rows`` on machines of ``memory_gb``.

    Args:
        folder: the ``scaling`` part of the index.
        rows: how many.
        memory_gb: of one machine, in 10⁹ bytes.
        replicas: copies of every shard.
        price_per_gb_hour: what 10⁹ bytes of memory cost an hour, in any currency.
        deal: deals the rows out to so many shards.

    Raises:
        DataError: nothing was measured to extrapolate from, or no number of shards fits a machine.
    """
    _, points, laws = scaling.read(folder)
    if not laws:
        raise DataError(
            "The index was not built at several sizes, so nothing can be extrapolated; measure it with a scale."
        )
    if "bytes" not in laws:
        raise DataError("The server does not say how large the index is, so no memory can be planned; ask its host.")
    dealt = _dealt(laws["bytes"], rows, memory_gb * 1e9, deal)
    each = math.ceil(rows * dealt.largest)
    latency = laws["latency_ms"].at(each)
    memory = HEADROOM * laws["bytes"].at(rows)
    return Plan(
        rows=rows,
        factor=rows / points[-1]["rows"],
        by=dealt.by,
        shards=dealt.shards,
        bounds=dealt.bounds,
        replicas=replicas,
        rows_per_shard=each,
        shards_asked=dealt.asked,
        machines=sharding.placed(dealt.shards, replicas),
        memory_bytes=memory,
        build_seconds_per_shard=laws["build_seconds"].at(each),
        latency_ms=latency,
        queries_per_second=replicas * 1000 / latency * dealt.shards / dealt.asked,
        cost_per_hour=None if price_per_gb_hour is None else price_per_gb_hour * memory * replicas / 1e9,
        laws={name: f"{law.a:.3g} · rows ** {law.b:.3f}, off by {100 * law.error:.0f} %" for name, law in laws.items()},
        error=max(law.error for law in laws.values()),
    )


def _dealt(law: scaling.Law, rows: int, room: float, deal: sharding.Sharder) -> sharding.Sharding:
    """Return the fewest shards whose largest fits a machine."""
    shards = max(1, math.ceil(HEADROOM * law.at(rows) / room))
    while True:
        dealt = deal(shards)
        if HEADROOM * law.at(rows * dealt.largest) <= room:
            return dealt
        if len(dealt.bounds) + 1 < shards and dealt.by != "hash":
            raise DataError(f"Shards by {dealt.by} do not fit {room / 1e9:g} GB: too many rows share one value.")
        shards += max(1, shards // 20)


def _cost(plan: Plan) -> str:
    if plan.cost_per_hour is None:
        return "not given: --price-per-gb-hour"
    return f"{plan.cost_per_hour:,.2f} an hour, {plan.cost_per_hour * scaling.HOURS_A_MONTH:,.2f} a month, memory alone"


def lines(plan: Plan) -> list[str]:
    """Write a plan for people."""
    dealt = f"{plan.shards} by {plan.by}, {plan.rows_per_shard:,} rows at most; {plan.replicas} replicas of each"
    values: Mapping[str, str] = {
        "rows": f"{plan.rows:,} ({plan.factor:,.0f} times the largest size measured)",
        "memory": f"{plan.memory_bytes / 1e9:,.2f} GB a copy, {HEADROOM:g} times the index",
        "shards": dealt,
        "machines": f"{plan.shards * plan.replicas}, one shard each; a search asks {plan.shards_asked:.3g} shards",
        "build": f"{plan.build_seconds_per_shard:,.0f} s a shard on one thread",
        "latency": f"{plan.latency_ms:,.2f} ms median in the engine, without network",
        "throughput": f"{plan.queries_per_second:,.0f} searches a second on one core a machine",
        "cost": _cost(plan),
        "error": f"the laws were off by {100 * plan.error:.0f} % at most at the largest measured size",
    }
    return [f"{name:<11}{value}" for name, value in values.items()]
