"""What is a memory worth? The product's own race, cold and warm, on data that the memory has not seen.

    uv run python evals/memory.py --data FOLDER --work FOLDER [--collections scifact,…] [--made] [--documents 300]

For every collection a fresh memory is filled with what the product's race ships on all the *other* ones, each with the
product's fingerprint of its data. Then ``qdrant-find`` recalls, the rules nominate, and the race is run on resampled
splits of the questions: once without a memory (``0``), and with at most 1, 3 and 5 of the recalled designs, in a
budget of few candidates and of many. Every race begins with an empty stage cache; of one split all of them see the same
questions.

Printed with bootstrap intervals over the splits: nDCG@10 on the held questions of what ships, regret to the best of all
designs that any of these races measured, measurements (design × question), build seconds; then the mean over the
collections of each number's difference to the cold race, resampling collections and their splits. The last line says
how many recalled designs should be nominated. WORK is the folder of ``rag_decision.py``, or a new one; the installed
libraries' documentation, with made questions, is always one of the collections.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from beir_folders import collections, sample
from rag_decision import HELD, interval
from recorded import BLUEPRINT, METRIC, Collection, Design, Raced, Recorder, race

import nonet
from nonet import tools
from nonet.agents.specialist import evidence
from nonet.blueprints.rag_system import demo, rules
from nonet.state import Brief, Evidence, Json
from nonet.tools.contract import ToolContext
from nonet.tools.qdrant import Measured, Pattern, Provenance, keep_decision
from nonet.trials import space, splits
from nonet.trials.candidates import Candidate, gather
from nonet.trials.contract import UnitSet

RECALLED = (0, 1, 3, 5)
"""How many recalled designs may be nominated, compared here."""
QUESTIONS = 60
"""Questions to choose on, or as many as leave ``HELD`` to judge by."""
GOAL = "Answer questions over documents"
NUMBERS = ("shipped", "regret", "measurements", "build_seconds")
Row = dict[str, Any]


@dataclass
class Corpus:
    """A collection, and what the product says of its data."""

    collection: Collection
    fingerprint: Mapping[str, Json]

    @classmethod
    def of(cls, collection: Collection) -> Corpus:
        """Parse a collection and describe its data."""
        units = UnitSet(collection.units)
        return cls(collection, BLUEPRINT.fingerprint(collection.place / "parsed", units))

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.collection.name

    def candidates(self, recalled: Sequence[Evidence]) -> list[Candidate]:
        """Return what the rules nominate, the baseline first, with the memory's designs where they put them."""
        brief = Brief(workflow=BLUEPRINT.name, goal=GOAL, inputs={})
        given = BLUEPRINT.Inputs(corpus=str(self.collection.folder))
        proposal = BLUEPRINT.propose(brief, given, recalled, self.fingerprint)
        found, _ = gather(BLUEPRINT.Design, [proposal.baseline, *proposal.nominations])
        for each in found:
            each.baseline = each.design == space.canonical(BLUEPRINT.Design, proposal.baseline.design)
        return found

    def standing(self, trials: int) -> tuple[Design, list[int]]:
        """Return what ships on the selection that every run has, and that selection."""
        units = self.collection.units
        selection = list(splits.order(splits.split(units).selection, units, 0))
        return race(self.collection, self.candidates([]), selection, trials=trials).design, selection


def remember(settings: nonet.Settings, corpus: Corpus, design: Design, selection: Sequence[int]) -> None:
    """Keep a decision as the product's last step does."""
    values = corpus.collection.values(design)[list(selection)]
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    mean = float(values.mean())
    pattern = Pattern(
        workflow=BLUEPRINT.name,
        design=dict(design),
        metric=METRIC,
        direction="maximise",
        metrics={METRIC: Measured(value=mean, low=mean - half, high=mean + half, n=len(values))},
        labels=sorted({unit.kind for unit in corpus.collection.units}),
        fingerprint=dict(corpus.fingerprint),
        environment={},
        provenance=Provenance(run_id=corpus.name, nonet=nonet.__version__),
    )
    keep_decision(settings, pattern, GOAL, [corpus.collection.folder], private=False)


def recall(settings: nonet.Settings, corpus: Corpus) -> list[Evidence]:
    """Ask the memory as the step of that name does."""
    here = ToolContext(settings, (corpus.collection.folder,), workflow=BLUEPRINT.name, fingerprint=corpus.fingerprint)
    return evidence("recall", [asyncio.run(tools.call("qdrant-find", here, query=GOAL))])


def raced(
    corpus: Corpus, recalled: Sequence[Evidence], repeats: int, trials: int
) -> list[dict[int, tuple[Raced, list[int]]]]:
    """Race on ``repeats`` splits: number of recalled designs → the race, and the questions held back from it."""
    count = len(corpus.collection.units)
    draws = np.random.default_rng([count, 21])
    found: list[dict[int, tuple[Raced, list[int]]]] = []
    for number in range(repeats):
        order = [int(i) for i in draws.permutation(count)]
        chosen_on = order[: min(QUESTIONS, count - HELD)]
        arms: dict[int, tuple[Raced, list[int]]] = {}
        for most in RECALLED:
            result = race(corpus.collection, corpus.candidates(recalled[:most]), chosen_on, trials=trials)
            arms[most] = (result, order[len(chosen_on) :])
        found.append(arms)
        print(f"{corpus.name}: {trials} candidates, split {number + 1}/{repeats}", file=sys.stderr, flush=True)
    return found


def judged(corpus: Corpus, found: Sequence[dict[int, tuple[Raced, list[int]]]]) -> dict[int, list[Row]]:
    """Score what shipped on the held questions, against the best there of all that was measured."""
    measured = {
        each.key: each.design
        for arms in found
        for result, _ in arms.values()
        for each in result.outcome.candidates
        if each.measured or each.screened
    }
    values = {name: corpus.collection.values(design) for name, design in measured.items()}
    rows: dict[int, list[Row]] = {most: [] for most in RECALLED}
    for arms in found:
        for most, (result, held) in arms.items():
            shipped = float(corpus.collection.values(result.design)[held].mean())
            best = max(float(each[held].mean()) for each in values.values())
            rows[most].append(
                {
                    "shipped": shipped,
                    "regret": best - shipped,
                    "measurements": result.measurements,
                    "build_seconds": result.build_seconds,
                }
            )
    return rows


def differences(rows: Sequence[dict[int, list[Row]]], most: int, number: str) -> Row:
    """Return the mean over collections of warm − cold, paired by split; collections and splits are resampled."""
    paired = [np.array([w[number] - c[number] for w, c in zip(each[most], each[0], strict=True)]) for each in rows]
    draws = np.random.default_rng(0)
    means = [
        np.mean([draws.choice(paired[i], len(paired[i])).mean() for i in draws.integers(0, len(paired), len(paired))])
        for _ in range(2000)
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    mean = float(np.mean([each.mean() for each in paired]))
    return {"mean": round(mean, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def table(trials: int, names: Sequence[str], rows: Sequence[dict[int, list[Row]]]) -> str:
    """Return the numbers of one budget: a line a collection and number of recalled designs, then the differences."""
    lines = [f"{trials} candidates", f"{'collection':13}{'recalled':>9}" + "".join(f"{name:>28}" for name in NUMBERS)]
    for name, found in zip(names, rows, strict=True):
        for most in RECALLED:
            cells = [_cell(interval([row[number] for row in found[most]])) for number in NUMBERS]
            lines.append(f"{name:13}{most:>9}" + "".join(f"{cell:>28}" for cell in cells))
    for most in RECALLED[1:]:
        cells = [_cell(differences(rows, most, number)) for number in NUMBERS]
        lines.append(f"{'warm − cold':13}{most:>9}" + "".join(f"{cell:>28}" for cell in cells))
    return "\n".join(lines)


def weight(rows: Sequence[dict[int, list[Row]]]) -> str:
    """Say how many recalled designs lower the regret most; none, where no number of them lowers it."""
    gains = {most: differences(rows, most, "regret") for most in RECALLED[1:]}
    best = min(gains, key=lambda most: (gains[most]["mean"], most))
    if gains[best]["mean"] >= 0:
        return "no number of recalled designs lowers the mean regret: memory should nominate nothing first"
    sure = "shown" if gains[best]["high"] < 0 else "not shown: the interval holds 0"
    return f"{best} recalled designs lower the mean regret most, {_cell(gains[best])} ({sure})"


def _cell(found: Row) -> str:
    digits = 4 if abs(found["mean"]) < 10 else 0
    return f"{found['mean']:.{digits}f} [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"


def opened(options: argparse.Namespace, work: Path, recorder: Recorder) -> list[Corpus]:
    """Return the collections: those of the folder, as they are or sampled, and the libraries' documentation."""
    folders = collections(Path(options.data), options.collections)
    if options.documents:
        folders = [sample(each, options.documents, work / "samples" / each.name) for each in folders]
    libraries = work / "libraries"
    if not libraries.exists():
        demo.write(libraries / "files")
    found = [Collection(each, work, recorder, questions=not options.made) for each in folders]
    return [Corpus.of(each) for each in [*found, Collection(libraries, work, recorder, questions=False)]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Cold against warm memory, leave one collection out.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--work", type=Path, required=True, help="what was measured is kept here, and used")
    parser.add_argument("--collections", default="scifact,cranfield,cisi,cacm,docs_qa")
    parser.add_argument("--made", action="store_true", help="made questions instead of the collections' own")
    parser.add_argument("--documents", type=int, default=0, help="sample so many documents of each (default: all)")
    parser.add_argument("--splits", type=int, default=20, help="resampled splits (default 20)")
    parser.add_argument("--budgets", default="8,24", help="candidates of a race (default 8,24)")
    options = parser.parse_args()
    if not options.data:
        parser.error("give --data FOLDER (or NONET_DATA), a folder of collections in BEIR's layout")
    rules.RECALLED = max(RECALLED)  # the rules' own bound is what this eval is for
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(work)
    budgets = [int(text) for text in options.budgets.split(",")]
    corpora = opened(options, work, recorder)
    shipped = {corpus.name: corpus.standing(max(budgets)) for corpus in corpora}
    report: Row = {"memories": {name: BLUEPRINT.describe(design) for name, (design, _) in shipped.items()}}
    for trials in budgets:
        rows: list[dict[int, list[Row]]] = []
        for corpus in corpora:
            home = work / "memories" / corpus.name
            shutil.rmtree(home, ignore_errors=True)
            settings = nonet.Settings(home=str(home))
            for other in corpora:
                if other.name != corpus.name:
                    remember(settings, other, *shipped[other.name])
            rows.append(judged(corpus, raced(corpus, recall(settings, corpus), options.splits, trials)))
        names = [corpus.name for corpus in corpora]
        print(table(trials, names, rows))
        print(f"{trials} candidates: {weight(rows)}")
        report[str(trials)] = dict(zip(names, rows, strict=True))
    recorder.close()
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
