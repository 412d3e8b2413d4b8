"""The choices that make one vector database out of the many possible ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from vectordb.errors import DesignError

ENGINES = (
    "faiss_flat",
    "faiss_sq8",
    "faiss_ivf",
    "faiss_ivfpq",
    "faiss_hnsw",
    "usearch",
    "qdrant",
    "lancedb",
    "chroma",
    "pgvector",
    "qdrant_server",
    "milvus",
    "weaviate",
    "pinecone",
)
SERVERS = ENGINES[-5:]
EMBEDDINGS = ("given", "wordllama", "minilm")
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "embedding": EMBEDDINGS,
    "reduction": ("none", "pca", "truncate"),
    "engine": ENGINES,
    "quantization": ("none", "scalar", "binary"),
    "oversample": (1, 4, 10),
    "exact_below": (0, 2, 10),
    "hybrid": ("none", "rrf", "weighted"),
}


@dataclass(frozen=True)
class Design:
    """One vector database.

    Attributes:
        embedding: where vectors come from: ``given`` ones, or the model that makes them of texts.
        reduction: how vectors are made narrower.
        dimensions: to how many dimensions; 0 keeps all.
        engine: what holds and searches them.
        server_at: KIND=URL of the server; "" where the engine runs here (pgvector alone of the servers can).
        quantization: of the vectors inside the engine (qdrant, usearch).
        oversample: so many times k are found in the index, then ordered by the unreduced vectors; 1: not.
        exact_below: percent of the rows; a filter that lets through no more is searched exactly. 0: never.
        hnsw_m: links a node of the graph (HNSW engines).
        ef_construction: candidates weighed for each link while building.
        ef_search: candidates kept while searching.
        lists: cells of an inverted file; 0 takes 4·√rows.
        probes: cells searched.
        code_bytes: bytes of a product-quantized vector.
        hybrid: how BM25's ranking joins the vectors'.
        dense_weight: the vectors' share of a weighted hybrid.
        rrf_k: the constant of reciprocal rank fusion.
    """

    embedding: str = "given"
    reduction: str = "none"
    dimensions: int = 0
    engine: str = "faiss_flat"
    server_at: str = ""
    quantization: str = "none"
    oversample: int = 1
    exact_below: int = 0
    hnsw_m: int = 16
    ef_construction: int = 128
    ef_search: int = 64
    lists: int = 0
    probes: int = 16
    code_bytes: int = 32
    hybrid: str = "none"
    dense_weight: float = 0.6
    rrf_k: int = 60


def parse(values: Mapping[str, Any]) -> Design:
    """Return the design of a mapping.

    Raises:
        DesignError: a field is unknown or its value outside the space.
    """
    known = {field.name for field in fields(Design)}
    if unknown := sorted(set(values) - known):
        raise DesignError(f"The design has unknown fields: {', '.join(unknown)}; known: {', '.join(sorted(known))}.")
    design = Design(**values)
    for name, allowed in CHOICES.items():
        if getattr(design, name) not in allowed:
            raise DesignError(f"{name} is {getattr(design, name)!r}; it must be one of {', '.join(map(str, allowed))}.")
    if (design.reduction == "none") != (design.dimensions == 0):
        raise DesignError("A reduction needs a number of dimensions, and dimensions need a reduction.")
    if design.engine in SERVERS and design.engine != "pgvector" and not design.server_at:
        raise DesignError(f"{design.engine} needs the URL of its server.")
    return design
