"""Reading back what was measured: the trial store's outputs, scored by the evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.graphs.steps.desk import Desk
from nonet.state import Json
from nonet.trials.contract import Metric, Scores, Unit
from nonet.trials.evaluator import Evaluator
from nonet.trials.laboratory import Laboratory, Latency
from nonet.trials.measurements import Measurements
from nonet.trials.space import key


def measure(
    desk: Desk,
    laboratory: Laboratory,
    evaluator: Evaluator,
    designs: Sequence[Mapping[str, Json]],
    indexes: Sequence[int],
    timed: Sequence[int] = (),
    resources: Mapping[str, Mapping[str, float]] | None = None,
) -> Measurements:
    """Score designs on units; outputs and latencies that the store holds are read, not made again.

    Args:
        indexes: positions of the units to score.
        timed: positions of the units timed, into units and timing units joined.
        resources: candidate → what was counted when it was measured; by default what the store counts now.
    """
    everything = desk.units.timeable
    found: dict[str, Scores] = {}
    latencies = laboratory.latency(designs, [everything[i] for i in timed]) if timed else {}
    for design in designs:
        outputs = laboratory.outputs(design, [everything[i] for i in indexes])
        found[key(design)] = Scores(
            tuple(indexes),
            evaluator.table(outputs, indexes),
            outputs,
            _timed(latencies.get(key(design)), everything, timed),
            laboratory.resources(design) if resources is None else resources[key(design)],
        )
    return Measurements(evaluator, found, desk.brief.seed)


def _timed(latency: Latency | None, units: Sequence[Unit], timed: Sequence[int]) -> dict[int, float]:
    return {} if latency is None else {place: latency.median_ms[units[place].key] for place in timed}


def described(measurements: Measurements, candidate: str, metrics: Sequence[Metric]) -> dict[str, Json]:
    """Every metric of one candidate: ``{value, low, high, n}``, or ``None`` where it could not be measured."""
    found: dict[str, Json] = {}
    for metric in metrics:
        interval = measurements.interval(candidate, metric.name)
        found[metric.name] = interval.json() if interval else None
    return found
