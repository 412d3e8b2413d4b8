"""Does the race choose well, and at what price? The product's own race over recorded per-question scores.

    uv run python evals/rag_decision.py --data FOLDER --work FOLDER [--collections scifact,cranfield]

A grid of designs is measured in full once and kept in WORK; then the race runs on resampled splits: n questions to
choose on, the others to judge by. Printed, with bootstrap intervals over the splits: nDCG@10 on the held questions of
what is shipped, of plain BM25 (k1 1.2, b .75, stemmed, whole page), of plain MiniLM, and of the grid's best there;
regret to it; measurements (design × question, on pool and whole) and build seconds as shares of measuring the grid.

Where a collection has 50 questions or more its standing split (the one every run has) also goes through ``nonet run``
over the same designs: both must ship the same design on the same scores.

Gates (exit 1): shipped beats the better plain system, chosen on the same selection questions, by .02 on average over
the collections; regret ≤ .015 at 120 questions, ≤ .02 at 60; measurements ≤ 40 % at 120, 25 % at 300; build seconds
≤ 60 % from 60 questions on where the grid has 8 or more distinct dense builds; the standing split agrees.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from beir_folders import collections, inputs
from recorded import BLUEPRINT, Collection, Design, Recorder, candidates, race

import nonet
from nonet.blueprints.rag_system.design import BASELINE
from nonet.trials import space, splits
from nonet.trials.statistics import bootstrap_interval

SIZES = (15, 30, 60, 120, 300)
HELD = 10
"""Questions to judge by at least."""
FEW = 60
"""Below this many selection questions regret and work are printed and gated by nothing."""
MANUAL = "docs_qa"
PLAIN_BM25: Design = BASELINE
PLAIN_MINILM: Design = {**BASELINE, "retrieval": "dense", "embedding": "minilm"}

PAGES = {"chunking": "page"}
WINDOWS_120 = {"chunking": "windows", "chunk_size": 120, "chunk_overlap": 20}
WINDOWS_60 = {"chunking": "windows", "chunk_size": 60, "chunk_overlap": 20}
SENTENCES = {"chunking": "sentences", "chunk_size": 60}
HEADINGS = {"chunking": "headings", "chunk_size": 200}
RECURSIVE = {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50}
ABSTRACTS = (PAGES, WINDOWS_120, WINDOWS_60, SENTENCES)
MANUALS = (PAGES, WINDOWS_120, WINDOWS_60, HEADINGS, RECURSIVE)
READING: Sequence[Mapping[str, Any]] = (
    {},
    {"bm25_k1": 0.9, "bm25_b": 0.4},
    {"retrieval": "hybrid_weighted", "dense_weight": 0.4, "embedding": "wordllama"},
    {"retrieval": "hybrid_rrf", "rrf_k": 10, "embedding": "wordllama"},
    {"retrieval": "dense", "embedding": "minilm"},
    {"retrieval": "hybrid_weighted", "dense_weight": 0.4, "embedding": "minilm"},
    {"retrieval": "hybrid_weighted", "dense_weight": 0.6, "embedding": "minilm"},
    {"retrieval": "hybrid_rrf", "rrf_k": 10, "embedding": "minilm"},
    {"retrieval": "hybrid_weighted", "dense_weight": 0.6, "embedding": "minilm", "feedback": 5},
    {"retrieval": "hybrid_weighted", "dense_weight": 0.6, "embedding": "minilm", "rerank": "late_interaction"},
)
Row = dict[str, Any]


def grid(name: str) -> list[Design]:
    """Return the designs that are measured in full: every reading of every way to cut; the baseline first."""
    found = [
        space.canonical(BLUEPRINT.Design, {**BASELINE, **cut, **reading})
        for cut in (MANUALS if name == MANUAL else ABSTRACTS)
        for reading in READING
    ]
    return list({space.key(design): design for design in found}.values())


@dataclass(frozen=True)
class Full:
    """The grid, measured in full: one row of per-question scores a design, and what building all of it took."""

    designs: list[Design]
    values: np.ndarray
    build_seconds: float
    dense_builds: int

    @classmethod
    def of(cls, collection: Collection) -> Full:
        """Build and measure every design of the grid on every question."""
        assert collection.units, "a collection has questions"
        designs, values = grid(collection.name), []
        for design in designs:
            if design["rerank"] == "late_interaction":  # its token embeddings bring the vectors with them
                collection.stages(design, collection.whole)
        for number, design in enumerate(designs, 1):
            values.append(collection.values(design))
            told = f"{collection.name}: {number}/{len(designs)} {BLUEPRINT.describe(design)} {values[-1].mean():.3f}"
            print(told, file=sys.stderr, flush=True)
        stages = {s["key"]: s for design in designs for s in collection.stages(design, collection.whole)}
        dense = [s for s in stages.values() if s["name"].startswith("vectors-") or s["name"] == "tokens"]
        return cls(designs, np.array(values), sum(s["seconds"] for s in stages.values()), len(dense))


def sampled(collection: Collection, full: Full, n: int, repeats: int) -> Row:
    """Race on ``repeats`` random selections of ``n`` questions; judge by the others."""
    count = len(collection.units)
    draws = np.random.default_rng([n, 20])
    rows: list[Row] = []
    for _ in range(repeats):
        order = [int(i) for i in draws.permutation(count)]
        rows.append(judged(collection, full, order[:n], order[n:]))
    numbers = {name: [row[name] for row in rows] for name in rows[0] if name not in ("ships", "pool")}
    means = {name: interval(values) for name, values in numbers.items()}
    pools = [row["pool"] for row in rows if row["pool"]]
    return {
        "collection": collection.name,
        "questions": n,
        "held": count - n,
        "splits": repeats,
        "grid": len(full.designs),
        "dense_builds": full.dense_builds,
        "pooled": len(pools),
        "pool_share": round(float(np.mean(pools)), 3) if pools else None,
        **means,
    }


def judged(collection: Collection, full: Full, selection: Sequence[int], held: Sequence[int]) -> Row:
    """Race on ``selection``; return what was shipped and how it does on ``held``."""
    raced = race(collection, candidates(full.designs), selection)
    chosen_on, judged_on = list(selection), list(held)
    shipped = collection.values(raced.design)[judged_on].mean()
    bm25, minilm = (collection.values(space.canonical(BLUEPRINT.Design, plain)) for plain in (PLAIN_BM25, PLAIN_MINILM))
    plain = bm25 if bm25[chosen_on].mean() >= minilm[chosen_on].mean() else minilm
    best = full.values[:, judged_on].mean(axis=1).max()
    return {
        "ships": BLUEPRINT.describe(raced.design),
        "shipped": shipped,
        "bm25": bm25[judged_on].mean(),
        "minilm": minilm[judged_on].mean(),
        "grid_best": best,
        "regret": best - shipped,
        "over_plain": shipped - plain[judged_on].mean(),
        "work": raced.measurements / (len(full.designs) * len(selection)),
        "build": raced.build_seconds / full.build_seconds,
        "pool": raced.pool.share if raced.pool else None,
    }


def interval(values: Sequence[float]) -> Row:
    """Return the mean over splits with its percentile bootstrap interval."""
    data = np.array(values)
    found = bootstrap_interval(lambda rows: float(data[rows].mean()), data.size, np.random.default_rng(0), draws=2000)
    return {"mean": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def standing(collection: Collection, full: Full, work: Path) -> Row:
    """Race on the split that every run has, and run Nonet on the same data and designs; compare what both say."""
    units = collection.units
    split = splits.split(units)
    raced = race(collection, candidates(full.designs), splits.order(split.selection, units, 0))
    file, out = work / f"{collection.name}-grid.json", work / "runs" / collection.name
    file.write_text(json.dumps(full.designs))
    settings = nonet.Settings(home=str(work / "home"), trial_seconds=7200)
    given: dict[str, Any] = inputs(collection.folder)
    if out.exists():
        run = nonet.resume(out, settings=settings)
    else:
        run = nonet.run("rag_system", "", **given, designs=file, budget="1000 trials", out=out, settings=settings)
    first = json.loads((out / "decision.json").read_text())["decision"]
    told = {row["candidate"]: row for row in first["comparisons"]}
    mine = {each.candidate: each for each in raced.decision.comparisons}
    packed = run.decision.winner  # what ships may be packed otherwise, which no ranking depends on
    return {
        "collection": collection.name,
        "selection": len(split.selection),
        "ships": BLUEPRINT.describe(raced.design),
        "run_ships": first["description"],
        "agree": _ranked_alike(raced.design, run.decision.design)
        and {_value(told, key) for key in told} == {_value(mine, key) for key in mine}
        and packed in told,
    }


def _ranked_alike(one: Design, other: Design) -> bool:
    """Whether two designs differ in packing at most."""
    fixed = set(BLUEPRINT.second.fields) if BLUEPRINT.second else set[str]()
    return {k: v for k, v in one.items() if k not in fixed} == {k: v for k, v in other.items() if k not in fixed}


def _value(rows: Mapping[str, Any], key: str) -> tuple[float, ...]:
    """A candidate's difference to the best with its interval, and its shortfall, exactly."""
    row = rows[key]
    found = row if isinstance(row, dict) else row.json()
    difference = found["difference"]
    return (difference["value"], difference["low"] or 0.0, difference["high"] or 0.0, found["shortfall"] or 0.0)


def gates(rows: Sequence[Row], standings: Sequence[Row]) -> dict[str, bool]:
    """Return what must hold → whether it does."""
    found: dict[str, bool] = {}
    largest = {row["collection"]: row for row in rows}
    gain = float(np.mean([row["over_plain"]["mean"] for row in largest.values() if row["collection"] != "docs_qa"]))
    found[f"shipped over the better plain system, mean over the collections: {gain:+.4f} ≥ .02"] = gain >= 0.02
    for row in rows:
        name, n = row["collection"], row["questions"]
        bound = {120: 0.015, 60: 0.02}.get(n)
        if bound and name in ("scifact", "cranfield"):
            found[f"{name} {n}: regret {row['regret']['mean']:.4f} ≤ {bound}"] = row["regret"]["mean"] <= bound
        share = {120: 0.40, 300: 0.25}.get(n)
        if share:
            found[f"{name} {n}: measurements {row['work']['mean']:.3f} ≤ {share}"] = row["work"]["mean"] <= share
        if n >= FEW and row["dense_builds"] >= 8:
            found[f"{name} {n}: build seconds {row['build']['mean']:.3f} ≤ .6"] = row["build"]["mean"] <= 0.6
    for row in standings:
        found[f"{row['collection']}: nonet run ships {row['run_ships']}, the race over the record too"] = row["agree"]
    return found


def table(rows: Sequence[Row]) -> str:
    """Return the numbers, one line a collection and number of questions."""
    names = ("shipped", "bm25", "minilm", "grid_best", "regret", "over_plain", "work", "build")
    lines = [f"{'collection':11}{'n':>4}{'pool':>6}" + "".join(f"{name:>24}" for name in names)]
    for row in rows:
        share = "—" if row["pool_share"] is None else f"{row['pool_share']:.2f}"
        cells = (f"{row[n]['mean']:.4f} [{row[n]['low']:.3f}, {row[n]['high']:.3f}]" for n in names)
        lines.append(
            f"{row['collection']:11}{row['questions']:>4}{share:>6}" + "".join(f"{cell:>24}" for cell in cells)
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Race over recorded scores: regret, and what it costs.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--work", type=Path, required=True, help="what was measured in full is kept here, and used")
    parser.add_argument("--collections", default="scifact,cranfield,cisi,cacm,docs_qa")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of questions to choose on")
    parser.add_argument("--splits", type=int, default=20, help="resampled splits of each size (default 20)")
    parser.add_argument("--no-run", action="store_true", help="leave out the runs on the standing splits")
    options = parser.parse_args()
    if not options.data:
        parser.error("give --data FOLDER (or NONET_DATA), a folder of collections in BEIR's layout")
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(work)
    rows: list[Row] = []
    standings: list[Row] = []
    for folder in collections(Path(options.data), options.collections):
        collection = Collection(folder, work, recorder)
        full, count = Full.of(collection), len(collection.units)
        for n in (n for n in map(int, options.sizes.split(",")) if n + HELD <= count):
            rows.append(sampled(collection, full, n, options.splits))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        if count >= splits.SEALED_FROM and not options.no_run:
            standings.append(standing(collection, full, work))
    recorder.close()
    print(table(rows))
    held = gates(rows, standings)
    print("\n".join(f"{'holds' if holds else 'FAILS':6} {text}" for text, holds in held.items()))
    print(json.dumps({"rows": rows, "standing": standings}))
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
