"""Which shard holds which row: by a hash of the id, or by ranges of the ids or of a payload's number.

By hash shards are even whatever the ids, and every search asks all of them. By range a search under a condition on that
field asks only the shards it touches, and shards are as even as the values allow, which is measured on the rows here.
"""

from __future__ import annotations

import bisect
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vectordb.conditions import Columns, Condition
from vectordb.errors import DataError

Key = float | str


@dataclass(frozen=True)
class Sharding:
    """How rows are dealt out.

    Attributes:
        by: "hash", or "range of FIELD" ("range of id").
        bounds: of ranges, the least key of every shard but the first.
        largest: the largest shard's share: of ranges, of the rows here.
        asked: shards that a search under each measured filter asks, on average; all of them by hash.
    """

    by: str
    shards: int
    bounds: tuple[Key, ...]
    largest: float
    asked: float


def of_id(name: str, shards: int) -> int:
    """Return the shard of an id: by its hash, so that shards are even whatever the ids."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") % shards


def of_key(key: Key, bounds: Sequence[Key]) -> int:
    """Return the shard whose range holds a key."""
    return bisect.bisect_right(bounds, key)  # type: ignore[type-var]


def by_hash(rows: int, shards: int) -> Sharding:
    """Deal so many rows out by the hash of their ids; the largest shard is four standard deviations above the mean."""
    largest = 1 / shards + 4 * math.sqrt((1 - 1 / shards) / shards / rows)
    return Sharding("hash", shards, (), min(1.0, largest), float(shards))


def by_range(
    ids: Sequence[str], columns: Columns | None, field: str | None, shards: int, filters: Sequence[Sequence[Condition]]
) -> Sharding:
    """Deal rows out by ranges that hold about equally many of the rows here.

    Args:
        ids: of the rows.
        columns: their payloads.
        field: the payload's number to go by; none goes by the id.
        shards: how many.
        filters: what searches ask for, to count the shards they touch.

    Raises:
        DataError: the field holds no numbers, or some row lacks it.
    """
    keys: list[Key] = sorted(ids)
    if field is not None:
        if columns is None or field not in columns.numbers or (columns.numbers[field] != columns.numbers[field]).any():
            raise DataError(f"No payload's number is {field!r} in every row; shard by another field or by hash.")
        keys = sorted(columns.numbers[field].tolist())
    bounds = tuple(dict.fromkeys(keys[round(place * len(keys) / shards)] for place in range(1, shards)))
    counted = Counter(of_key(key, bounds) for key in keys)
    touched = [_touched(each, field, bounds, shards) for each in filters]
    asked = sum(touched) / len(touched) if touched else float(shards)
    return Sharding(f"range of {field or 'id'}", shards, bounds, max(counted.values()) / len(keys), asked)


def placed(shards: int, replicas: int) -> list[list[int]]:
    """Return the machines of every shard's copies: one shard a machine, so no machine that fails takes two copies."""
    return [[copy * shards + shard for copy in range(replicas)] for shard in range(shards)]


def _touched(filters: Sequence[Condition], field: str | None, bounds: Sequence[Key], shards: int) -> int:
    """Count the shards that may hold rows that meet all conditions."""
    own = [each for each in filters if each.field == field and isinstance(each.value, int | float)]
    low, high = 0, len(bounds)
    for each in own:
        place = of_key(float(each.value), bounds)
        if each.op in ("=", ">", ">="):
            low = max(low, place)
        if each.op in ("=", "<", "<="):
            high = min(high, place)
    return max(high - low + 1, 0) if own else shards


Sharder = Callable[[int], Sharding]
