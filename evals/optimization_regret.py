"""Does the race over optimisations choose what measuring everything would, and at what share of the work?

    uv run python evals/optimization_regret.py --run RUN

Every candidate of a finished run of ``model_optimization`` that can be built is built, scored on all selection units
and timed beside the others, in a folder of its own. On those figures the ship rule decides with all of them: what
measuring everything would ship. Printed: the speed-up of what the run shipped and of that, both from the one
interleaved timing, the regret (relative, with its paired bootstrap interval; 0 where both are the same design), and the
race's seconds of building, running and timing as a share of doing so for every candidate.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import everything
import numpy as np

from nonet import blueprints
from nonet.graphs.steps import bench
from nonet.graphs.steps.decide import bars
from nonet.graphs.steps.desk import Desk
from nonet.settings import Settings
from nonet.trials import ship

MOST_TIMED = 120


def main() -> None:
    """Measure everything, and say what that would have changed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
    folder = options.parse_args().run.absolute()
    blueprint = blueprints.load("model_optimization")
    desk = Desk(folder, Settings(), blueprint)
    decided = desk.read("decision.json")
    designs = {row["key"]: row["design"] for row in decided["candidates"]}
    baseline, winner = decided["baseline"]["candidate"], decided["decision"]["winner"]
    timed = desk.split.selection[:MOST_TIMED]
    found, whole = everything.measured(desk, decided, timed)
    ideal = ship.ship(found, designs, baseline, bars(desk), desk.brief.tolerance)
    best, mine = (found.resampled(key, "speedup") for key in (ideal.winner, winner))
    lost = 1 - mine / best
    low, high = np.percentile(lost, [2.5, 97.5])
    print(f"candidates {len(found.keys)} of {len(designs)}, examples {found.n}, timed {len(timed)}")
    print(f"shipped {blueprint.describe(designs[winner])}: {found.value(winner, 'speedup'):.2f}")
    print(f"of all {blueprint.describe(designs[ideal.winner])}: {found.value(ideal.winner, 'speedup'):.2f}")
    print(f"regret {lost.mean():.3f} of the speed-up [{low:.3f}, {high:.3f}]")
    print(
        f"work of the race {everything.seconds(bench.ledger(desk)) / whole:.2f} of measuring everything ({whole:.0f} s)"
    )


if __name__ == "__main__":
    main()
