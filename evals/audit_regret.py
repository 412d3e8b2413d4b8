"""Does the audit's race choose what measuring every mitigation would, and at what share of the work?

    uv run python evals/audit_regret.py --run RUN

Every candidate of a finished run of ``responsible_ai_audit`` is built and measured on all selection units, in a folder
of its own, those that the run's budget did not reach among them. The run's own rule then decides over all of them.
Printed: accuracy and gap of what shipped and of what would have, the regret in accuracy with its paired 95 % interval,
and the race's seconds of building and deciding as a share of doing so for every candidate.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import everything

from nonet import blueprints
from nonet.graphs.steps import bench
from nonet.graphs.steps.decide import bars
from nonet.graphs.steps.desk import Desk
from nonet.settings import Settings
from nonet.trials import ship


def main() -> None:
    """Measure everything, and say what that would have changed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
    folder = options.parse_args().run.absolute()
    desk = Desk(folder, Settings(), blueprints.load("responsible_ai_audit"))
    decided = desk.read("decision.json")
    designs = {row["key"]: row["design"] for row in decided["candidates"]}
    found, whole = everything.measured(desk, decided)
    winner, baseline = decided["decision"]["winner"], decided["baseline"]["candidate"]
    measured = {key: designs[key] for key in found.keys}
    best = ship.ship(found, measured, baseline, bars(desk), desk.brief.tolerance).winner
    difference = found.difference(best, winner, "accuracy")
    print(f"candidates {len(measured)} of {len(designs)}, selection units {found.n}")
    for who, key in (("shipped", winner), ("of everything", best)):
        figures = ", ".join(f"{name} {found.value(key, name):.4f}" for name in ("accuracy", "criterion_gap"))
        print(f"{who}: {desk.blueprint.describe(designs[key])}: {figures}")
    if difference is not None:
        print(f"regret {difference.value:.4f} [{difference.low:.4f}, {difference.high:.4f}]")
    print(
        f"work of the race {everything.seconds(bench.ledger(desk)) / whole:.2f} of measuring everything ({whole:.0f} s)"
    )


if __name__ == "__main__":
    main()
