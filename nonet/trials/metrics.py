"""The metrics that most workflows have: latencies by percentile, the first one after opening, what is counted."""

from __future__ import annotations

from nonet.trials.contract import Direction, Metric

FEWEST = {50: 1, 95: 59, 99: 299}
"""Percentile → the units that it needs at least: with fewer, not even their maximum lies above it with 95 %."""


def latencies(of: str) -> tuple[Metric, ...]:
    """Return p50, p95 and p99 in milliseconds; ``of`` ends the sentence "95th percentile over …"."""
    return tuple(
        Metric(
            name=f"p{percentile}_latency_ms",
            direction="minimise",
            description=f"{percentile}th percentile over {of}",
            unit="ms",
            source="latency",
            mean=False,
            relative=True,
            percentile=float(percentile),
            minimum_units=fewest,
        )
        for percentile, fewest in FEWEST.items()
    )


def cold_latency(description: str) -> Metric:
    """Return the latency of the first unit after opening, in milliseconds."""
    return Metric(
        name="cold_latency_ms",
        direction="minimise",
        description=description,
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        cold=True,
    )


def counted(name: str, unit: str, description: str, direction: Direction = "minimise") -> Metric:
    """Return what the worker or the harness counts of a whole candidate."""
    return Metric(name, direction, description, unit=unit, source="resource", mean=False, relative=True)
