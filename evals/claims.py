"""Do Nonet's claims keep their promises on real scores? Runs the product's own ``claim`` and ``ship``.

    uv run python evals/claims.py --data FOLDER

FOLDER (or the environment variable NONET_DATA) holds collections in BEIR's layout, each a folder with corpus.jsonl,
queries.jsonl and qrels.tsv, at any depth. Every query's nDCG@10 is computed for several BM25 retrievers; a pair of
retrievers gives one real difference per query. The promises, each a gate (exit 1 when one fails):

1. equal designs are claimed different in at most 3.5 % of races (the first opening; nominal 2.5 %);
2. the claim's interval covers the true difference in at least 95 % of samples, from 60 units on;
3. a true difference as large as the smallest that a claim says it can show is found in at least 75 %.

Samples on which the claim is silenced (fewer than 10 queries differ) print no interval and are counted apart.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from beir_folders import collections, relevance, rows
from numpy.typing import NDArray

from nonet.state import Json
from nonet.trials.claim import claim_of_differences
from nonet.trials.contract import Metric, Objective, Scores
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements
from nonet.trials.ship import ship

NDCG = Metric("ndcg@10", "maximise", "normalised discounted cumulative gain of the first ten documents")
WORK = Metric("work", "minimise", "relative cost of the retriever", source="resource")
SIZES = (20, 60, 120, 240)
MOST_FALSE_CLAIMS, LEAST_COVERAGE, LEAST_FOUND = 0.035, 0.95, 0.75


@dataclass(frozen=True)
class Retriever:
    """A BM25 variant; ``work`` orders them by how much they index and compute."""

    name: str
    method: str = "lucene"
    k1: float = 1.2
    b: float = 0.75
    stemmed: bool = True
    titles_only: bool = False
    work: float = 2.0


RETRIEVERS = (
    Retriever("lucene 1.2 .75"),
    Retriever("lucene .9 .4", k1=0.9, b=0.4),
    Retriever("lucene 2 .9", k1=2.0, b=0.9),
    Retriever("bm25l", method="bm25l"),
    Retriever("unstemmed", stemmed=False, work=1.5),
    Retriever("titles", titles_only=True, work=1.0),
)


def ndcg(ranking: Sequence[str], grades: dict[str, float]) -> float:
    discounts = [1 / math.log2(place + 2) for place in range(10)]
    gained = sum(grades.get(doc, 0.0) * weight for doc, weight in zip(ranking, discounts, strict=False))
    ideal = sum(grade * weight for grade, weight in zip(sorted(grades.values(), reverse=True), discounts, strict=False))
    return gained / ideal


def scores(folder: Path) -> NDArray[np.float64]:
    """nDCG@10 of every query that has a relevant document: one row a query, one column a retriever."""
    stemmer, corpus = Stemmer.Stemmer("english"), rows(folder / "corpus.jsonl")
    grades = relevance(folder / "qrels.tsv")
    queries = [query for query in rows(folder / "queries.jsonl") if grades.get(query["id"])]
    columns: list[list[float]] = []
    for retriever in RETRIEVERS:
        titles = [row.get("title", "") for row in corpus]
        texts = titles if retriever.titles_only else [f"{row.get('title', '')} {row['text']}" for row in corpus]
        stem = stemmer if retriever.stemmed else None
        tokens = bm25s.tokenize(texts, stopwords="en", stemmer=stem, show_progress=False)
        index = bm25s.BM25(method=retriever.method, k1=retriever.k1, b=retriever.b)
        index.index(tokens, show_progress=False)
        asked = bm25s.tokenize(
            [query["text"] for query in queries], stopwords="en", stemmer=stem, show_progress=False, return_ids=False
        )
        found, _ = index.retrieve(asked, k=10, show_progress=False, n_threads=1)
        columns.append(
            [
                ndcg([corpus[place]["id"] for place in ranking], grades[query["id"]])
                for ranking, query in zip(found, queries, strict=True)
            ]
        )
    return np.array(columns).T


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (1927)."""
    if not n:
        return 0.0, 1.0
    z, share = 1.96, hits / n
    middle, reach = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def line(what: str, n: int, hits: int, races: int, silenced: int, gate: str = "") -> str:
    low, high = wilson(hits, races)
    share = hits / races if races else float("nan")
    return f"{what:<34}{n:>6}{races:>8}{silenced:>10}   {share:6.3f} [{low:.3f}, {high:.3f}]   {gate}"


def passes(good: bool, bound: str) -> str:
    return f"{bound}: {'holds' if good else 'FAILS'}"


Populations = list[NDArray[np.float64]]


def false_claims(populations: Populations, races: int, rng: np.random.Generator) -> Iterator[tuple[str, bool]]:
    for n in SIZES:
        identical = [claim_of_differences(NDCG, np.zeros(n), 1).claim for _ in range(races)]
        wrong = sum(verdict != "not shown" for verdict in identical)
        good = wrong <= MOST_FALSE_CLAIMS * races
        yield line("false claims, identical", n, wrong, races, races, passes(good, "<= .035")), good
        wrong = silenced = 0
        for race in range(races):
            sample = rng.choice(populations[race % len(populations)], n)
            found = claim_of_differences(NDCG, sample * rng.choice([-1.0, 1.0], n), 1)
            silenced += found.smallest_shown is None
            wrong += found.claim != "not shown"
        spoken = races - silenced
        good = wrong <= MOST_FALSE_CLAIMS * races and wrong <= MOST_FALSE_CLAIMS * spoken
        yield line("false claims, signs flipped", n, wrong, spoken, silenced, passes(good, "<= .035")), good


def coverage(populations: Populations, races: int, rng: np.random.Generator) -> Iterator[tuple[str, bool]]:
    for n in SIZES:
        covered = silenced = 0
        for race in range(races):
            population = populations[race % len(populations)]
            interval = claim_of_differences(NDCG, rng.choice(population, n), 1).difference
            assert interval is not None
            if math.isinf(interval.low):
                silenced += 1
            else:
                covered += interval.low <= population.mean() <= interval.high
        spoken = races - silenced
        good = n < 60 or covered >= LEAST_COVERAGE * spoken
        yield (
            line("interval covers the truth", n, covered, spoken, silenced, passes(good, ">= .95") if n >= 60 else ""),
            good,
        )


def power(populations: Populations, races: int, rng: np.random.Generator) -> Iterator[tuple[str, bool]]:
    """Ask whether the smallest difference that a claim names is found, were it true, on another sample.

    The difference is made true by turning signs: sizes and zeros stay as they were measured. Where even all signs on
    one side make no difference that large, the rest is added to the queries that differ.
    """
    for n in SIZES:
        found = silenced = 0
        for race in range(races):
            population = populations[race % len(populations)]
            wanted = claim_of_differences(NDCG, rng.choice(population, n), 1).smallest_shown
            if wanted is None:
                silenced += 1
                continue
            size = np.abs(population)
            up = min(1.0, (1 + wanted / size.mean()) / 2)
            rest = max(0.0, wanted - size.mean()) / (size > 0).mean()
            picked = rng.choice(size, n)
            sample = picked * np.where(rng.random(n) < up, 1.0, -1.0) + rest * (picked > 0)
            again = claim_of_differences(NDCG, sample, 1)
            silenced += again.smallest_shown is None
            found += again.claim == "better"
        spoken = races - silenced
        good = found >= LEAST_FOUND * spoken
        yield line("smallest shown is found", n, found, spoken, silenced, passes(good, ">= .75")), good


class Ranked:
    """The objective of the races below; every score is in the table already, so nothing is scored anew."""

    metrics = (NDCG, WORK)
    objective = Objective(NDCG.name, WORK.name)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Refuse: no metric here is scored over resamples."""
        raise LookupError("the scores are in the table")


def regret(tables: list[NDArray[np.float64]], races: int, rng: np.random.Generator) -> Iterator[str]:
    """Mean nDCG@10 lost by what ships, and by the best mean, judged on the queries not sampled; and its cost."""
    evaluator = Evaluator(Ranked(), [])
    for n in (15, 30, 60, 120, 300):
        large = [table for table in tables if len(table) >= 1.5 * n]
        lost: list[tuple[float, ...]] = []
        for race in range(races if large else 0):
            table = large[race % len(large)]
            places = rng.permutation(len(table))
            sample, truth = table[places[:n]], table[places[n:]].mean(axis=0)
            measured = {
                r.name: Scores(tuple(range(n)), {NDCG.name: sample[:, i].tolist()}, resources={WORK.name: r.work})
                for i, r in enumerate(RETRIEVERS)
            }
            designs: dict[str, dict[str, Json]] = {retriever.name: {"name": retriever.name} for retriever in RETRIEVERS}
            decision = ship(Measurements(evaluator, measured, seed=race), designs, RETRIEVERS[0].name)
            shipped, best = (
                next(i for i, r in enumerate(RETRIEVERS) if r.name == key) for key in (decision.winner, decision.best)
            )
            lost.append(
                (
                    truth.max() - truth[shipped],
                    truth.max() - truth[best],
                    RETRIEVERS[shipped].work,
                    RETRIEVERS[best].work,
                )
            )
        if lost:
            means, error = np.mean(lost, axis=0), np.std(lost, axis=0, ddof=1) / math.sqrt(len(lost))
            yield (
                f"{n:>6}{len(lost):>8}   shipped {means[0]:.4f} ± {1.96 * error[0]:.4f} at cost {means[2]:.2f}"
                f"   best mean {means[1]:.4f} ± {1.96 * error[1]:.4f} at cost {means[3]:.2f}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description="Test the promises of Nonet's claims on real per-query scores.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--races", type=int, default=4000, help="races of each kind and size (2,000 at least)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folders = collections(Path(arguments.data)) if arguments.data else []
    if not folders or arguments.races < 2000:
        print(
            "Give --data FOLDER (or NONET_DATA): a folder holding collections in BEIR's layout, each with "
            "corpus.jsonl, queries.jsonl and qrels.tsv; and at least 2,000 --races.",
            file=sys.stderr,
        )
        return 2
    tables = [scores(folder) for folder in folders]
    print(f"uv run python evals/claims.py --data FOLDER --races {arguments.races} --seed {arguments.seed}\n")
    for folder, table in zip(folders, tables, strict=True):
        means = ", ".join(f"{r.name} {mean:.3f}" for r, mean in zip(RETRIEVERS, table.mean(axis=0), strict=True))
        print(f"{folder.name} ({len(table)} queries, nDCG@10): {means}")
    pairs = list(itertools.combinations(range(len(RETRIEVERS)), 2))
    populations = [table[:, i] - table[:, j] for table in tables for i, j in pairs]
    populations = [population for population in populations if population.any()]
    print(f"\n{len(populations)} pairs of different retrievers; shares with Wilson's 95 % interval\n")
    print(f"{'promise':<34}{'units':>6}{'races':>8}{'silenced':>10}   share")
    rng, kept = np.random.default_rng(arguments.seed), True
    for promise in (false_claims, coverage, power):
        for text, good in promise(populations, arguments.races, rng):
            print(text, flush=True)
            kept = kept and good
    print("\nmean nDCG@10 lost against the truly best retriever, by the number of queries chosen on (no gate)\n")
    for text in regret(tables, 200, rng):
        print(text, flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
