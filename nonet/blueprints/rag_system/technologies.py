"""Technologies a request may name: those that designs can use, and those that are not measured here and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.state import Json

PATTERNS: Mapping[str, str] = {
    r"\brecursive(ly)?\b.{0,20}\b(chunk|split)|\brecursive\s*character": "recursive chunking",
    r"\b(heading|header|section)s?[- ](based |aware )?(chunk|split)": "chunking by headings",
    r"\b(chunk|split)\w* (by|at|on) (heading|header|section)": "chunking by headings",
    r"\b(sliding|fixed)?[- ]?windows?\b.{0,20}\b(chunk|split)|\bfixed[- ]size chunk|\bsliding windows?\b": "windows",
    r"\bbm25\b|\blexical (search|retrieval)|\bkeyword search": "BM25",
    r"\bhybrid\b": "hybrid retrieval",
    r"\brrf\b|\breciprocal rank": "reciprocal rank fusion",
    r"\bdense (retriev|search|vector|embed)|\bsemantic search|\bvector search|\bembeddings?\b": "dense retrieval",
    r"\bmini-?lm\b": "MiniLM",
    r"\bwordllama\b": "wordllama",
    r"\bre-?rank": "reranking",
    r"\blate[- ]interaction": "late interaction",
    r"\bmilvus\b": "Milvus",
    r"\bpinecone\b": "Pinecone",
    r"\bweaviate\b": "Weaviate",
    r"\bchroma(db)?\b": "Chroma",
    r"\bqdrant\b": "Qdrant",
    r"\bfaiss\b": "FAISS",
    r"\bpgvector\b": "pgvector",
    r"\belastic\s?search\b": "Elasticsearch",
    r"\bopensearch\b": "OpenSearch",
    r"\bcol-?bert": "ColBERT",
    r"\bsplade\b": "SPLADE",
    r"\bcross-?encoders?\b": "cross-encoder",
    r"\bcohere\b": "Cohere",
    r"\bvoyage( ?ai)?\b": "Voyage AI",
    r"\bopenai\b.{0,20}\bembed|\btext-embedding-": "OpenAI embeddings",
    r"\bbge\b|\be5\b|\bgte\b": "other embedding models",
    r"\bgraph ?rag\b|\bknowledge graph": "GraphRAG",
    r"\bhyde\b": "HyDE",
    r"\bsemantic chunk": "semantic chunking",
}
"""Regular expression, matched in the goal whatever the case → canonical name."""

PARTS: Mapping[str, Mapping[str, Json]] = {
    "recursive chunking": {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50},
    "chunking by headings": {"chunking": "headings", "chunk_size": 200},
    "windows": {"chunking": "windows", "chunk_size": 120, "chunk_overlap": 20},
    "BM25": {"retrieval": "bm25"},
    "dense retrieval": {"retrieval": "dense", "embedding": "minilm"},
    "hybrid retrieval": {"retrieval": "hybrid_weighted", "embedding": "minilm", "dense_weight": 0.6},
    "reciprocal rank fusion": {"retrieval": "hybrid_rrf", "rrf_k": 10},
    "MiniLM": {"embedding": "minilm"},
    "wordllama": {"embedding": "wordllama"},
    "reranking": {"rerank": "late_interaction"},
    "late interaction": {"rerank": "late_interaction"},
}
"""Canonical name → the fields that make a design use it."""

_SERVER = "a running {0} and its client (the project searches its vectors exactly, in process)"
_WEIGHTS = "model weights that are not among those which run here (MiniLM is)"
_KEY = "a {0} key and requests that leave the machine"

NOT_MEASURED: Mapping[str, str] = {
    **{
        name: _SERVER.format(name) for name in ("Milvus", "Weaviate", "Chroma", "Qdrant", "Elasticsearch", "OpenSearch")
    },
    "pgvector": _SERVER.format("PostgreSQL with pgvector"),
    "Pinecone": _KEY.format("Pinecone"),
    "FAISS": "faiss in the project (it searches its vectors exactly, which FAISS approximates)",
    "ColBERT": "ColBERT's weights (late interaction over MiniLM's token embeddings is measured)",
    "SPLADE": "SPLADE's weights",
    "cross-encoder": "a cross-encoder's weights (late interaction is measured)",
    "Cohere": _KEY.format("Cohere"),
    "Voyage AI": _KEY.format("Voyage AI"),
    "OpenAI embeddings": _KEY.format("OpenAI"),
    "other embedding models": _WEIGHTS,
    "GraphRAG": "a chat model that extracts entities and relations from every chunk",
    "HyDE": "a chat model that writes a passage for every question",
    "semantic chunking": "an embedding of every sentence while cutting, which is not in the design space",
}
"""Canonical name → what it would need to be measured."""


def uses(design: Mapping[str, Json], technology: str) -> bool:
    """Whether a canonical design uses a technology that designs can use."""
    if technology == "hybrid retrieval":
        return str(design["retrieval"]).startswith("hybrid")
    if technology == "dense retrieval":
        return design["retrieval"] != "bm25"
    if technology == "BM25":
        return design["retrieval"] != "dense"
    names = ("chunking", "embedding", "rerank", "retrieval")
    return all(design[field] == value for field, value in PARTS[technology].items() if field in names)


def combined(technologies: Sequence[str]) -> dict[str, Json]:
    """Return the fields of one design that uses the named technologies together; of rivals the most specific wins.

    BM25 beside embeddings is a hybrid.
    """
    fields: dict[str, Json] = {}
    for name in sorted(technologies, key=lambda name: _RANK.get(name, 1)):
        for field, value in PARTS.get(name, {}).items():
            fields.setdefault(field, value)
    hybrid = str(fields.get("retrieval", "")).startswith("hybrid")
    if "embedding" in fields and not hybrid and ("retrieval" not in fields or "BM25" in technologies):
        fields["retrieval"] = "hybrid_weighted"
    return fields


# RRF and a named model decide over "hybrid", a hybrid over its two halves.
_RANK = {"reciprocal rank fusion": 0, "MiniLM": 0, "wordllama": 0, "dense retrieval": 2, "BM25": 3}
