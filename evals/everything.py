"""Every candidate of a finished run built and measured, beside what its race had spent; shared by evals of regret."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.errors import TrialError
from nonet.graphs.steps import bench
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.measured import measure
from nonet.trials.ledger import Ledger
from nonet.trials.measurements import Measurements

COUNTED = ("build", "outputs", "latency")


def seconds(ledger: Ledger) -> float:
    """Return the seconds of builds, outputs and timing on a ledger."""
    return sum(entry.seconds for entry in ledger.entries() if entry.what in COUNTED)


def measured(desk: Desk, decided: Mapping[str, Any], timed: Sequence[int] = ()) -> tuple[Measurements, float]:
    """Build all designs that can be and measure them on the selection units, in a folder of their own.

    Args:
        desk: of the run.
        decided: its ``decision.json``.
        timed: positions of the units that are timed, all designs in turns.

    Returns:
        What was measured, and the seconds it took.
    """
    with tempfile.TemporaryDirectory() as aside:
        laboratory = bench.laboratory(desk, Path(aside)).on(desk.folder / "data" / "measuring")
        built: list[Mapping[str, Any]] = []
        for design in (row["design"] for row in decided["candidates"]):
            try:
                laboratory.build(design)
                laboratory.outputs(design, [desk.units.units[i] for i in desk.split.selection])
                built.append(design)
            except TrialError as error:
                print(f"not measured: {desk.blueprint.describe(design)}: {error.message}")
        baseline = decided["baseline"]["candidate"]
        selection, evaluator = desk.split.selection, bench.evaluator(desk)
        found = measure(desk, laboratory, evaluator, built, selection, timed, baseline=baseline)
        return found, seconds(Ledger(Path(aside) / "spent.jsonl"))
