"""The ``vectordb`` command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from vectordb import cache, conditions, data, load, plan, reading, serving, sharding, upkeep
from vectordb.database import Database
from vectordb.errors import DataError, VectorError
from vectordb.ingest import count
from vectordb.settings import Settings, find_root, opened, parts
from vectordb.settings import load as load_settings


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(prog="vectordb", description="Nearest-neighbour search over vectors or texts.")
    whole.add_argument("--project", help="the project folder (default: $VECTORDB_PROJECT or this folder)")
    verbs = whole.add_subparsers(dest="verb", required=True)
    search = verbs.add_parser("search", help="find the nearest rows")
    search.add_argument("--text", help="a text to search for")
    search.add_argument("--vectors", type=Path, help="vectors to search for: .npy, .parquet or .fvecs")
    search.add_argument("--k", type=int, default=10, help="how many rows (default 10)")
    under = verbs.add_parser("load", help="search at a fixed rate: percentiles, errors")
    under.add_argument("--queries", type=Path, help="texts (JSONL) or vectors; default: the stored rows themselves")
    under.add_argument("--rate", type=float, default=20, help="searches a second (default 20)")
    under.add_argument("--seconds", type=float, default=10, help="for how long (default 10)")
    under.add_argument(
        "--cache",
        choices=("none", "exact", "semantic", "measured"),
        default="none",
        help="a cache before the index; measured: the one that the log chose (default none)",
    )
    under.add_argument("--threshold", type=float, default=0.95, help="cosine of a semantic hit (default 0.95)")
    cached = verbs.add_parser("cache", help="replay a log of questions: how often a cache hits, what it costs")
    cached.add_argument("log", type=Path, help="questions in the order they came: JSONL {text}, or vectors")
    for verb in (search, under):
        verb.add_argument("--where", action="append", default=[], metavar="CONDITION", help="year>=2020, kind=guide")
    ingest = verbs.add_parser("ingest", help="add or replace rows, or delete some")
    ingest.add_argument("file", nargs="?", type=Path, help="texts (JSONL, each with a payload, if any) or vectors")
    ingest.add_argument("--payloads", type=Path, help="payloads of the vectors, JSONL, one object a row in their order")
    ingest.add_argument("--delete", action="append", default=[], metavar="ID", help="may be repeated")
    again = verbs.add_parser("reembed", help="embed all texts again where the model's version has changed")
    again.add_argument("--force", action="store_true", help="even if it has not")
    for name, text in (("backup", "copy the index to a new folder"), ("restore", "put a backup in place")):
        verbs.add_parser(name, help=text).add_argument("folder", type=Path)
    planned = verbs.add_parser("plan", help="what more rows would need")
    planned.add_argument("--rows", required=True, help="how many, such as 10M")
    planned.add_argument("--memory-gb", type=float, default=64, help="of one machine (default 64)")
    planned.add_argument(
        "--by", default="hash", help="hash, range (of the ids), or range:FIELD (of a payload's number)"
    )
    planned.add_argument("--replicas", type=int, help="copies of every shard (default: as it was planned for)")
    planned.add_argument("--price-per-gb-hour", type=float, help="of memory, in any currency")
    verbs.add_parser("info", help="what is stored, by which design and which version of the model")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and print JSON; return 0, or 2 with one line on stderr when the user can mend it."""
    options = parser().parse_args(arguments)
    try:
        settings = load_settings(find_root(options.project))
        print(json.dumps(_VERBS[options.verb](settings, options), ensure_ascii=False, indent=1))
    except VectorError as error:
        sys.stderr.write(f"vectordb: {error}\n")
        return 2
    return 0


def _search(settings: Settings, options: argparse.Namespace) -> Any:
    if bool(options.text) == bool(options.vectors):
        raise DataError("A search needs --text or --vectors, one of them.")
    if options.k < 1:
        raise DataError("--k must be 1 or more.")
    database, where = opened(settings), [conditions.parse(text) for text in options.where]
    if options.text:
        return [database.ids[row] for row in database.search(options.k, text=options.text, where=where).rows]
    vectors, names = reading.vectors(options.vectors)
    return {
        name: [database.ids[row] for row in database.search(options.k, vector=vector, where=where).rows]
        for name, vector in zip(names, vectors, strict=True)
    }


def _load(settings: Settings, options: argparse.Namespace) -> Any:
    if options.rate <= 0 or options.seconds <= 0:
        raise DataError("--rate and --seconds must be more than 0.")
    database = opened(settings)
    queries: Any
    if options.queries is not None:
        if settings.design.embedding == "given":
            queries, _ = reading.vectors(options.queries)
        else:
            queries = [row["text"] for row in reading.texts(options.queries)]
    else:
        queries = np.asarray(upkeep.stored(settings).vectors[:1000])
    where = [conditions.parse(text) for text in options.where]
    before = _cached(settings, database, options)
    report = asdict(load.run(before or database, queries, options.rate, options.seconds, where))
    return report if before is None else {**report, "cache_hit_rate": before.hits / max(before.asked, 1)}


def _cached(settings: Settings, database: Database, options: argparse.Namespace) -> cache.Cached | None:
    """Return the cache that a load test is to go through."""
    mode, threshold = options.cache, options.threshold
    if mode == "none":
        return None
    if mode == "measured":
        measured = serving.read_cache(parts(settings)["serving"])
        if not measured:
            raise DataError("No log of questions was given when the index was chosen; use `vectordb cache LOG`.")
        threshold = cache.chosen(measured).threshold
        mode = "exact" if threshold == 1.0 else "semantic"
    return cache.Cached(database, mode, threshold)


def _cache(settings: Settings, options: argparse.Namespace) -> Any:
    database = opened(settings)
    log: list[cache.Question]
    if settings.design.embedding == "given":
        log = list(reading.vectors(options.log)[0])
    else:
        log = list(reading.log(options.log))
    measured = cache.replay(database, log)
    return {"measured": [asdict(each) for each in measured], "chosen": asdict(cache.chosen(measured))}


def _ingest(settings: Settings, options: argparse.Namespace) -> Any:
    if options.file is None and not options.delete:
        raise DataError("Nothing to do: name a file, or --delete an id.")
    return asdict(upkeep.ingest(settings, options.file, options.delete, options.payloads))


def _reembed(settings: Settings, options: argparse.Namespace) -> Any:
    before, now, done = upkeep.reembed(settings, options.force)
    return {"before": before, "now": now, "embedded_again": done}


def _plan(settings: Settings, options: argparse.Namespace) -> Any:
    found, database = parts(settings), opened(settings)
    meta, (kind, _, field) = database.meta, options.by.partition(":")
    if kind not in ("hash", "range") or options.memory_gb <= 0:
        raise DataError("--by is hash, range or range:FIELD, and --memory-gb more than 0.")
    filters = [conditions.from_json(each["conditions"]) for each in data.read_filters(found["records"])]

    rows = count(options.rows)

    def deal(shards: int) -> sharding.Sharding:
        if kind == "hash":
            return sharding.by_hash(rows, shards)
        return sharding.by_range(database.ids, database.columns, field or None, shards, filters)

    price = options.price_per_gb_hour or meta.price_per_gb_hour or None
    replicas = options.replicas or meta.replicas
    made = plan.make(found["scaling"], rows, options.memory_gb, replicas, price, deal)
    sys.stderr.write("\n".join(plan.lines(made)) + "\n")
    return asdict(made)


def _info(settings: Settings, options: argparse.Namespace) -> Any:
    database = opened(settings)
    fields = database.columns.names if database.columns else []
    return {
        "rows": len(database.ids),
        "dimensions": database.width,
        "metric": database.meta.metric,
        "fields": fields,
        "model": upkeep.version(settings),
        "design": asdict(settings.design),
    }


_VERBS = {
    "search": _search,
    "load": _load,
    "ingest": _ingest,
    "reembed": _reembed,
    "backup": lambda settings, options: {"files": upkeep.backup(settings, options.folder)},
    "restore": lambda settings, options: {"files": upkeep.restore(settings, options.folder)},
    "plan": _plan,
    "cache": _cache,
    "info": _info,
}
