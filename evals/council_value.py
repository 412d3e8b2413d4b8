"""What is a council worth? Rules, memory, single seats, votes, averages and the union, at equal numbers of trials.

    uv run python evals/council_value.py --data FOLDER --work FOLDER [--collections scifact,cranfield] [--splits 40]

WORK is that of ``rag_decision.py``: a grid of designs, each measured on every question. A trial is a design of the grid
that is built and measured. Every arm tries the baseline and ``--trials`` more; the best of them on the selection
questions (60, or half) is shipped and judged on the other questions, where the grid's best is known.

Models are stood in for by five scripted seats. Each judges every design by its true standing (its mean on all
questions) and an error of its own; a *bloc* of them shares errors, as models do that learnt from the same text. A cell
is a choice of

- skills: the correlation of a seat's judgement with the truth, alike for all or one seat better than the others;
- share: the correlation of errors within the bloc;
- bloc: all five seats, or the first four, the fifth (the better one, where one is) erring by itself.

Each seat nominates its first four. Under test is the merge, by the product's own code (``consult/merging.py``), and the
weights of its own record (``consult/record.py``):

- ``rules``, ``memory``: what the blueprint's rules propose of the grid; what won on the other collections;
- ``seat``: the mean of the single seats; ``best seat``: the one of the most skill, the last where all are alike; alone,
  a seat has as many trials as the council and goes on down its own list;
- ``council``: the queue of the union; ``weighed``: with the weights of the record of the splits before;
- ``majority``: the designs that more than half of the seats nominate, or the one most do; minorities are dropped;
- ``average``: the seats' first choices averaged field by field (numbers by mean, the rest by majority), then their
  second ones and so on, each the nearest design of the grid; no more trials than there are places on a ballot;
- ``ranked``: what is nominated by its mean rank on the ballots (Borda), with as many trials as the council;
- ``one vote``, ``one average``: the first of ``majority`` and of ``average``, unmeasured, as merging opinions does.

Printed for every cell, with bootstrap intervals over its splits: regret to the grid's best, how often that was tried
(oracle recall), and the distinct indexes with vectors that were built for it. Cells in which the council loses beyond
its interval are marked. Gates (exit 1), over all cells: the council's regret is not above that of ``best seat`` by more
than chance; over the cells of shared errors it is below those of ``majority`` and ``average``. ``ranked`` differs in
the order alone, which decides little where most of what is nominated is tried: its difference is printed. With fewer
trials than about half of what is nominated (``--trials 6``) the first does not hold: the better seat has too few.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from beir_folders import collections
from rag_decision import HELD, grid, interval
from recorded import BLUEPRINT, Collection, Design, Recorder

from nonet.graphs.steps.consult import record
from nonet.graphs.steps.consult.merging import Ballot, merge
from nonet.settings import Settings
from nonet.state import Brief
from nonet.trials import space
from nonet.trials.contract import UnitSet

SEATS, LIST, QUESTIONS = 5, 4, 60
SKILLS = {
    "all .3": (0.3,) * SEATS,
    "all .6": (0.6,) * SEATS,
    "one .8, others .3": (0.3, 0.3, 0.3, 0.3, 0.8),
    "one .6, others 0": (0.0, 0.0, 0.0, 0.0, 0.6),
}
SHARES = (0.0, 0.5, 0.9)
BLOCS = (5, 4)
NAMES = tuple(str(seat) for seat in range(SEATS))
ARMS = ("rules", "memory", "seat", "best seat", "council", "weighed")
ARMS += ("majority", "average", "ranked", "one vote", "one average")
NUMBERS = ("regret", "recall", "builds")
Row = dict[str, Any]
Found = dict[str, tuple[float, float, float]]
"""Arm → regret, whether the best was tried, indexes built."""


@dataclass(frozen=True)
class Table:
    """A collection measured in full: designs × questions, the baseline first, and what the controls would try."""

    name: str
    designs: Sequence[Design]
    values: np.ndarray
    rules: Sequence[int]
    memory: Sequence[int]

    @property
    def places(self) -> Mapping[str, int]:
        """A design's key → its row."""
        return {space.key(dict(design)): row for row, design in enumerate(self.designs)}

    def split(self, draws: np.random.Generator) -> Split:
        """Draw the questions to choose on."""
        count = self.values.shape[1]
        order, chosen_on = draws.permutation(count), min(QUESTIONS, count - HELD, count // 2)
        return Split(self, self.values[:, order[:chosen_on]].mean(1), self.values[:, order[chosen_on:]].mean(1))


@dataclass(frozen=True)
class Split:
    """Every design's mean on the questions to choose on, and on those to judge by."""

    table: Table
    chosen_on: np.ndarray
    judged_on: np.ndarray

    def ships(self, rows: Sequence[int]) -> int:
        """Return the best of what was tried."""
        return max(rows, key=lambda row: self.chosen_on[row])

    def judged(self, rows: Sequence[int]) -> tuple[float, float, float]:
        """Try designs, ship the best, and tell it by the held questions."""
        best = int(self.judged_on.argmax())
        designs = [self.table.designs[row] for row in dict.fromkeys(rows)]
        built = {(d["chunking"], d["chunk_size"], d["embedding"]) for d in designs if d["retrieval"] != "bm25"}
        return float(self.judged_on[best] - self.judged_on[self.ships(rows)]), float(best in rows), float(len(built))


@dataclass(frozen=True)
class Cell:
    """How seats judge: the correlation of each with the truth, and of the errors of those in the bloc."""

    skills: Sequence[float]
    share: float
    bloc: int

    def rankings(self, split: Split, draws: np.random.Generator) -> np.ndarray:
        """Return each seat's order of the designs, best first, seats × designs."""
        means = split.table.values.mean(axis=1)
        truth = (means - means.mean()) / means.std()
        common = draws.standard_normal(truth.size)
        thoughts: list[np.ndarray] = []
        for place, skill in enumerate(self.skills):
            shared = self.share if place < self.bloc else 0.0
            error = np.sqrt(shared) * common + np.sqrt(1 - shared) * draws.standard_normal(truth.size)
            thoughts.append(skill * truth + np.sqrt(1 - skill**2) * error)
        return np.argsort(-np.array(thoughts), axis=1, kind="stable")


def queues(table: Table, rankings: np.ndarray, weights: Mapping[str, float]) -> dict[str, list[int]]:
    """Return what each arm tries, in its order; each seat's own stands under its number."""
    lists = rankings[:, :LIST]
    ballots = [Ballot(seat, [table.designs[i] for i in row]) for seat, row in zip(NAMES, lists, strict=True)]
    votes = np.bincount(lists.ravel(), minlength=len(table.designs))
    points = np.bincount(lists.ravel(), np.tile(np.arange(LIST, 0, -1), SEATS), len(table.designs))
    named = list(dict.fromkeys(int(i) for i in lists.T.ravel()))
    ranked = sorted(named, key=lambda row: -points[row])
    places = table.places
    return {
        **{seat: [int(i) for i in row] for seat, row in zip(NAMES, rankings, strict=True)},
        "rules": [*table.rules],
        "memory": [*table.memory],
        "council": [places[each.key] for each in merge(BLUEPRINT.Design, ballots).merged],
        "weighed": [places[each.key] for each in merge(BLUEPRINT.Design, ballots, weights).merged],
        "majority": [row for row in ranked if votes[row] > SEATS / 2] or ranked[:1],
        "average": list(dict.fromkeys(averaged([table.designs[i] for i in row], table.designs) for row in lists.T)),
        "ranked": ranked,
    }


def averaged(chosen: Sequence[Design], designs: Sequence[Design]) -> int:
    """Average designs field by field; return the row of the nearest design, numbers counted by their range."""
    distance = np.zeros(len(designs))
    for name in designs[0]:
        values = [design[name] for design in chosen]
        theirs = [design[name] for design in designs]
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in theirs):
            numbers = np.array(theirs, dtype=float)
            distance += np.abs(numbers - np.mean(np.array(values, dtype=float))) / max(np.ptp(numbers), 1e-9)
        else:
            most = max(values, key=values.count)
            distance += np.array([value != most for value in theirs])
    return int(distance.argmin())


def run(cell: Cell, tables: Sequence[Table], splits: int, trials: int, settings: Settings) -> list[Found]:
    """Run a cell's splits, one after the other; each is put on record, as a run is, before the next."""
    found: list[Found] = []
    weights: Mapping[str, float] = {}
    for number, table in product(range(splits), tables):
        weights = record.weights(settings, NAMES) if table is tables[0] else weights
        draws = np.random.default_rng([number, table.values.size])
        split = table.split(draws)
        rankings = cell.rankings(split, draws)
        tried = queues(table, rankings, weights)
        judged = {arm: split.judged([0, *queue[:trials]]) for arm, queue in tried.items()}
        judged |= {f"one {a}": split.judged(tried[b][:1]) for a, b in (("vote", "majority"), ("average", "average"))}
        found.append(judged)
        shipped = split.ships([0, *tried["weighed"][:trials]])
        seats = [
            record.Outcome(seat=seat, role="model", nominated=LIST, measured=LIST, won=shipped in tried[seat][:LIST])
            for seat in NAMES
        ]
        name = f"{number}-{table.name}"
        record.keep(settings, record.Consultation(run_id=name, workflow=BLUEPRINT.name, metric="ndcg@10", seats=seats))
    return found


def told(found: Sequence[Found]) -> dict[str, Row]:
    """Return arm → number → mean with its interval; the differences of its regret to the council's are paired."""
    columns = {arm: np.array([row[arm] for row in found]) for arm in found[0]}
    columns["seat"] = np.mean([columns[seat] for seat in NAMES], axis=0)
    columns["best seat"] = columns[NAMES[-1]]
    told: dict[str, Row] = {}
    for arm in ARMS:
        told[arm] = {name: interval(columns[arm][:, place]) for place, name in enumerate(NUMBERS)}
        told[arm]["differences"] = (columns["council"][:, 0] - columns[arm][:, 0]).tolist()
    return told


def gates(cells: Mapping[tuple[str, float, int], Mapping[str, Row]]) -> dict[str, bool]:
    """Return what must hold → whether it does; the unit of an interval is a split, paired over all arms."""
    found: dict[str, bool] = {}
    bloc = [row for (_, share, _), row in cells.items() if share > 0]
    for arm, rows, most in (
        ("best seat", [*cells.values()], "low"),
        ("majority", bloc, "high"),
        ("average", bloc, "high"),
    ):
        between = interval(np.concatenate([row[arm]["differences"] for row in rows]))
        said = f"regret of council − {arm}: {between['mean']:+.4f} [{between['low']:+.4f}, {between['high']:+.4f}]"
        found[f"{said}, {'not above' if most == 'low' else 'below'} 0"] = between[most] <= 0
    return found


def tables(data: Path, work: Path, names: str) -> list[Table]:
    """Read what was measured in full, and ask the controls what they would try."""
    recorder = Recorder(work)
    folders = collections(data, names)
    measured: dict[str, tuple[Collection, list[Design], np.ndarray]] = {}
    for folder in folders:
        collection, designs = Collection(folder, work, recorder), grid(folder.name)
        assert collection.units, "a collection has questions"
        measured[folder.name] = (collection, designs, np.array([collection.values(design) for design in designs]))
    recorder.close()
    found: list[Table] = []
    for name, (collection, designs, values) in measured.items():
        places = {space.key(dict(design)): row for row, design in enumerate(designs)}
        fingerprint = BLUEPRINT.fingerprint(collection.place / "parsed", UnitSet(collection.units))
        brief = Brief(workflow=BLUEPRINT.name, goal="Answer questions over documents", inputs={})
        proposal = BLUEPRINT.propose(brief, BLUEPRINT.Inputs(corpus=str(collection.folder)), [], fingerprint)
        proposed = [space.key(space.canonical(BLUEPRINT.Design, each.design)) for each in proposal.nominations]
        won: list[str] = []
        for rank in range(LIST):
            for other, (_, theirs, scores) in measured.items():
                if other != name:
                    won.append(space.key(dict(theirs[int(np.argsort(-scores.mean(1), kind="stable")[rank])])))
        rules, memory = ([places[key] for key in dict.fromkeys(keys) if key in places] for keys in (proposed, won))
        counts = f"{len(designs)} designs, {values.shape[1]} questions"
        print(f"{name}: {counts}; rules name {len(rules)}, memory {len(memory)}")
        found.append(Table(name, designs, values, rules, memory))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="A council against single seats, votes and averages, at equal trials.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--work", type=Path, required=True, help="what rag_decision.py measured in full")
    parser.add_argument("--collections", default="scifact,cranfield,cisi,cacm,docs_qa")
    parser.add_argument("--splits", type=int, default=40, help="splits of each collection and cell (default 40)")
    parser.add_argument("--trials", type=int, default=12, help="trials of every arm besides the baseline (default 12)")
    options = parser.parse_args()
    if not options.data:
        parser.error("give --data FOLDER (or NONET_DATA), a folder of collections in BEIR's layout")
    measured = tables(Path(options.data), options.work.absolute(), options.collections)
    cells: dict[tuple[str, float, int], dict[str, Row]] = {}
    print(f"\n{'skills':18}{'share':>6}{'bloc':>5}  {'arm':12}{'regret':>26}{'recall':>8}{'builds':>8}  council − arm")
    for (skills, values), share, bloc in product(SKILLS.items(), SHARES, BLOCS):
        if not share and bloc != BLOCS[0]:
            continue  # nothing is shared
        with tempfile.TemporaryDirectory(prefix="nonet-council-") as home:
            rows = run(Cell(values, share, bloc), measured, options.splits, options.trials, Settings(home=home))
        cells[skills, share, bloc] = told(rows)
        for arm, row in cells[skills, share, bloc].items():
            regret, between = row["regret"], interval(row["differences"])
            loses = "  LOSES" if between["low"] > 0 else ""
            shown = f"{regret['mean']:.4f} [{regret['low']:.4f}, {regret['high']:.4f}]"
            print(
                f"{skills:18}{share:>6}{bloc:>5}  {arm:12}{shown:>26}{row['recall']['mean']:>8.2f}"
                f"{row['builds']['mean']:>8.1f}  {between['mean']:+.4f}{loses}"
            )
    held = gates(cells)
    print("\n".join(f"{'holds' if holds else 'FAILS':6} {text}" for text, holds in held.items()))
    between = interval(np.concatenate([row["ranked"]["differences"] for (_, s, _), row in cells.items() if s > 0]))
    print(f"{'':6} regret of council − ranked: {between['mean']:+.4f} [{between['low']:+.4f}, {between['high']:+.4f}]")
    keys = {f"{skills}, share {share}, bloc {bloc}": row for (skills, share, bloc), row in cells.items()}
    lean = {name: {arm: {n: r[n] for n in NUMBERS} for arm, r in row.items()} for name, row in keys.items()}
    print(json.dumps(lean))
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
