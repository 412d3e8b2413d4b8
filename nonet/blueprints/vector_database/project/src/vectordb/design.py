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
EMBEDDINGS = ("given", "wordllama", "minilm", "folder", "hosted")
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "embedding": EMBEDDINGS,
    "tuning": ("none", "ranking", "matryoshka"),
    "reduction": ("none", "pca", "truncate"),
    "engine": ENGINES,
    "quantization": ("none", "scalar", "binary"),
    "oversample": (1, 4, 10),
    "exact_below": (0, 2, 10),
    "hybrid": ("none", "rrf", "weighted"),
    "multi_vector": ("none", "rerank"),
    "multi_depth": (20, 50, 200),
}


@dataclass(frozen=True)
class Design:
    """One vector database.

    Attributes:
        embedding: where vectors come from: ``given`` ones, or the model that makes them of texts.
        model_at: the folder of the model (``folder``), or ``SERVICE:MODEL`` (``hosted``).
        pickled: whether its weights may be loaded where they are pickled: the user's word.
        tuning: how the model is tuned on pairs: not, by ranking, or so that leading dimensions stand alone.
        epochs: how often every pair is seen.
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
        multi_vector: whether the vectors of all tokens order what the index finds (MaxSim).
        multi_depth: how many rows of the index they order.
    """

    embedding: str = "given"
    model_at: str = ""
    pickled: bool = False
    tuning: str = "none"
    epochs: int = 1
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
    multi_vector: str = "none"
    multi_depth: int = 50

    @property
    def encoded(self) -> bool:
        """Whether its model is a stage of its own: brought from a folder, or tuned."""
        return self.embedding == "folder" or self.tuning != "none"


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
    if (design.embedding in ("folder", "hosted")) != bool(design.model_at):
        raise DesignError("A model of a folder or a service needs model_at, and no other embedding has one.")
    if design.tuning != "none" and design.embedding not in ("minilm", "folder"):
        raise DesignError(f"{design.embedding} cannot be tuned; minilm and the models of folders can.")
    if design.multi_vector != "none" and (design.embedding != "minilm" or design.tuning != "none"):
        raise DesignError("Multi-vector search orders by MiniLM's tokens; its embedding must be minilm, untuned.")
    if design.engine in SERVERS and design.engine != "pgvector" and not design.server_at:
        raise DesignError(f"{design.engine} needs the URL of its server.")
    return design
