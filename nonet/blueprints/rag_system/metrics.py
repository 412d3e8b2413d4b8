"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective, StandingTarget, Target
from nonet.trials.metrics import cold_latency, counted, latencies


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
    *latencies("the questions of the time to search, rerank and pack, caches off"),
    cold_latency("Time of the first question after opening the index, what is loaded for it included; timed once"),
    counted("build_seconds", "s", "Time to build the index from nothing"),
    counted("index_bytes", "bytes", "Size of the index on disk"),
    counted("peak_memory_bytes", "bytes", "Largest memory of the process"),
    counted("operations", "", "Counted multiply-adds of building the index"),
    _judged("faithfulness", "Share of an answer's statements that its context supports"),
    _judged("answer_relevance", "How much of an answer is about the question"),
    _judged("context_relevance", "How much of the packed context is about the question"),
)

OBJECTIVE = Objective(metric="ndcg@10", cost="operations")

STANDING_TARGETS = (
    StandingTarget(Target("p@5_packed", ">", 0.90)),
    StandingTarget(Target("context_relevance", ">", 0.85), needs=JUDGE),
)
