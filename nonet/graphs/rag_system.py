"""RAG system: research → guides → framework docs → existing code → design → implement → review → store."""

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

TECHNIQUES = ("chunking", "hybrid retrieval BM25 dense", "reranking late interaction", "latency", "evaluation")
LIBRARIES = (
    "bm25s: BM25 k1 b parameters",
    "langchain-text-splitters: RecursiveCharacterTextSplitter chunk_size chunk_overlap",
    "onnxruntime: InferenceSession",
    "wordllama: embed",
)
FOR_FOLDERS = ("fastembed: TextEmbedding",)
FOR_URLS = ("httpx: Client",)
CODE = (
    r"/\w*(Splitter|NodeParser|Chunker|PreProcessor|ParentDocumentRetriever)(\.\w+)?\(/",
    r"/chunk_?(size|overlap|length)|tokens_per_chunk|split_(length|overlap)|\[\w+ ?: ?\w+ ?\+ ?\w+\]/",
    r"/\w*(Embeddings?|Embedder|EmbeddingFunction|SentenceTransformer|TextEmbedding|FlagModel)\(|embed_model|MiniLM/",
    r"/embeddings\.create\(|create_collection\(|VectorStoreIndex|search_type|marginal_relevance|\.hybrid\(/",
    r"/\w*(BM25\w*|Tfidf\w*|Rerank\w*|Ranker|CrossEncoder|EnsembleRetriever|FusionRetriever|DocumentJoiner)(\.\w+)*\(/",
    r"/\w*(FAISS|Chroma|Qdrant|PGVector|Pinecone|Weaviate|Milvus|VectorStore|DocumentStore)\w*(\.\w+)?\(|faiss\.\w+\(/",
    r"/1(\.0)? ?/ ?\(\w+ ?\+ ?\w|\(1(\.0)? ?- ?\w+\) ?\*|rank \+ \w+\)/",
)


def techniques(desk: Desk) -> Sequence[str]:
    """What to research: the goal itself, and each technique it may need."""
    return [desk.brief.goal, *(f"rag {technique}" for technique in TECHNIQUES)]


def guides(desk: Desk) -> Sequence[str]:
    """What to read in full: the pages that research found, and the user's own read-me files."""
    found = (item.reference for item in desk.evidence() if item.step == "research")
    return [*dict.fromkeys(found), "**/README*"]


def libraries(desk: Desk) -> Sequence[str]:
    """The libraries whose documented defaults and versions matter, those of models that the inputs give included."""
    given = [name for name, value in desk.brief.inputs.items() if value]
    folders = any(name in ("embedding_folder", "rerank_folder") for name in given)
    urls = any(name in ("embedding_url", "rerank_url") for name in given)
    return (*LIBRARIES, *(FOR_FOLDERS if folders else ()), *(FOR_URLS if urls else ()))


def code(_: Desk) -> Sequence[str]:
    """The searches that find splitters, sizes, models, stores, lexical search, rerankers and fusions by hand."""
    return CODE


def graph() -> Builder:
    """Build the workflow's graph, uncompiled."""
    flow = Flow(_blueprint)
    flow.step("brief", brief, "Read the request")
    flow.step("prepare", prepare, "Prepare environment and documents", after="brief")
    flow.step("recall", recall, "Recall what won on like documents", after="prepare", booked=True)
    flow.step(
        "research", gather("research", "researcher", techniques), "Research techniques", after="recall", booked=True
    )
    flow.step("read_guides", gather("read_guides", "reader", guides), "Read guides", after="research", booked=True)
    flow.step(
        "framework_docs",
        gather("framework_docs", "librarian", libraries),
        "Read library docs",
        after="recall",
        booked=True,
    )
    flow.step(
        "existing_code",
        gather("existing_code", "code_reader", code),
        "Search existing code",
        after="recall",
        booked=True,
    )
    flow.step(
        "design", design, "Nominate designs", after=("read_guides", "framework_docs", "existing_code"), booked=True
    )
    flow.step("approve", approve, "Approve the candidates", after="design")
    flow.step("implement", first_round, "Build and measure", after="approve", booked=True)
    flow.step("consult", consult, "Ask the council, which sees what was measured", after="implement", booked=True)
    flow.step("implement_more", second_round, "Build and measure what it nominates", after="consult", booked=True)
    flow.step("decide", decide, "Decide by the measurements", after="implement_more")
    flow.step("review", review, "Hold the opinions against the measurements", after="decide", booked=True)
    flow.step("deliver", deliver, "Ship the winner and open the holdout", after="review")
    flow.step("store", store, "Store what won", after="deliver")
    flow.step("report", report, "Write the report", after="store")
    return flow.finish("report")


def _blueprint() -> Blueprint[Any, Any]:
    return blueprints.load("rag_system")


WORKFLOW = Workflow(
    name="rag_system",
    title="Answer questions over documents: chunking, retrieval and reranking chosen by measurement",
    triggers=(
        r"\bRAG\b",
        r"retrieval.augmented",
        r"answer\w* questions? (over|about|on|from)",
        r"\bchunking\b",
        r"over (our|my|the) (product |technical )?(docs|documents|documentation)",
    ),
    graph=graph,
    blueprint=_blueprint,
)
