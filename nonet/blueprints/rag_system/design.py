"""The design space: how documents are cut, found, reranked and packed into a context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nonet.state import Json

Chunking = Literal["page", "windows", "recursive", "headings"]
ChunkUnit = Literal["words", "tokens", "characters"]
Retrieval = Literal["bm25", "dense", "hybrid_rrf", "hybrid_weighted"]
Embedding = Literal["none", "wordllama", "minilm"]
Rerank = Literal["none", "late_interaction"]


class Design(BaseModel):
    """One retrieval system. Integers and weights may leave their listed choices, within bounds.

    An existing system's exact sizes can thus be measured; the choices are what neighbours step through.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    chunking: Chunking = Field(
        default="page",
        description="page: whole documents; windows: fixed length; recursive: at paragraphs, lines, sentences, words, "
        "the coarsest that fits; headings: by section, long ones cut.",
    )
    chunk_unit: ChunkUnit = Field(
        default="words", description="What chunk_size and chunk_overlap count; tokens are MiniLM's word pieces."
    )
    chunk_size: int = Field(
        default=120,
        ge=10,
        le=20_000,
        description="Longest chunk, in chunk_unit.",
        json_schema_extra={"choices": [60, 120, 200, 256, 512, 1000]},
    )
    chunk_overlap: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="How much of a chunk the next one repeats, in chunk_unit.",
        json_schema_extra={"choices": [0, 20, 50, 100, 200]},
    )
    title_prefix: bool = Field(
        default=True, description="Index each chunk with its page's title and the path of headings above it."
    )
    retrieval: Retrieval = Field(
        default="bm25",
        description="bm25: words (stemmed); dense: cosine of embeddings; hybrid_rrf: both by reciprocal ranks; "
        "hybrid_weighted: both by min–max normalised scores.",
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
        description="Share of the embedding's score in hybrid_weighted.",
        json_schema_extra={"choices": [0.3, 0.4, 0.5, 0.6, 0.7]},
    )
    embedding: Embedding = Field(
        default="none",
        description="wordllama: static word vectors; minilm: all-MiniLM-L6-v2, int8 on ONNX. Where retrieval needs "
        "one, none is read as minilm.",
    )
    rerank: Rerank = Field(
        default="none", description="late_interaction: sum of best token similarities (MiniLM) over the top chunks."
    )
    rerank_weight: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="Share of the reranker's score in the new order of the reranked chunks.",
        json_schema_extra={"choices": [0.3, 0.5, 1.0]},
    )
    rerank_depth: int = Field(default=20, ge=2, le=100, description="How many chunks are reranked.")
    context_tokens: int = Field(
        default=2000,
        ge=100,
        le=100_000,
        description="Longest packed context, in tokens.",
        json_schema_extra={"choices": [1000, 2000, 4000]},
    )

    @model_validator(mode="after")
    def _overlap_is_smaller(self) -> Self:
        if self.chunking in ("windows", "recursive") and self.chunk_overlap >= self.chunk_size:
            raise ValueError("chunk_overlap must be smaller than chunk_size")
        return self

    def normalised(self) -> Design:
        """Reset the fields that the others make meaningless, so that equal systems are equal designs."""
        reset: list[str] = []
        if self.chunking == "page":
            reset += ["chunk_unit", "chunk_size", "chunk_overlap"]
        if self.chunking == "headings":
            reset += ["chunk_overlap"]
        if self.retrieval == "dense":
            reset += ["bm25_k1", "bm25_b"]
        if self.retrieval != "hybrid_rrf":
            reset += ["rrf_k"]
        if self.retrieval != "hybrid_weighted":
            reset += ["dense_weight"]
        if self.rerank == "none":
            reset += ["rerank_weight", "rerank_depth"]
        values = {name: value for name, value in self.model_dump().items() if name not in reset}
        values["embedding"] = "none" if self.retrieval == "bm25" else self._needed_embedding()
        return Design(**values)

    def _needed_embedding(self) -> Embedding:
        return "minilm" if self.embedding == "none" else self.embedding


BASELINE: Mapping[str, Json] = Design().model_dump(mode="json")
"""Whole pages, titles included, BM25 with k1 1.2 and b .75 (Robertson & Zaragoza 2009), stemmed."""


def describe(design: Mapping[str, Json]) -> str:
    """Name a design in one line for people, for instance ``windows of 120 words · BM25``."""
    known = Design.model_validate(design).normalised()
    parts = [_chunking(known), _retrieval(known)]
    if known.rerank == "late_interaction":
        parts.append(f"late interaction {known.rerank_weight:g} on the top {known.rerank_depth}")
    if known.context_tokens != Design.model_fields["context_tokens"].default:
        parts.append(f"context {known.context_tokens} tokens")
    return " · ".join(parts)


def _chunking(design: Design) -> str:
    overlap = f"/{design.chunk_overlap}" if design.chunk_overlap else ""
    size = f"{design.chunk_size}{overlap} {design.chunk_unit}"
    text = {
        "page": "whole page",
        "windows": f"windows of {size}",
        "recursive": f"recursive {size}",
        "headings": f"by headings ≤ {size}",
    }[design.chunking]
    return text if design.title_prefix else f"{text} without titles"


def _retrieval(design: Design) -> str:
    vectors = {"none": "", "wordllama": "wordllama", "minilm": "MiniLM"}[design.embedding]
    words = "BM25"
    if (design.bm25_k1, design.bm25_b) != (1.2, 0.75):
        words = f"BM25 k1 {design.bm25_k1:g} b {design.bm25_b:g}"
    return {
        "bm25": words,
        "dense": vectors,
        "hybrid_rrf": f"{words} + {vectors} by RRF {design.rrf_k}",
        "hybrid_weighted": f"{words} + {design.dense_weight:g} {vectors}",
    }[design.retrieval]
