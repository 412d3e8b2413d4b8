"""Vector database: research → index docs → existing code → embedding, index, hybrid → build → council → store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nonet import blueprints
from nonet.graphs.steps.approve import approve
from nonet.graphs.steps.brief import brief
from nonet.graphs.steps.consult import consult, second_round
from nonet.graphs.steps.decide import decide
from nonet.graphs.steps.deliver import deliver
from nonet.graphs.steps.design import design
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Builder, Flow
from nonet.graphs.steps.gather import gather
from nonet.graphs.steps.implement import first_round
from nonet.graphs.steps.prepare import prepare
from nonet.graphs.steps.report import report
from nonet.graphs.steps.review import review
from nonet.graphs.steps.store import recall, store
from nonet.graphs.steps.workflow import Workflow
from nonet.trials.blueprint import Blueprint

TECHNIQUES = ("HNSW m ef recall", "IVF product quantization", "hybrid BM25", "filtered search", "dimensions", "scaling")
LIBRARIES = (
    "faiss-cpu: IndexHNSWFlat efConstruction",
    "usearch: Index connectivity expansion_add expansion_search",
    "qdrant-edge-py: HnswIndexConfig m ef_construct",
    "lancedb: HnswSq m ef_construction",
    "chromadb: HNSWConfiguration ef_construction max_neighbors",
)
CODE = (
    r"/faiss\.\w*Index\w*\(|index_factory\(|nprobe|efSearch|efConstruction/",
    r"/QdrantClient\(|qdrant_(client|edge)|EdgeShard|HnswConfigDiff\(|\w*QuantizationConfig\(/",
    r"/chromadb|lancedb|usearch|hnswlib|hnsw:|create_collection\(|create_index\(/",
    r"/pgvector|vector_(cosine|l2|ip)_ops|pymilvus|MilvusClient|[Pp]inecone|weaviate/",
    r"/\w*(Embeddings?|Embedder|SentenceTransformer|TextEmbedding)\(|embed_model|MiniLM/",
)


def techniques(desk: Desk) -> Sequence[str]:
    """What to research: the goal itself, and each technique it may need."""
    return [desk.brief.goal, *(f"vector search {technique}" for technique in TECHNIQUES)]


def libraries(_: Desk) -> Sequence[str]:
    """The engines whose documented defaults and versions matter."""
    return LIBRARIES


def code(_: Desk) -> Sequence[str]:
    """The searches that find indexes, their numbers and embedding models."""
    return CODE


def graph() -> Builder:
    """Build the workflow's graph, uncompiled."""
    flow = Flow(_blueprint)
    flow.step("brief", brief, "Read the request")
    flow.step("prepare", prepare, "Prepare environment, embed, search exactly", after="brief")
    flow.step("recall", recall, "Recall what won on like data", after="prepare", booked=True)
    flow.step("research", gather("research", "researcher", techniques), "Research options", after="recall", booked=True)
    flow.step(
        "index_docs",
        gather("index_docs", "librarian", libraries),
        "Read the engines' documentation",
        after="recall",
        booked=True,
    )
    flow.step(
        "existing_code",
        gather("existing_code", "code_reader", code),
        "Search existing embedding and search code",
        after="recall",
        booked=True,
    )
    flow.step(
        "choose_index",
        design,
        "Nominate embeddings, indexes and hybrid search",
        after=("research", "index_docs", "existing_code"),
        booked=True,
    )
    flow.step("approve", approve, "Approve the candidates", after="choose_index")
    flow.step("implement", first_round, "Build and measure", after="approve", booked=True)
    flow.step("consult", consult, "Ask the council, which sees what was measured", after="implement", booked=True)
    flow.step("implement_more", second_round, "Build and measure what it nominates", after="consult", booked=True)
    flow.step("decide", decide, "Decide by the measurements", after="implement_more")
    flow.step("review", review, "Hold the opinions against the measurements", after="decide")
    flow.step("deliver", deliver, "Ship the winner and open the holdout", after="review")
    flow.step("store", store, "Store what won", after="deliver")
    flow.step("report", report, "Write the report", after="store")
    return flow.finish("report")


def _blueprint() -> Blueprint[Any, Any]:
    return blueprints.load("vector_database")


WORKFLOW = Workflow(
    name="vector_database",
    title="Search vectors or texts: embedding, index and hybrid search chosen by recall and latency",
    triggers=(
        r"\bvector (database|store|index|search)\b",
        r"\bsemantic search\b",
        r"\bembeddings? (for|search|index)",
        r"\bnearest[- ]neighbou?r",
        r"\bsimilarity search\b",
        r"\bANN\b|\bHNSW\b",
    ),
    graph=graph,
    blueprint=_blueprint,
)
