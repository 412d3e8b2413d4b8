"""Does the race over indexes choose what measuring everything would, and at what share of the work?

    uv run python evals/vector_regret.py --run RUN

Every candidate of a finished run of ``vector_database`` that can be built is built and measured on all selection
units, in a folder of its own. Printed: quality@10 of what shipped and of the best of all there, the regret with its
paired 95 % interval, and the race's seconds of building and searching as a share of doing so for every candidate.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from nonet import blueprints
from nonet.errors import TrialError
from nonet.graphs.steps import bench
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.measured import measure
from nonet.settings import Settings
from nonet.trials.ledger import Ledger


def seconds(ledger: Ledger) -> float:
    """Return the seconds of builds and outputs on a ledger."""
    return sum(entry.seconds for entry in ledger.entries() if entry.what in ("build", "outputs"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
    folder = options.parse_args().run.absolute()
    desk = Desk(folder, Settings(), blueprints.load("vector_database"))
    decided = desk.read("decision.json")
    designs = {row["key"]: row["design"] for row in decided["candidates"]}
    with tempfile.TemporaryDirectory() as aside:
        laboratory = bench.laboratory(desk, Path(aside)).on(desk.folder / "data" / "measuring")
        values: dict[str, list[float]] = {}
        for key, design in designs.items():
            try:
                laboratory.build(design)
                found = measure(desk, laboratory, bench.evaluator(desk), [design], desk.split.selection)
                values[key] = list(found.scores[key].table["quality@10"])
            except TrialError as error:
                print(f"not measured: {blueprints.load('vector_database').describe(design)}: {error.message}")
        whole = seconds(Ledger(Path(aside) / "spent.jsonl"))
    winner = decided["decision"]["winner"]
    best = max(values, key=lambda key: float(np.mean(values[key])))
    lost = np.array(values[best]) - np.array(values[winner])
    half = 1.96 * lost.std(ddof=1) / np.sqrt(len(lost))
    print(f"candidates {len(values)} of {len(designs)}, selection units {len(lost)}")
    print(f"shipped {np.mean(values[winner]):.4f}, best of all {np.mean(values[best]):.4f}")
    print(f"regret {lost.mean():.4f} [{lost.mean() - half:.4f}, {lost.mean() + half:.4f}]")
    print(f"work of the race {seconds(bench.ledger(desk)) / whole:.2f} of measuring everything ({whole:.0f} s)")


if __name__ == "__main__":
    main()
