"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target


def _latency(percentile: int, minimum_units: int) -> Metric:
    return Metric(
        name=f"p{percentile}_latency_ms",
        direction="minimise",
        description=f"{percentile}th percentile over the questions of the time to search, rerank and pack, caches off",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        percentile=float(percentile),
        minimum_units=minimum_units,
    )


def _resource(name: str, unit: str, description: str) -> Metric:
    return Metric(name, "minimise", description, unit=unit, source="resource", mean=False, relative=True)


def _judged(name: str, description: str) -> Metric:
    return Metric(name, "maximise", description, source="judge", needs=JUDGE)


JUDGE = "a judge: a chat model that reads questions, contexts and answers and grades them"

METRICS = (
    Metric("ndcg@10", "maximise", "Normalised discounted cumulative gain of the first 10 documents (linear gains)"),
    Metric("recall@10", "maximise", "Share of the relevant documents among the first 10"),
    Metric("recall@100", "maximise", "Share of the relevant documents among the first 100"),
    Metric("mrr", "maximise", "Reciprocal rank of the first relevant document"),
    Metric(
        "p@5_packed",
        "maximise",
        "Chunks of a relevant document, or holding the quoted answer, among the first 5 packed, over 5",
    ),
    Metric("p@5_documents", "maximise", "Relevant documents among the first 5, over 5"),
    Metric(
        "p@5_documents_attainable",
        "maximise",
        "The most that p@5_documents can be: a question with fewer than 5 relevant documents cannot fill 5 places",
    ),
    Metric("answer_in_context", "maximise", "Share of the quoted answers that the packed context holds", mean=False),
    Metric("context_tokens", "minimise", "Length of the packed context", unit="tokens", relative=True),
    Metric(
        "untransformed",
        "minimise",
        "Share of the questions that a chat model failed to transform, so that the plain question was searched",
    ),
    _latency(50, 1),
    _latency(95, 59),
    _latency(99, 299),
    Metric(
        name="cold_latency_ms",
        direction="minimise",
        description="Time of the first question after opening the index, what is loaded for it included; timed once",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        cold=True,
    ),
    _resource("build_seconds", "s", "Time to build the index from nothing"),
    _resource("index_bytes", "bytes", "Size of the index on disk"),
    _resource("peak_memory_bytes", "bytes", "Largest memory of the process"),
    _resource("operations", "", "Counted multiply-adds of building the index"),
    _judged("faithfulness", "Share of an answer's statements that its context supports"),
    _judged("answer_relevance", "How much of an answer is about the question"),
    _judged("context_relevance", "How much of the packed context is about the question"),
)

OBJECTIVE = Objective(metric="ndcg@10", cost="operations")

STANDING_TARGETS = (
    StandingTarget(Target("p@5_packed", ">", 0.90)),
    StandingTarget(Target("context_relevance", ">", 0.85), needs=JUDGE),
)
