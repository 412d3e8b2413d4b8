"""A scorer for the tests: a quality that is a mean, one that is not, latencies, and counted resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.state import Json
from nonet.trials.contract import Metric, Objective, Scores, Target, Unit
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements

METRICS = (
    Metric("quality", "maximise", "mean of the outputs' closeness to the label"),
    Metric("f1", "maximise", "F1 of outputs above one half against labels above one half", mean=False),
    Metric("error", "minimise", "mean absolute error"),
    Metric("p50_latency_ms", "minimise", "median", unit="ms", source="latency", percentile=50, mean=False),
    Metric(
        "p95_latency_ms",
        "minimise",
        "95th percentile",
        unit="ms",
        source="latency",
        percentile=95,
        mean=False,
        minimum_units=59,
        relative=True,
    ),
    Metric("first_ms", "minimise", "first", unit="ms", source="latency", mean=False, relative=True, cold=True),
    Metric("grade", "maximise", "a judge's", source="judge", needs="a judge"),
    Metric("index_bytes", "minimise", "size", unit="bytes", source="resource", relative=True),
    Metric("operations", "minimise", "counted work", source="resource", relative=True),
)


class SampleScorer:
    """Outputs and labels are numbers in [0, 1]."""

    def __init__(self, objective: Objective | None = None) -> None:
        self.metrics: Sequence[Metric] = METRICS
        self.objective = objective or Objective("quality", "operations")

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        pairs = [(float(outputs[i]), float(labels[i])) for i in index]  # type: ignore[arg-type]
        error = sum(abs(output - label) for output, label in pairs) / len(pairs)
        hits = sum(output > 0.5 and label > 0.5 for output, label in pairs)
        claimed, wanted = (sum(pair[side] > 0.5 for pair in pairs) for side in (0, 1))
        f1 = 2 * hits / (claimed + wanted) if claimed + wanted else float("nan")
        return {"quality": 1 - error, "error": error, "f1": f1}


def units(n: int) -> list[Unit]:
    """Units whose labels alternate between 1 and 0."""
    return [Unit(f"u{i}", {"x": i}, float(i % 2 == 0), f"content {i}") for i in range(n)]


def measured(
    qualities: Mapping[str, Sequence[float]],
    operations: Mapping[str, float] | None = None,
    objective: Objective | None = None,
    latencies: Mapping[str, Sequence[float]] | None = None,
    sizes: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Measurements:
    """Measurements of candidates whose outputs give exactly these qualities per unit."""
    n = len(next(iter(qualities.values())))
    evaluator = Evaluator(SampleScorer(objective), units(n))
    scores = {
        key: Scores(
            units=tuple(range(n)),
            table={"quality": list(values), "error": [1 - value for value in values]},
            outputs=[value if i % 2 == 0 else 1 - value for i, value in enumerate(values)],
            latency_ms=dict(enumerate((latencies or {}).get(key, ()))),
            resources={
                **({"operations": operations[key]} if operations and key in operations else {}),
                **({"index_bytes": sizes[key]} if sizes and key in sizes else {}),
            },
        )
        for key, values in qualities.items()
    }
    return Measurements(evaluator, scores, seed=seed)


def designs(*keys: str) -> dict[str, dict[str, Json]]:
    """A design for every key."""
    return {key: {"name": key} for key in keys}


QUALITY_BAR = Target("quality", ">=", 0.5)
