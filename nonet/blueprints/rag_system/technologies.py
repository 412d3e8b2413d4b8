"""Technologies a request may name: those that designs can use, and those that are not measured here and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.state import Json

PATTERNS: Mapping[str, str] = {
    r"\brecursive(ly)?\b.{0,20}\b(chunk|split)|\brecursive\s*character": "recursive chunking",
    r"\b(heading|header|section)s?[- ](based |aware )?(chunk|split)": "chunking by headings",
    r"\b(chunk|split)\w* (by|at|on) (heading|header|section)": "chunking by headings",
    r"\bsliding windows?\b|(?<!sentence )(?<!sentence-)\bwindows?\b.{0,20}\b(chunk|split)": "windows",
    r"\bfixed[- ]size[sd]?\b.{0,12}\b(chunk|split)": "fixed-size chunking",
    r"\bsentence[- ](windows?|chunk|split|based chunk)|\b(chunk|split)\w* (by|at|on|into) sentences?\b": "sentences",
    r"\bparent[- ](child|document)|\bsmall[- ]to[- ]big\b|\bhierarchical (chunk|retriev|node)": "parent-child chunking",
    r"\bsemantic(ally)? (chunk|split)": "semantic chunking",
    r"\bbm25\b|\blexical (search|retrieval)|\bkeyword search": "BM25",
    r"\bhybrid\b": "hybrid retrieval",
    r"\brrf\b|\breciprocal rank": "reciprocal rank fusion",
    r"\bthree[- ]way\b|\btwo embeddings?\b": "three-way fusion",
    r"\bdense (retriev|search|vector|embed)|\bsemantic search|\bvector search|\bembeddings?\b": "dense retrieval",
    r"\bpseudo[- ]?relevance|\brelevance feedback|\brocchio\b|\bprf\b": "pseudo-relevance feedback",
    r"\bmini-?lm\b": "MiniLM",
    r"\bwordllama\b|\bstatic (embedding|vector)": "wordllama",
    r"\bmatryoshka\b|\b(truncat|shorten)\w* (the )?(embedding|vector|dimension)": "Matryoshka truncation",
    r"\bpca\b|\bprincipal component": "PCA",
    r"\bre-?rank": "reranking",
    r"\blate[- ]interaction": "late interaction",
    r"\bcross-?encoders?\b": "cross-encoder",
    r"\b(extractive|contextual|context) compress": "extractive compression",
    r"\bllm-?lingua": "LLMLingua",
    r"\bmmr\b|\bmaximal marginal": "MMR",
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
    r"\bcohere\b": "Cohere",
    r"\bjina\b": "Jina",
    r"\bvoyage( ?ai)?\b": "Voyage AI",
    r"\bopenai\b.{0,20}\bembed|\btext-embedding-": "OpenAI embeddings",
    r"\bbge\b|\be5\b|\bgte\b": "other embedding models",
    r"\bgraph ?rag\b|\bknowledge graph": "GraphRAG",
    r"\bhyde\b|\bhypothetical document": "HyDE",
    r"\bmulti-?quer(y|ies)\b|\brag[- ]?fusion\b": "multi-query",
    r"\bstep[- ]?back\b": "step-back prompting",
}
"""Regular expression, matched in the goal whatever the case → canonical name."""

_HYBRID: Mapping[str, Json] = {"retrieval": "hybrid_weighted", "embedding": "minilm", "dense_weight": 0.6}

PARTS: Mapping[str, Mapping[str, Json]] = {
    "recursive chunking": {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50},
    "chunking by headings": {"chunking": "headings", "chunk_size": 200},
    "windows": {"chunking": "windows", "chunk_size": 120, "chunk_overlap": 20},
    "fixed-size chunking": {
        "chunking": "fixed",
        "chunk_unit": "characters",
        "chunk_size": 1000,
        "chunk_overlap": 200,
    },
    "sentences": {"chunking": "sentences", "chunk_size": 120, "chunk_overlap": 20},
    "parent-child chunking": {"chunking": "parent_child", "chunk_size": 60, "chunk_overlap": 20, "parent_size": 400},
    "semantic chunking": {"chunking": "semantic", "chunk_size": 200, "semantic_percentile": 80},
    "BM25": {"retrieval": "bm25"},
    "dense retrieval": {"retrieval": "dense", "embedding": "minilm"},
    "hybrid retrieval": _HYBRID,
    "reciprocal rank fusion": {"retrieval": "hybrid_rrf", "rrf_k": 10},
    "three-way fusion": {"retrieval": "hybrid_rrf", "embedding": "minilm", "second_embedding": "wordllama"},
    "pseudo-relevance feedback": {**_HYBRID, "feedback": 5, "feedback_weight": 0.5},
    "MiniLM": {"embedding": "minilm"},
    "wordllama": {"embedding": "wordllama"},
    "Matryoshka truncation": {**_HYBRID, "reduction": "truncate", "dimensions": 128},
    "PCA": {**_HYBRID, "reduction": "pca", "dimensions": 128},
    "reranking": {"rerank": "late_interaction"},
    "late interaction": {"rerank": "late_interaction"},
    "ColBERT": {"rerank": "late_interaction"},
}
"""Canonical name → the fields that make a design use it."""

NEAREST: Mapping[str, str] = {
    "ColBERT": "late interaction over MiniLM's token embeddings stands for ColBERT, whose weights are not here",
    "Matryoshka truncation": "MiniLM was not trained to be cut; its first dimensions are measured as they are",
}
"""What stands for a technology where it is not the same; the report says so."""

GIVEN: Mapping[str, str] = {
    "cross-encoder": "rerank",
    "Cohere": "rerank",
    "Jina": "rerank",
    "OpenAI embeddings": "embedding",
    "Voyage AI": "embedding",
    "other embedding models": "embedding",
    "LLMLingua": "compression",
    "HyDE": "query",
    "multi-query": "query",
    "step-back prompting": "query",
}
"""Technologies that designs use where the inputs give the model → the part of a design it is."""

TRANSFORMED: Mapping[str, Mapping[str, Json]] = {
    "HyDE": {"query_transformation": "hyde"},
    "multi-query": {"query_transformation": "multi_query"},
    "step-back prompting": {"query_transformation": "step_back"},
}
"""Technologies by which a chat model transforms questions → the fields beside that model."""

PACKED = ("extractive compression", "LLMLingua")
"""Technologies of packing, which is decided second: they are compared on what wins."""

_SERVER = "a running {0} and its client (the project searches its vectors exactly, in process)"

NOT_MEASURED: Mapping[str, str] = {
    **{
        name: _SERVER.format(name) for name in ("Milvus", "Weaviate", "Chroma", "Qdrant", "Elasticsearch", "OpenSearch")
    },
    "pgvector": _SERVER.format("PostgreSQL with pgvector"),
    "Pinecone": "a Pinecone key and requests that leave the machine",
    "FAISS": "faiss in the project (it searches its vectors exactly, which FAISS approximates)",
    "SPLADE": "SPLADE's weights, and a stage for its sparse vectors",
    "MMR": "maximal marginal relevance, which is not in the design space (copies are left out of the context)",
    "GraphRAG": "a chat model that extracts entities and relations from every chunk",
}
"""Canonical name → what it would need to be measured."""


def uses(design: Mapping[str, Json], technology: str) -> bool:
    """Whether a canonical design uses a technology that designs can use."""
    if technology == "hybrid retrieval":
        return str(design["retrieval"]).startswith("hybrid")
    if technology in _OTHER_THAN:
        field, other = _OTHER_THAN[technology]
        return design[field] != other
    telling = _TELLING.get(technology, ("chunking", "embedding", "rerank", "retrieval"))
    return all(design[field] == value for field, value in PARTS[technology].items() if field in telling)


def combined(technologies: Sequence[str], given: Mapping[str, Mapping[str, Json]] | None = None) -> dict[str, Json]:
    """Return the fields of one design that uses the named technologies together; of rivals the most specific wins.

    BM25 beside embeddings is a hybrid.

    Args:
        technologies: canonical names.
        given: the fields of technologies whose models the inputs give.
    """
    fields: dict[str, Json] = {field: value for patch in (given or {}).values() for field, value in patch.items()}
    for name in sorted(technologies, key=lambda name: _RANK.get(name, 1)):
        for field, value in PARTS.get(name, {}).items():
            fields.setdefault(field, value)
    hybrid = str(fields.get("retrieval", "")).startswith("hybrid")
    if "embedding" in fields and not hybrid and ("retrieval" not in fields or "BM25" in technologies):
        fields["retrieval"] = "hybrid_weighted"
    return fields


_OTHER_THAN: Mapping[str, tuple[str, Json]] = {
    "dense retrieval": ("retrieval", "bm25"),
    "BM25": ("retrieval", "dense"),
    "three-way fusion": ("second_embedding", "none"),
    "pseudo-relevance feedback": ("feedback", 0),
    "reranking": ("rerank", "none"),
}
_TELLING = {"Matryoshka truncation": ("reduction",), "PCA": ("reduction",)}
# RRF and a named model decide over "hybrid", a hybrid over its two halves, what is dense by nature over nothing.
_RANK = {
    "reciprocal rank fusion": 0,
    "MiniLM": 0,
    "wordllama": 0,
    "dense retrieval": 2,
    "pseudo-relevance feedback": 3,
    "Matryoshka truncation": 3,
    "PCA": 3,
    "BM25": 4,
}
