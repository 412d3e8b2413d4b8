"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target
from nonet.trials.metrics import cold_latency, counted, latencies

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
    *latencies("the examples of the time of one prediction"),
    cold_latency("Time of the first prediction after opening; timed once"),
    counted("throughput", "", "Predictions a second in batches of the best size", "maximise"),
    counted("throughput_batch", "", "The batch size of the highest throughput"),
    counted("model_bytes", "bytes", "Size of the files that a prediction needs"),
    counted("serving_memory_bytes", "bytes", "Largest memory of a fresh process that loads and predicts one by one"),
    counted("startup_seconds", "s", "Time from the start of a fresh process to its first prediction"),
    counted(
        "cost_per_million", "", "Cost of a million predictions at that throughput, where a price per hour is given"
    ),
    counted("build_seconds", "s", "Time to build the candidate"),
    counted("probe_ms", "ms", "Median latency while building: it orders candidates before they are timed together"),
)

OBJECTIVE = Objective(metric="speedup", cost="loss", guide="probe_ms")
FIDELITY = Target("fidelity", ">=", 0.99)
"""The bar that stands where a person names none."""
STANDING_TARGETS = (StandingTarget(Target("speedup", ">=", 3.0)), StandingTarget(FIDELITY))
