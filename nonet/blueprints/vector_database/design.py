"""The design space: embedding, dimensions, engine with its parameters, hybrid search."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from nonet.blueprints.vector_database import servers
from nonet.state import Json

SERVERS = ("pgvector", "qdrant_server", "milvus", "weaviate", "pinecone")
"""Engines that are servers; pgvector runs here too where no server is given."""
GRAPHS = ("faiss_hnsw", "usearch", "qdrant", "lancedb", "chroma", "pgvector", "qdrant_server", "milvus", "weaviate")
"""Engines that search a graph (HNSW) whose numbers are chosen here."""
CELLS = ("faiss_ivf", "faiss_ivfpq")
QUANTIZED = ("usearch", "qdrant", "qdrant_server", "weaviate")
"""Engines that can hold vectors in 8 bits or 1 bit a dimension."""
TUNABLE = ("minilm", "folder")
"""Embeddings whose weights can be trained."""
_M: dict[str, JsonValue] = {"choices": [8, 16, 32, 64]}


class Design(BaseModel):
    """What can be chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedding: Literal["given", "wordllama", "minilm", "folder", "hosted"] = Field(
        default="given", description="Where vectors come from: given, or the model that makes them of texts."
    )
    model_at: str = Field(
        default="", description="The model: its folder, absolute (folder), or SERVICE:MODEL (hosted)."
    )
    pickled: bool = Field(default=False, description="Whether its pickled weights may be loaded: the user's word.")
    tuning: Literal["none", "ranking", "matryoshka"] = Field(
        default="none",
        description="How the model is tuned on pairs: not, by ranking each text before the others of its batch, or so "
        "that its leading dimensions can do so alone.",
    )
    epochs: int = Field(default=1, ge=1, le=20, description="How often tuning sees every pair.")
    reduction: Literal["none", "pca", "truncate"] = Field(
        default="none", description="How vectors are made narrower: principal directions, or the first dimensions."
    )
    dimensions: Annotated[int, Field(ge=0, le=65536)] = Field(
        default=0, description="To how many dimensions vectors are reduced; 0 keeps all."
    )
    engine: Literal[
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
    ] = Field(default="faiss_flat", description="What holds the vectors and searches them.")
    server_at: str = Field(
        default="",
        max_length=500,
        description="The engine's server, KIND=URL as the inputs give it; pgvector alone can do without (a PostgreSQL "
        "of its own).",
    )
    quantization: Literal["none", "scalar", "binary"] = Field(
        default="none",
        description="Of the vectors inside the engine: 8 bits or 1 bit a dimension (usearch, Qdrant, Weaviate).",
    )
    oversample: Literal[1, 4, 10] = Field(
        default=1, description="So many times more are found, then ordered by the unreduced vectors; 1: not."
    )
    exact_below: Literal[0, 2, 10] = Field(
        default=0,
        description="Percent of the rows: a filter that lets through no more is searched exactly, past the index; 0: "
        "never. A graph finds little where few of its nodes may be found.",
    )
    hnsw_m: int = Field(default=16, ge=2, le=128, description="Links of a node of the graph.", json_schema_extra=_M)
    ef_construction: int = Field(
        default=128,
        ge=8,
        le=2000,
        description="Candidates weighed for each link while the graph is built.",
        json_schema_extra={"choices": [64, 128, 256]},
    )
    ef_search: int = Field(
        default=64,
        ge=1,
        le=4000,
        description="Candidates kept while searching.",
        json_schema_extra={"choices": [16, 32, 64, 128, 256]},
    )
    lists: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Cells of an inverted file, a 39th of the rows at most; 0 takes 4·√rows.",
    )
    probes: int = Field(
        default=16,
        ge=1,
        le=100_000,
        description="Cells searched.",
        json_schema_extra={"choices": [4, 8, 16, 32, 64]},
    )
    code_bytes: int = Field(
        default=32,
        ge=1,
        le=2048,
        description="Bytes of a product-quantized vector, at most; they must divide its dimensions.",
        json_schema_extra={"choices": [8, 16, 32, 64, 96]},
    )
    hybrid: Literal["none", "rrf", "weighted"] = Field(
        default="none", description="How BM25's ranking joins the vectors': reciprocal ranks, or weighted scores."
    )
    dense_weight: float = Field(
        default=0.6,
        ge=0.05,
        le=0.95,
        description="The vectors' share of a weighted hybrid.",
        json_schema_extra={"choices": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]},
    )
    rrf_k: Literal[10, 60] = Field(default=60, description="The constant of reciprocal rank fusion.")
    multi_vector: Literal["none", "rerank"] = Field(
        default="none",
        description="Whether what the index finds is ordered by the vectors of all of MiniLM's tokens (late "
        "interaction, MaxSim).",
    )
    multi_depth: Literal[20, 50, 200] = Field(default=50, description="How many rows of the index are so ordered.")

    @model_validator(mode="after")
    def _narrower(self) -> Design:
        if (self.reduction == "none") != (self.dimensions == 0):
            raise ValueError("a reduction needs dimensions, and dimensions a reduction")
        if (self.embedding in ("folder", "hosted")) != bool(self.model_at):
            raise ValueError("a model of a folder or a service needs model_at, and no other embedding has one")
        if self.tuning != "none" and self.embedding not in TUNABLE:
            raise ValueError(f"{self.embedding} cannot be tuned; {' and '.join(TUNABLE)} can")
        if self.hybrid != "none" and self.embedding == "given":
            raise ValueError("hybrid search needs texts; given vectors have no words")
        if self.multi_vector != "none" and (self.embedding != "minilm" or self.tuning != "none"):
            raise ValueError("multi-vector search orders by MiniLM's tokens; its embedding must be minilm, untuned")
        if self.engine in SERVERS and (self.server_at or self.engine != "pgvector"):
            kind = self.engine.removesuffix("_server")
            if not self.server_at or servers.parse(self.server_at)[0] != self.engine:
                raise ValueError(f"{self.engine} needs a server of its kind: --server {kind}=URL")
        return self

    def normalised(self) -> Design:
        """Reset the fields that the others make meaningless."""
        fresh: dict[str, Json] = {}
        if self.tuning == "none":
            fresh |= {"epochs": 1}
        if self.embedding != "folder":
            fresh |= {"pickled": False}
        if self.engine not in SERVERS:
            fresh |= {"server_at": ""}
        if self.engine not in GRAPHS:
            fresh |= {"hnsw_m": 16, "ef_construction": 128, "ef_search": 64}
        if self.engine not in CELLS:
            fresh |= {"lists": 0, "probes": 16}
        if self.engine != "faiss_ivfpq":
            fresh |= {"code_bytes": 32}
        if self.engine not in QUANTIZED:
            fresh |= {"quantization": "none"}
        if self.engine == "faiss_flat" and self.reduction == "none":
            fresh |= {"oversample": 1, "exact_below": 0}
        if self.hybrid != "weighted":
            fresh |= {"dense_weight": 0.6}
        if self.hybrid != "rrf":
            fresh |= {"rrf_k": 60}
        if self.multi_vector == "none":
            fresh |= {"multi_depth": 50}
        return self.model_copy(update=fresh)
