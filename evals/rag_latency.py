"""How fast does ``rag_system`` answer? 95th percentile of ``ask`` without generation, and against plain BM25.

    uv run python evals/rag_latency.py --data FOLDER [--collections docs_qa,scifact] [--quick]

FOLDER (or the environment variable NONET_DATA) holds collections in BEIR's layout, at any depth. On each, Nonet runs
with the target ``p95_latency_ms<200``; then three systems are timed side by side by the product's own laboratory
(search, rerank and pack of every question; caches off; passes interleaved A B C A B C …):

* plain BM25 over whole pages, the default baseline;
* what that run shipped;
* the dear one: windows of 120 words, BM25 and MiniLM, the first 20 reordered by late interaction.

A question's time is the median of 3 passes; the pass before them, right after opening, is *cold* and told apart. p95
has a percentile bootstrap interval over at least 299 distinct questions, made ones where too few are given; the ratio
to BM25 is resampled over the same questions (paired). Exit 1 when a p95 is not shown to be under 200 ms.

``--quick`` takes 200 documents of each collection and gives the runs 45 s.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from beir_folders import asked, collections, inputs, sample
from finished_runs import finished

import nonet
from nonet import blueprints
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.graphs.steps import bench
from nonet.graphs.steps.desk import Desk
from nonet.state import Json
from nonet.trials.contract import Interval, Unit
from nonet.trials.space import key
from nonet.trials.statistics import DRAWS, Floats, percentile_interval, resampled_interval, resamples
from nonet.trials.timing import Latency

LIMIT_MS, QUESTIONS, PASSES = 200.0, 299, 3
TARGET = f"p95_latency_ms<{LIMIT_MS:g}"
DEAR = Design(
    chunking="windows",
    chunk_size=120,
    chunk_overlap=20,
    retrieval="hybrid_weighted",
    embedding="minilm",
    rerank="late_interaction",
)
Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time what rag_system ships, and the dearest of it, against BM25.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--collections", default="docs_qa,scifact", help="their names (default docs_qa,scifact)")
    parser.add_argument("--sample", type=int, default=10**9, help="documents of a collection at most (default all)")
    parser.add_argument("--budget", default="10m", help="of each run (default 10m)")
    parser.add_argument("--work", type=Path, help="keep runs and built stages here, and use those that are here")
    parser.add_argument("--quick", action="store_true", help="a budget of 45s and 200 documents of each collection")
    options = parser.parse_args()
    if not options.data:
        parser.error("give --data FOLDER (or NONET_DATA), a folder of collections in BEIR's layout")
    if options.quick:
        options.budget, options.sample = "45s", min(options.sample, 200)
    found = collections(Path(options.data), options.collections)
    with tempfile.TemporaryDirectory(prefix="nonet-latency-") as scratch:
        work = (options.work or Path(scratch)).absolute()
        # A build may take longer than a trial's default limit: the whole collection is embedded on purpose.
        settings = nonet.Settings(home=str(work / "home"), trial_seconds=7200)
        nonet.prepare("rag_system", settings=settings)
        measured = [row for folder in found for row in timed(folder, options, work, settings)]
    print(table(measured))
    print(json.dumps(measured))
    return 0 if all(row["met"] for row in measured) else 1


def timed(folder: Path, options: argparse.Namespace, work: Path, settings: nonet.Settings) -> list[Row]:
    """Run Nonet on one collection, then time its choice between the cheapest and the dearest system."""
    place = work / f"{folder.name}-{options.sample if options.sample < 10**9 else 'all'}"
    source = sample(folder, options.sample, place / "collection")
    run = finished(
        place / "run", inputs(source, questions=asked(source) > 0), options.budget, settings, target=(TARGET,)
    )
    desk = Desk(run.folder, settings, blueprints.load("rag_system"))
    designs: dict[str, dict[str, Json]] = {
        "BM25, whole pages": dict(BASELINE),
        "shipped": dict(run.decision.design),
        "dear": DEAR.normalised().model_dump(mode="json"),
    }
    units = distinct(desk)
    latencies = bench.laboratory(desk).latency(list(designs.values()), units, PASSES)
    missing = [name for name, design in designs.items() if key(design) not in latencies]
    if missing:
        raise SystemExit(
            f"{folder.name}: {', '.join(missing)} could not be built or timed; see {run.folder / 'trials'}."
        )
    keys = [unit.key for unit in units]
    base = warm(latencies[key(designs["BM25, whole pages"])], keys)
    verdict = run.json()["targets"]
    return [
        {
            "collection": folder.name,
            "documents": int(desk.data["counts"]["documents"]),
            "system": name,
            "design": desk.blueprint.describe(design),
            **figures(latencies[key(design)], keys, base),
            "run_says_met": verdict[0]["met"] if name == "shipped" else None,
        }
        for name, design in designs.items()
    ]


def distinct(desk: Desk) -> Sequence[Unit]:
    """Return the questions to time: given ones first, then made ones; each content once."""
    unique = list({unit.content: unit for unit in desk.units.timeable}.values())[: max(QUESTIONS, 300)]
    if len(unique) < QUESTIONS:
        print(f"note: only {len(unique)} distinct questions; {QUESTIONS} are wanted", file=sys.stderr)
    return unique


def warm(latency: Latency, keys: Sequence[str]) -> Floats:
    return np.array([latency.median_ms[name] for name in keys])


def figures(latency: Latency, keys: Sequence[str], base: Floats) -> Row:
    """Percentiles of one system's times, warm and cold, and its p95 over BM25's on the same questions."""
    mine, generator = warm(latency, keys), np.random.default_rng(0)
    cold = np.array([latency.cold_ms[name] for name in keys])
    p95 = percentile_interval(mine, 95, generator)
    return {
        "questions": len(keys),
        "p50_ms": float(np.percentile(mine, 50)),
        "p95_ms": p95.json(),
        "p99_ms": percentile_interval(mine, 99, generator).json() if len(keys) >= QUESTIONS else None,
        "cold_first_ms": float(cold[0]),
        "cold_p95_ms": percentile_interval(cold, 95, generator).json(),
        "ratio_to_bm25": ratio(mine, base, generator).json(),
        "met": p95.high < LIMIT_MS,
    }


def ratio(mine: Floats, base: Floats, generator: np.random.Generator) -> Interval:
    """Ratio of the 95th percentiles with its paired bootstrap interval."""
    drawn = [
        np.percentile(mine[rows], 95, axis=1) / np.percentile(base[rows], 95, axis=1)
        for rows in resamples(len(mine), DRAWS, generator)
    ]
    value = float(np.percentile(mine, 95) / np.percentile(base, 95))
    return resampled_interval(value, np.concatenate(drawn), len(mine))


def table(measured: Sequence[Row]) -> str:
    lines = [
        "| collection | system | questions | p50 ms | p95 ms | cold p95 ms | p95 over BM25's | under 200 ms |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in measured:
        about = f"{row['collection']} ({row['documents']} documents) | {row['system']}: {row['design']}"
        times = " | ".join((within(row["p95_ms"]), within(row["cold_p95_ms"]), within(row["ratio_to_bm25"])))
        met = "met" if row["met"] else "NOT MET"
        lines.append(f"| {about} | {row['questions']} | {row['p50_ms']:.1f} | {times} | {met} |")
    return "\n".join(lines)


def within(interval: Mapping[str, float]) -> str:
    return f"{interval['value']:.1f} [{interval['low']:.1f}, {interval['high']:.1f}]"


if __name__ == "__main__":
    sys.exit(main())
