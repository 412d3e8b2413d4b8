"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target

SELECTIVITIES = (1, 10, 50)
"""Filters are measured that let through about so many percent of the rows."""


def _latency(percentile: int, minimum_units: int) -> Metric:
    return Metric(
        name=f"p{percentile}_latency_ms",
        direction="minimise",
        description=f"{percentile}th percentile over the queries of the time to find ten, embedding a text included",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        percentile=float(percentile),
        minimum_units=minimum_units,
    )


def _resource(name: str, unit: str, description: str) -> Metric:
    return Metric(name, "minimise", description, unit=unit, source="resource", mean=False, relative=True)


def _rate(name: str, unit: str, description: str) -> Metric:
    return Metric(name, "maximise", description, unit=unit, source="resource", mean=False, relative=True)


def filtered(percent: int) -> str:
    """Name the metric of recall under a filter."""
    return f"filtered_recall@10_of_{percent}_percent"


FILTERED = "filtered_recall@10"
"""Recall under the filter for which it is lowest."""


METRICS = (
    Metric(
        "quality@10",
        "maximise",
        "What decides: nDCG@10 where relevant texts are known, else recall@10 of the exact neighbours",
    ),
    Metric(
        "recall@10",
        "maximise",
        "Share of the ten exact nearest neighbours, by the same embedding in all its dimensions (where search is "
        "multi-vector, by MaxSim of all tokens), among the ten found",
    ),
    Metric("recall@1", "maximise", "Whether the first found is as near as the exact nearest neighbour"),
    Metric("ndcg@10", "maximise", "Normalised discounted cumulative gain of the first ten (linear gains)", mean=False),
    Metric(FILTERED, "maximise", "recall@10 under the filter for which it is lowest", mean=False),
    *(
        Metric(
            filtered(percent),
            "maximise",
            f"recall@10 among the rows that a filter lets through, about {percent} % of all",
            mean=False,
        )
        for percent in SELECTIVITIES
    ),
    _latency(50, 1),
    _latency(95, 59),
    _latency(99, 299),
    Metric(
        name="cold_latency_ms",
        direction="minimise",
        description="Time of the first query after opening; timed once",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        cold=True,
    ),
    *(
        _resource(
            f"filtered_p95_ms_of_{percent}_percent",
            "ms",
            f"95th percentile of the time to find ten stored vectors' neighbours under a filter of about {percent} %",
        )
        for percent in SELECTIVITIES
    ),
    _rate(
        "batch_queries_per_second",
        "1/s",
        "Searches a second in one call for 128 vectors or 32 texts, which are embedded",
    ),
    _rate("async_queries_per_second", "1/s", "Searches a second, eight side by side; texts are embedded"),
    _rate("cache_hit_rate_exact", "", "Share of the log's questions that were asked before, word by word"),
    _rate("cache_hit_rate", "", "Share of the log's questions that the chosen cache answers"),
    _rate("cache_recall@10", "", "Share of what the index finds that is still found through the chosen cache"),
    _resource("cache_threshold", "", "Cosine from which the chosen cache takes another question's answer; 1: the same"),
    _resource("indexing_seconds", "s", "Time to build the engine's index of the vectors, on one thread"),
    _resource("embedding_seconds", "s", "Time to embed the texts, once a model"),
    _resource("build_seconds", "s", "Time to build everything, builds for the extrapolation included"),
    _resource("engine_bytes", "bytes", "Size of the engine's index on disk"),
    _resource("token_vector_bytes", "bytes", "Size of the vectors of all tokens, where search is multi-vector"),
    _resource("index_bytes", "bytes", "Size of all that ships: index, vectors to rescore by, payloads, words"),
    _resource("peak_memory_bytes", "bytes", "Largest memory of the process that builds and searches"),
    _resource("dimensions", "", "Dimensions of the vectors in the index"),
    _resource("scale_bytes", "bytes", "Extrapolated size of the engine's index, and of token vectors, at that scale"),
    _resource("scale_build_seconds", "s", "Extrapolated time to build it at that scale, on one thread"),
    _resource(
        "scale_cost_per_month", "", "Memory of all replicas at that scale, headroom included, at the price given; 730 h"
    ),
    _resource("scale_latency_ms", "ms", "Extrapolated median latency of the engine at that scale, in one shard"),
    _resource(
        "scale_error", "", "Largest relative error of those laws at the largest measured size, fitted without it"
    ),
)

OBJECTIVE = Objective(metric="quality@10", cost="p95_latency_ms")

STANDING_TARGETS = (StandingTarget(Target("p95_latency_ms", "<", 50.0)),)
