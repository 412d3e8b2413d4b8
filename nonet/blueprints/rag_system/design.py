"""The design space: how documents are cut, found, reranked and packed into a context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nonet.state import Json

Chunking = Literal["page", "fixed", "windows", "sentences", "recursive", "headings", "parent_child", "semantic"]
ChunkUnit = Literal["words", "tokens", "characters"]
Retrieval = Literal["bm25", "dense", "hybrid_rrf", "hybrid_weighted"]
Embedding = Literal["none", "wordllama", "minilm", "folder", "url"]
Second = Literal["none", "wordllama", "minilm"]
Reduction = Literal["none", "truncate", "pca"]
PageScore = Literal["best", "mean_top"]
Rerank = Literal["none", "late_interaction", "cross_encoder", "url"]
Order = Literal["rank", "document", "edges"]
Compression = Literal["none", "extractive", "llmlingua"]
Transformation = Literal["none", "multi_query", "hyde", "step_back"]

OVERLAPPING = ("fixed", "windows", "sentences", "recursive", "parent_child")
"""Chunkings in which a chunk may repeat the end of the one before."""
PACKING = ("context_tokens", "deduplicate", "order", "compression", "compression_share", "compression_at")
"""Fields decided second, given the retrieval."""


class Design(BaseModel):
    """One retrieval system. Integers and weights may leave their listed choices, within bounds.

    An existing system's exact sizes can thus be measured; the choices are what neighbours step through.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # ---- chunks -----------------------------------------------------------------------------------------------

    chunking: Chunking = Field(
        default="page",
        description="page: whole documents; fixed: cut at every chunk_size, wherever that is; windows: the same at "
        "whole words; sentences: whole sentences up to the size; recursive: at paragraphs, lines, sentences, words, "
        "the coarsest that fits; headings: by section, long ones cut; parent_child: small windows are searched, the "
        "larger window around them is read; semantic: cut where neighbouring sentences mean least alike.",
    )
    chunk_unit: ChunkUnit = Field(
        default="words", description="What sizes and overlaps count; tokens are MiniLM's word pieces."
    )
    chunk_size: int = Field(
        default=120,
        ge=10,
        le=20_000,
        description="Longest chunk that is searched, in chunk_unit.",
        json_schema_extra={"choices": [60, 120, 200, 256, 512, 1000]},
    )
    chunk_overlap: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="How much of a chunk the next one repeats, in chunk_unit.",
        json_schema_extra={"choices": [0, 20, 50, 100, 200]},
    )
    parent_size: int = Field(
        default=400,
        ge=20,
        le=40_000,
        description="parent_child: longest passage that is read for a chunk found in it, in chunk_unit.",
        json_schema_extra={"choices": [200, 400, 800]},
    )
    semantic_percentile: int = Field(
        default=80,
        ge=1,
        le=99,
        description="semantic: the share of gaps between sentences, in percent, that are no border.",
        json_schema_extra={"choices": [60, 80, 90, 95]},
    )
    title_prefix: bool = Field(
        default=True, description="Index each chunk with its page's title and the path of headings above it."
    )

    # ---- retrieval --------------------------------------------------------------------------------------------

    retrieval: Retrieval = Field(
        default="bm25",
        description="bm25: words (stemmed); dense: cosine of embeddings; hybrid_rrf: both by reciprocal ranks; "
        "hybrid_weighted: both by min–max normalised scores. A second embedding makes a hybrid three-way.",
    )
    bm25_k1: float = Field(
        default=1.2,
        ge=0,
        le=5,
        description="BM25's saturation of a word's frequency.",
        json_schema_extra={"choices": [0.9, 1.2, 1.5]},
    )
    bm25_b: float = Field(
        default=0.75,
        ge=0,
        le=1,
        description="BM25's correction for a chunk's length.",
        json_schema_extra={"choices": [0.4, 0.75]},
    )
    rrf_k: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Constant of reciprocal rank fusion, 1 / (k + rank).",
        json_schema_extra={"choices": [10, 60]},
    )
    dense_weight: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of the embeddings' scores in hybrid_weighted.",
        json_schema_extra={"choices": [0.3, 0.4, 0.5, 0.6, 0.7]},
    )
    embedding: Embedding = Field(
        default="none",
        description="wordllama: static word vectors; minilm: all-MiniLM-L6-v2, int8 on ONNX; folder: an ONNX model in "
        "a local folder (embedding_at); url: any /v1/embeddings endpoint (embedding_at). Where retrieval needs one, "
        "none is read as minilm.",
    )
    embedding_at: str = Field(
        default="", max_length=1000, description="Folder of the model, or base URL of the endpoint (up to /v1)."
    )
    embedding_model: str = Field(
        default="", max_length=200, description="Name of the model in that folder or at that endpoint."
    )
    second_embedding: Second = Field(
        default="none", description="A second embedding beside the first: three rankings are joined in a hybrid."
    )
    second_weight: float = Field(
        default=0.3,
        gt=0,
        lt=1,
        description="The second embedding's part of dense_weight in hybrid_weighted.",
        json_schema_extra={"choices": [0.3, 0.5]},
    )
    reduction: Reduction = Field(
        default="none",
        description="How the first embedding's vectors are made shorter: truncate keeps the first dimensions, pca the "
        "directions along which the corpus varies most.",
    )
    dimensions: int = Field(
        default=128,
        ge=8,
        le=4096,
        description="Dimensions kept of the first embedding's vectors.",
        json_schema_extra={"choices": [64, 128, 256]},
    )
    feedback: int = Field(
        default=0,
        ge=0,
        le=50,
        description="Dense pseudo-relevance feedback: so many of the first chunks found lend the question the mean of "
        "their vectors; 0 is none.",
        json_schema_extra={"choices": [0, 5, 10]},
    )
    feedback_weight: float = Field(
        default=0.5,
        gt=0,
        le=2,
        description="Weight of that mean, added to the question's vector.",
        json_schema_extra={"choices": [0.3, 0.5]},
    )
    page_score: PageScore = Field(
        default="best", description="What a page scores: its best chunk, or the mean of its page_chunks best ones."
    )
    page_chunks: int = Field(
        default=3, ge=2, le=20, description="How many chunks mean_top takes.", json_schema_extra={"choices": [2, 3, 5]}
    )

    query_transformation: Transformation = Field(
        default="none",
        description="What a chat model makes of a question before it is searched: multi_query: three rewordings, "
        "searched beside it; hyde: a passage that might answer it, searched behind it; step_back: a more general "
        "question, searched beside it. Rankings are joined by reciprocal ranks.",
    )
    query_model: str = Field(
        default="", max_length=200, description="That chat model: a provider of the settings, or FAMILY:MODEL."
    )

    # ---- reranking --------------------------------------------------------------------------------------------

    rerank: Rerank = Field(
        default="none",
        description="late_interaction: mean of best token similarities (MiniLM); cross_encoder: an ONNX model in a "
        "local folder (rerank_at); url: any /v1/rerank endpoint (rerank_at).",
    )
    rerank_at: str = Field(
        default="", max_length=1000, description="Folder of the reranker, or base URL of the endpoint (up to /v1)."
    )
    rerank_model: str = Field(
        default="", max_length=200, description="Name of the reranker in that folder or at that endpoint."
    )
    rerank_weight: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="Share of the reranker's score in the new order of the reranked chunks.",
        json_schema_extra={"choices": [0.3, 0.5, 1.0]},
    )
    rerank_depth: int = Field(
        default=20,
        ge=2,
        le=100,
        description="How many chunks are reranked.",
        json_schema_extra={"choices": [10, 20, 50, 100]},
    )

    # ---- packing: decided second ------------------------------------------------------------------------------

    context_tokens: int = Field(
        default=2000,
        ge=100,
        le=100_000,
        description="Longest packed context, in tokens.",
        json_schema_extra={"choices": [500, 1000, 2000, 4000]},
    )
    deduplicate: bool = Field(
        default=True, description="Leave out of the context what stands in it already, copies in other pages too."
    )
    order: Order = Field(
        default="rank",
        description="Order of the passages: best first; document: by page and place; edges: the best at both ends.",
    )
    compression: Compression = Field(
        default="none",
        description="extractive: of each passage only the sentences nearest to the question; llmlingua: a token "
        "classifier (LLMLingua-2, ONNX) in a local folder (compression_at) drops words.",
    )
    compression_share: float = Field(
        default=0.5,
        ge=0.05,
        lt=1,
        description="Share of a passage's tokens that compression keeps.",
        json_schema_extra={"choices": [0.3, 0.5, 0.7]},
    )
    compression_at: str = Field(default="", max_length=1000, description="Folder of the token classifier.")

    # ---- what holds between fields ----------------------------------------------------------------------------

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.chunking in OVERLAPPING and self.chunk_overlap >= self.chunk_size:
            raise ValueError("chunk_overlap must be smaller than chunk_size")
        if self.chunking == "parent_child" and self.parent_size <= self.chunk_size:
            raise ValueError("parent_size must be larger than chunk_size")
        return self

    @model_validator(mode="after")
    def _places_are_named(self) -> Self:
        for part, elsewhere, place in (
            (self.embedding, ("folder", "url"), self.embedding_at),
            (self.rerank, ("cross_encoder", "url"), self.rerank_at),
            (self.compression, ("llmlingua",), self.compression_at),
        ):
            if part in elsewhere and not place:
                raise ValueError(f"{part} needs the place of its model")
            if part == "url" and not place.startswith(("http://", "https://")):
                raise ValueError(f"{place!r} is no URL")
            if part in elsewhere and part != "url" and "://" in place:
                raise ValueError(f"{place!r} is no folder")
            if part == "url" and "@" in urlsplit(place).netloc:
                raise ValueError("a URL holds no user or key; set the variable of its key instead")
        return self

    @model_validator(mode="after")
    def _model_is_named(self) -> Self:
        if self.query_transformation != "none" and not self.query_model:
            raise ValueError(f"{self.query_transformation} needs a chat model: query_model")
        return self

    def normalised(self) -> Design:
        """Reset the fields that the others make meaningless, so that equal systems are equal designs."""
        defaults = {name: field.default for name, field in Design.model_fields.items()}
        values = self.model_dump()
        if self.chunking == "fixed" and self.chunk_unit == "words":
            values["chunking"] = "windows"  # between words there is nowhere else to cut
        if self.retrieval == "bm25":
            values["embedding"] = "none"
        elif self.embedding == "none":
            values["embedding"] = "minilm"
        if not self.retrieval.startswith("hybrid") or self.second_embedding == values["embedding"]:
            values["second_embedding"] = "none"
        for name in _meaningless(values):
            values[name] = defaults[name]
        return Design(**values)


def _meaningless(design: Mapping[str, Json]) -> list[str]:
    """Return the fields that change nothing in a design whose embeddings are settled."""
    dense = design["retrieval"] != "bm25"
    chunking, retrieval, embedding, rerank = (design[name] for name in ("chunking", "retrieval", "embedding", "rerank"))
    rules = {
        ("chunk_unit", "chunk_size"): chunking != "page",
        ("chunk_overlap",): chunking in OVERLAPPING,
        ("parent_size",): chunking == "parent_child",
        ("semantic_percentile",): chunking == "semantic",
        ("bm25_k1", "bm25_b"): retrieval != "dense",
        ("rrf_k",): retrieval == "hybrid_rrf" or design["query_transformation"] in ("multi_query", "step_back"),
        ("query_model",): design["query_transformation"] != "none",
        ("dense_weight",): retrieval == "hybrid_weighted",
        ("embedding_at", "embedding_model"): embedding in ("folder", "url"),
        ("second_weight",): retrieval == "hybrid_weighted" and design["second_embedding"] != "none",
        ("reduction", "feedback"): dense,
        ("dimensions",): dense and design["reduction"] != "none",
        ("feedback_weight",): dense and design["feedback"] != 0,
        ("page_score",): chunking != "page",
        ("page_chunks",): chunking != "page" and design["page_score"] != "best",
        ("rerank_at", "rerank_model"): rerank in ("cross_encoder", "url"),
        ("rerank_weight", "rerank_depth"): rerank != "none",
        ("compression_share",): design["compression"] != "none",
        ("compression_at",): design["compression"] == "llmlingua",
    }
    return [name for names, means_something in rules.items() if not means_something for name in names]


BASELINE: Mapping[str, Json] = Design().model_dump(mode="json")
"""Whole pages, titles included, BM25 with k1 1.2 and b .75 (Robertson & Zaragoza 2009), stemmed."""
