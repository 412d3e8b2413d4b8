"""Does the race over indexes choose what measuring everything would, and at what share of the work?

    uv run python evals/vector_regret.py --run RUN [--splits 20] [--trials 10,1000]

Every candidate of a finished run of ``vector_database`` that can be built is built, timed and measured once on all of
its selection units, in a folder of its own. Then the product's own race runs over what was recorded, on resampled
halves of these units, and what it ships is judged on the other half. Printed for each budget, with bootstrap intervals
over the splits: the regret in quality@10 against the candidate that is best there among those that meet the run's bars
on all units; measurements (design × unit) as a share of all; seconds of building and searching as a share of all. What
the neighbours' seat nominates during a race is measured when it first does, and counts for the race alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from nonet import blueprints
from nonet.errors import TrialError
from nonet.graphs.steps import bench
from nonet.graphs.steps.decide import bars
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.measured import measure
from nonet.settings import Settings
from nonet.state import Json
from nonet.trials import budget, space
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Scores, Unit
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger
from nonet.trials.measurements import Measurements
from nonet.trials.plans import StagePlan
from nonet.trials.race import Race
from nonet.trials.ship import ship
from nonet.trials.statistics import bootstrap_interval
from nonet.trials.worker import Limits

METRIC = "quality@10"
TOGETHER = 5
"""Designs that are timed side by side."""
Design = Mapping[str, Json]


@dataclass
class Full:
    """Everything measured: scores of every design on all units, its stages, and seconds of searching for one unit.

    Attributes:
        designs: the run's candidates; the other records know the neighbours too.
    """

    desk: Desk
    laboratory: Laboratory
    units: tuple[int, ...]
    designs: dict[str, Design] = field(default_factory=dict)
    scores: dict[str, Scores] = field(default_factory=dict)
    plans: dict[str, list[tuple[StagePlan, float]]] = field(default_factory=dict)
    searching: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds that measuring everything takes, stages shared."""
        stages = {stage.key: seconds for key in self.designs for stage, seconds in self.plans[key]}
        return sum(stages.values()) + sum(self.searching[key] for key in self.designs) * len(self.units)

    def build(self, design: Design) -> str:
        """Build a design and search for every unit, once; return its key.

        Raises:
            TrialError: it cannot be built.
        """
        key = space.key(dict(design))
        if key not in self.plans:
            self.laboratory.build(design)
            ledger = Ledger(self.laboratory.folder / "spent.jsonl")
            before = _searched(ledger)
            self.laboratory.outputs(design, [self.desk.units.units[i] for i in self.units])
            self.searching[key] = (_searched(ledger) - before) / len(self.units)
            plan = self.laboratory.stages(design)
            self.plans[key] = [(stage, _built(self.laboratory, stage)) for stage in plan]
        return key

    def score(self, designs: Sequence[Design]) -> None:
        """Time built designs side by side and score them on all units."""
        everything = self.desk.units
        timed = list(range(len(everything.units), len(everything.timeable)) or self.units)[:100]
        groups = [designs[place : place + TOGETHER] for place in range(0, len(designs), TOGETHER)]
        found = measure(
            self.desk,
            self.laboratory,
            bench.evaluator(self.desk),
            designs,
            self.units,
            timed=timed,
            together=groups,
        )
        self.scores |= found.scores

    def known(self, design: Design) -> str:
        """Return the key of a design whose records are there; makes them where they are not."""
        key = self.build(design)
        if key not in self.scores:
            self.score([design])
        return key

    def value(self, key: str, units: Sequence[int]) -> float:
        """Return a design's mean objective on some units."""
        places = [self.units.index(unit) for unit in units]
        return float(np.mean(np.asarray(self.scores[key].table[METRIC])[places]))

    def subset(self, key: str, units: Sequence[int]) -> Scores:
        """Return a design's scores on some units."""
        whole, places = self.scores[key], [self.units.index(unit) for unit in units]
        table = {name: [values[place] for place in places] for name, values in whole.table.items()}
        outputs = [whole.outputs[place] for place in places]
        return Scores(tuple(units), table, outputs, whole.latency_ms, whole.resources, whole.first_ms)


@dataclass
class Recorded:
    """What a race asks of a laboratory, answered from the record; books what was built and measured."""

    full: Full
    built: dict[str, float] = field(default_factory=dict)
    measured: set[tuple[str, str]] = field(default_factory=set)
    limits: Limits = field(default_factory=lambda: Limits(seconds=36_000))

    def within(self, seconds: float) -> Self:
        """Nothing here takes time."""
        return self

    def stages(self, design: Design) -> list[StagePlan]:
        """Return a design's stages; built are those that this race built. Planning builds nothing."""
        return [
            StagePlan(
                stage.name, stage.key, stage.fields, stage.parents, stage.data, stage.key in self.built, stage.resources
            )
            for stage in self.full.laboratory.stages(design)
        ]

    def build(self, design: Design) -> None:
        """Charge what of a design this race has not built yet."""
        for stage, seconds in self.full.plans[self.full.known(design)]:
            self.built.setdefault(stage.key, seconds)

    def outputs(self, design: Design, units: Sequence[Unit]) -> list[Json]:
        """Return what was found from the record and book it."""
        self.build(design)
        key, places = self.full.known(design), {self.full.desk.units.units[i].key: i for i in self.full.units}
        self.measured |= {(key, unit.key) for unit in units}
        return list(self.full.subset(key, [places[unit.key] for unit in units]).outputs)

    def resources(self, design: Design) -> dict[str, float]:
        """Return what building a design counted."""
        return dict(self.full.scores[self.full.known(design)].resources)

    @property
    def seconds(self) -> float:
        """Seconds of building and searching that this race would have taken."""
        return sum(self.built.values()) + sum(self.full.searching[key] for key, _ in self.measured)


def record(desk: Desk, laboratory: Laboratory) -> Full:
    """Build, time and measure every candidate of a run once; those that cannot be are named and left out."""
    rows = desk.read("decision.json")["candidates"]
    baseline = next((row for row in rows if row.get("baseline")), rows[0])
    ordered = [baseline, *(row for row in rows if row is not baseline)]
    full = Full(desk, laboratory, tuple(desk.split.selection))
    for row in ordered:
        design = row["design"]
        try:
            full.designs[full.build(design)] = design
        except TrialError as error:
            print(f"not measured: {desk.blueprint.describe(design)}: {error.message[:200]}")
            continue
        print(f"{len(full.designs)} of {len(rows)}: {desk.blueprint.describe(design)}", flush=True)
    full.score(list(full.designs.values()))
    return full


def race(full: Full, chosen_on: Sequence[int], trials: int) -> tuple[str, Recorded]:
    """Race the candidates on some units by the product's own code; return what ships and what it took."""
    desk, recorded = full.desk, Recorded(full)
    candidates = [
        Candidate(key, dict(design), ["rules"], ["recorded"], baseline=place == 0)
        for place, (key, design) in enumerate(full.designs.items())
    ]
    with tempfile.TemporaryDirectory() as aside:
        counted = budget.Budget(f"{trials} trials", candidates=trials)
        clock = Clock(counted, Ledger(Path(aside) / "none.jsonl"))
        wanted = bars(desk)
        runner = Race(
            desk.blueprint,
            recorded,
            bench.evaluator(desk),
            desk.units.units,
            tuple(chosen_on),
            clock,
            threading.Event(),
            bars=wanted,
        )
        outcome = runner.run(candidates)
    finalists = {each.key: each.design for each in outcome.finalists()}
    compared = list(outcome.order[: outcome.compared])
    scores = {key: full.subset(key, compared) for key in finalists}
    decided = ship(Measurements(bench.evaluator(desk), scores, 0), finalists, candidates[0].key, wanted)
    return decided.winner, recorded


def eligible(full: Full) -> list[str]:
    """Return the designs that meet the run's bars on all units; all where none does."""
    measurements = Measurements(bench.evaluator(full.desk), full.scores, 0)
    wanted = bars(full.desk)
    found = [
        key
        for key in full.designs
        if all((value := measurements.value(key, bar.metric)) is None or bar.holds(value) for bar in wanted)
    ]
    return found or list(full.designs)


def interval(values: Sequence[float]) -> str:
    """Write the mean over splits with its percentile bootstrap interval."""
    data = np.array(values)
    found = bootstrap_interval(lambda rows: float(data[rows].mean()), data.size, np.random.default_rng(0), draws=2000)
    return f"{found.value:.4f} [{found.low:.4f}, {found.high:.4f}]"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
    options.add_argument("--splits", type=int, default=20, help="resampled halves (default 20)")
    options.add_argument("--trials", default="10,1000", help="budgets in candidates (default 10,1000)")
    given = options.parse_args()
    desk = Desk(given.run.absolute(), Settings(), blueprints.load("vector_database"))
    with tempfile.TemporaryDirectory() as aside:
        full = record(desk, bench.laboratory(desk, Path(aside)).on(desk.folder / "data" / "measuring"))
        tell(full, given.splits, [int(text) for text in given.trials.split(",")])


def tell(full: Full, splits: int, budgets: Sequence[int]) -> None:
    """Race on resampled halves and print what came of it."""
    may, count = eligible(full), len(full.units)
    print(f"candidates {len(full.designs)}, selection units {count}, {full.seconds:.0f} s to measure everything")
    draws = np.random.default_rng(11)
    orders = [[full.units[int(i)] for i in draws.permutation(count)] for _ in range(splits)]
    for trials in budgets:
        rows: list[dict[str, float]] = []
        for order in orders:
            chosen_on, judged_on = order[: count // 2], order[count // 2 :]
            winner, spent = race(full, chosen_on, trials)
            best = max(full.value(key, judged_on) for key in may)
            rows.append(
                {
                    "regret": best - full.value(winner, judged_on),
                    "measurements": len(spent.measured) / (len(full.designs) * len(chosen_on)),
                    "seconds": spent.seconds / full.seconds,
                }
            )
        told = {name: interval([row[name] for row in rows]) for name in rows[0]}
        print(json.dumps({"trials": trials, "splits": len(rows), **told}), flush=True)


def _searched(ledger: Ledger) -> float:
    return sum(entry.seconds for entry in ledger.entries() if entry.what == "outputs")


def _built(laboratory: Laboratory, stage: StagePlan) -> float:
    held: Any = laboratory.store.stage(stage.key)
    return float(held.seconds) if held else 0.0


if __name__ == "__main__":
    main()
