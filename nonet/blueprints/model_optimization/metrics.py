"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target


def _latency(percentile: int, minimum_units: int) -> Metric:
    return Metric(
        name=f"p{percentile}_latency_ms",
        direction="minimise",
        description=f"{percentile}th percentile over the examples of the time of one prediction",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        percentile=float(percentile),
        minimum_units=minimum_units,
    )


def _resource(name: str, unit: str, description: str) -> Metric:
    return Metric(name, "minimise", description, unit=unit, source="resource", mean=False, relative=True)


METRICS = (
    Metric(
        name="speedup",
        direction="maximise",
        description="The original's median latency over the candidate's, both timed in the same passes",
        source="latency",
        mean=False,
        relative=True,
        tolerance=0.05,
        percentile=50.0,
        against_baseline=True,
    ),
    Metric(
        "fidelity",
        "maximise",
        "What may not be lost. With labels 1 − what is lost of the labelled metric (accuracy, or the error in units of "
        "the labels' mean deviation); else the same decision, the cosine, or 1 − the relative difference, by kind of "
        "output",
    ),
    Metric("loss", "minimise", "1 − fidelity", tolerance=0.001),
    Metric("agreement", "maximise", "Share of the examples decided as the original decides", mean=False),
    Metric("cosine", "maximise", "Mean cosine between the candidate's outputs and the original's", mean=False),
    Metric("largest_difference", "minimise", "Largest difference of any output number from the original's", mean=False),
    Metric("accuracy", "maximise", "Share of the examples decided as their labels say", mean=False),
    Metric("mean_absolute_error", "minimise", "Mean difference from the labels, where they are quantities", mean=False),
    _latency(50, 1),
    _latency(95, 59),
    _latency(99, 299),
    Metric(
        name="cold_latency_ms",
        direction="minimise",
        description="Time of the first prediction after opening; timed once",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        cold=True,
    ),
    Metric(
        name="throughput",
        direction="maximise",
        description="Predictions a second in batches of the best size",
        source="resource",
        mean=False,
        relative=True,
    ),
    _resource("throughput_batch", "", "The batch size of the highest throughput"),
    _resource("model_bytes", "bytes", "Size of the files that a prediction needs"),
    _resource("serving_memory_bytes", "bytes", "Largest memory of a fresh process that loads and predicts one by one"),
    _resource("startup_seconds", "s", "Time from the start of a fresh process to its first prediction"),
    _resource(
        "cost_per_million", "", "Cost of a million predictions at that throughput, where a price per hour is given"
    ),
    _resource("build_seconds", "s", "Time to build the candidate"),
    _resource("probe_ms", "ms", "Median latency while building: it orders candidates before they are timed together"),
)

OBJECTIVE = Objective(metric="speedup", cost="loss", guide="probe_ms")
FIDELITY = Target("fidelity", ">=", 0.99)
"""The bar that stands where a person names none."""
STANDING_TARGETS = (StandingTarget(Target("speedup", ">=", 3.0)), StandingTarget(FIDELITY))
