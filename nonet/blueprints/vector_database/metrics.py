"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target
from nonet.trials.metrics import cold_latency, counted, latencies

SELECTIVITIES = (1, 10, 50)
"""Filters are measured that let through about so many percent of the rows."""


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
    *latencies("the queries of the time to find ten, embedding a text included"),
    cold_latency("Time of the first query after opening; timed once"),
    *(
        counted(
            f"filtered_p95_ms_of_{percent}_percent",
            "ms",
            f"95th percentile of the time to find ten stored vectors' neighbours under a filter of about {percent} %",
        )
        for percent in SELECTIVITIES
    ),
    counted(
        "batch_queries_per_second",
        "1/s",
        "Searches a second in one call for 128 vectors or 32 texts, which are embedded",
        "maximise",
    ),
    counted("async_queries_per_second", "1/s", "Searches a second, eight side by side; texts are embedded", "maximise"),
    counted(
        "cache_hit_rate_exact", "", "Share of the log's questions that were asked before, word by word", "maximise"
    ),
    counted("cache_hit_rate", "", "Share of the log's questions that the chosen cache answers", "maximise"),
    counted(
        "cache_recall@10", "", "Share of what the index finds that is still found through the chosen cache", "maximise"
    ),
    counted("cache_threshold", "", "Cosine from which the chosen cache takes another question's answer; 1: the same"),
    counted("indexing_seconds", "s", "Time to build the engine's index of the vectors, on one thread"),
    counted("embedding_seconds", "s", "Time to embed the texts, once a model"),
    counted("build_seconds", "s", "Time to build everything, builds for the extrapolation included"),
    counted("engine_bytes", "bytes", "Size of the engine's index on disk"),
    counted("token_vector_bytes", "bytes", "Size of the vectors of all tokens, where search is multi-vector"),
    counted("index_bytes", "bytes", "Size of all that ships: index, vectors to rescore by, payloads, words"),
    counted("peak_memory_bytes", "bytes", "Largest memory of the process that builds and searches"),
    counted("dimensions", "", "Dimensions of the vectors in the index"),
    counted("scale_bytes", "bytes", "Extrapolated size of the engine's index, and of token vectors, at that scale"),
    counted("scale_build_seconds", "s", "Extrapolated time to build it at that scale, on one thread"),
    counted(
        "scale_cost_per_month", "", "Memory of all replicas at that scale, headroom included, at the price given; 730 h"
    ),
    counted("scale_latency_ms", "ms", "Extrapolated median latency of the engine at that scale, in one shard"),
    counted("scale_error", "", "Largest relative error of those laws at the largest measured size, fitted without it"),
)

OBJECTIVE = Objective(metric="quality@10", cost="p95_latency_ms")

STANDING_TARGETS = (StandingTarget(Target("p95_latency_ms", "<", 50.0)),)
