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
    together: Sequence[Sequence[Mapping[str, Json]]] = (),
    baseline: str = "",
) -> Measurements:
    """Score designs on units; outputs and latencies that the store holds are read, not made again.

    Args:
        indexes: positions of the units to score.
        timed: positions of the units timed, into units and timing units joined.
        resources: candidate → what was counted when it was measured; by default what the store counts now.
        together: which designs were timed side by side, the first group that has a design giving its latency; by
            default all of them.
        baseline: key of the design that others' latencies are held against.
    """
    everything = desk.units.timeable
    found: dict[str, Scores] = {}
    latencies: dict[str, Latency] = {}
    beside: dict[str, Latency | None] = {}
    for group in reversed(together or [designs]) if timed else ():
        of_group = laboratory.latency(group, [everything[i] for i in timed])
        latencies |= of_group
        beside |= dict.fromkeys(of_group, of_group.get(baseline))
    for design in designs:
        outputs = laboratory.outputs(design, [everything[i] for i in indexes])
        found[key(design)] = Scores(
            tuple(indexes),
            evaluator.table(outputs, indexes),
            outputs,
            _timed(latencies.get(key(design)), everything, timed),
            laboratory.resources(design) if resources is None else resources[key(design)],
            _first(latencies.get(key(design)), everything, timed),
            _timed(beside.get(key(design)), everything, timed),
        )
    return Measurements(evaluator, found, desk.brief.seed)


def _timed(latency: Latency | None, units: Sequence[Unit], timed: Sequence[int]) -> dict[int, float]:
    return {} if latency is None else {place: latency.median_ms[units[place].key] for place in timed}


def _first(latency: Latency | None, units: Sequence[Unit], timed: Sequence[int]) -> float | None:
    return None if latency is None else latency.cold_ms[units[timed[0]].key]


def by_kind(desk: Desk, measurements: Measurements, candidates: Sequence[str]) -> dict[str, dict[str, dict[str, Json]]]:
    """Kind of label → candidate → its scored metrics on the units of that kind; empty where there is one kind only."""
    units, metrics = desk.units.units, [metric for metric in desk.blueprint.metrics if metric.source == "score"]
    places: dict[str, list[int]] = {}
    for place, index in enumerate(measurements.units):
        places.setdefault(units[index].kind, []).append(place)
    if len(places) < 2:
        return {}
    parts = {kind: measurements.on(found) for kind, found in sorted(places.items())}
    return {kind: {key: described(part, key, metrics) for key in candidates} for kind, part in parts.items()}


def described(measurements: Measurements, candidate: str, metrics: Sequence[Metric]) -> dict[str, Json]:
    """Every metric of one candidate: ``{value, low, high, n}``, or ``None`` where it could not be measured."""
    found: dict[str, Json] = {}
    for metric in metrics:
        interval = measurements.interval(candidate, metric.name)
        found[metric.name] = interval.json() if interval else None
    return found
