"""How a built index serves: under filters, in batches, side by side, and behind a cache; counted once it is built.

Everything runs on stored rows, evenly spaced; only the cache needs questions as they came (``--log``), since how often
questions repeat is nothing that an index knows.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from vectordb import cache, conditions, data
from vectordb.asynchronous import AsyncDatabase
from vectordb.database import Asked, Database
from vectordb.design import Design

FILE = "serving.json"
K = 10
TIMED = 60
"""Searches timed under each filter: a 95th percentile needs 59."""
BATCH, BATCH_OF_TEXTS = 128, 32
"""Questions of a batch, and of those side by side; a model reads a text in some milliseconds."""
_BEGINNING = 12
"""Words of a stored text that stand for a question."""


def measure(design: Design, parts: Mapping[str, Path], out: Path) -> dict[str, float]:
    """Measure how the built parts of a design serve; write ``serving.json``.

    Returns:
        ``filtered_p95_ms_of_N_percent``, ``batch_queries_per_second``, ``async_queries_per_second``, and of a log
        ``cache_*``.
    """
    database = Database(design, parts)
    asked = questions(database, parts["records"], BATCH if design.embedding == "given" else BATCH_OF_TEXTS)
    counted = _filtered(database, parts["records"])
    counted["batch_queries_per_second"] = _batch(database, asked)
    counted["async_queries_per_second"] = asyncio.run(_side_by_side(database, asked))
    replayed: list[cache.Replay] = []
    if log := data.read_log(parts["records"]):
        replayed = cache.replay(database, log, K)
        best = cache.chosen(replayed)
        counted |= {
            "cache_hit_rate_exact": replayed[0].hit_rate,
            "cache_hit_rate": best.hit_rate,
            "cache_recall@10": best.recall,
            "cache_threshold": best.threshold,
        }
    (out / FILE).write_text(json.dumps({"cache": [asdict(each) for each in replayed]}, indent=1), encoding="utf-8")
    return counted


def read_cache(folder: Path) -> list[cache.Replay]:
    """Return what the log showed of a cache; nothing where there was no log."""
    held: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [cache.Replay(**each) for each in held["cache"]]


def questions(database: Database, records: Path, most: int) -> list[cache.Question]:
    """Return stored vectors, or the beginnings of stored texts, evenly spaced."""
    places = np.unique(np.linspace(0, len(database.ids) - 1, most).astype(int)).tolist()
    if database.design.embedding == "given":
        return [np.asarray(row) for row in database.stored(places)]
    rows = data.read_rows(records / "texts.jsonl")
    return [" ".join(data.passage(rows[place]).split()[:_BEGINNING]) for place in places]


def _filtered(database: Database, records: Path) -> dict[str, float]:
    filters = data.read_filters(records)
    if not filters:
        return {}
    places = np.linspace(0, len(database.ids) - 1, TIMED).astype(int).tolist()
    asked: list[Asked] = [(vector, None) for vector in database.stored(places)]
    if database.design.multi_vector != "none":  # token vectors come of texts alone
        asked = [database.read(str(text)) for text in questions(database, records, TIMED)]
    found: dict[str, float] = {}
    for told in filters:
        where = conditions.from_json(told["conditions"])
        found[f"filtered_p95_ms_of_{told['percent']}_percent"] = _percentile(database, asked, where)
    return found


def _percentile(database: Database, asked: Sequence[Asked], where: Sequence[conditions.Condition]) -> float:
    times: list[float] = []
    for vector, tokens in asked:
        began = time.perf_counter()
        database.search(K, vector=vector, tokens=tokens, where=where)
        times.append((time.perf_counter() - began) * 1000)
    return float(np.percentile(times, 95))


def _batch(database: Database, asked: Sequence[cache.Question]) -> float:
    began = time.perf_counter()
    database.search_many(K, asked)
    return len(asked) / (time.perf_counter() - began)


async def _side_by_side(database: Database, asked: Sequence[cache.Question]) -> float:
    async with AsyncDatabase(database) as searching:
        began = time.perf_counter()
        await asyncio.gather(
            *(
                searching.search(K, text=each) if isinstance(each, str) else searching.search(K, vector=each)
                for each in asked
            )
        )
        return len(asked) / (time.perf_counter() - began)
