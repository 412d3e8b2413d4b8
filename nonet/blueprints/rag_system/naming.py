"""Naming a design in one line for people; different systems have different names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from nonet.blueprints.rag_system.design import Design
from nonet.state import Json


def describe(design: Mapping[str, Json]) -> str:
    """Name a design, for instance ``windows of 120 words · BM25``."""
    known = Design.model_validate(design).normalised()
    parts = [
        _chunking(known),
        _retrieval(known),
        *_variants(known),
        *_transformation(known),
        *_reranking(known),
        *_packing(known),
    ]
    return " · ".join(parts)


def _chunking(design: Design) -> str:
    overlap = f"/{design.chunk_overlap}" if design.chunk_overlap else ""
    size = f"{design.chunk_size}{overlap} {design.chunk_unit}"
    text = {
        "page": "whole page",
        "fixed": f"fixed {size}",
        "windows": f"windows of {size}",
        "sentences": f"sentences ≤ {size}",
        "recursive": f"recursive {size}",
        "headings": f"by headings ≤ {size}",
        "parent_child": f"{size} in parents of {design.parent_size}",
        "semantic": f"semantic ≤ {size} at p{design.semantic_percentile}",
    }[design.chunking]
    return text if design.title_prefix else f"{text} without titles"


def _retrieval(design: Design) -> str:
    words = "BM25"
    if (design.bm25_k1, design.bm25_b) != (1.2, 0.75):
        words = f"BM25 k1 {design.bm25_k1:g} b {design.bm25_b:g}"
    vectors = _embedding(design)
    if design.second_embedding != "none":
        part = f" {design.second_weight:g} of it" if design.retrieval == "hybrid_weighted" else ""
        vectors = f"({vectors} + {_NAMES[design.second_embedding]}{part})"
    return {
        "bm25": words,
        "dense": vectors,
        "hybrid_rrf": f"{words} + {vectors} by RRF {design.rrf_k}",
        "hybrid_weighted": f"{words} + {design.dense_weight:g} {vectors}",
    }[design.retrieval]


def _embedding(design: Design) -> str:
    if design.embedding in ("folder", "url"):
        name = _place(design.embedding, design.embedding_at, design.embedding_model)
    else:
        name = _NAMES[design.embedding]
    short = {"none": "", "truncate": f" cut to {design.dimensions}", "pca": f" by PCA to {design.dimensions}"}
    return name + short[design.reduction]


def _variants(design: Design) -> list[str]:
    parts: list[str] = []
    if design.feedback:
        parts.append(f"feedback of {design.feedback} weight {design.feedback_weight:g}")
    if design.page_score == "mean_top":
        parts.append(f"pages by their {design.page_chunks} best")
    return parts


def _transformation(design: Design) -> list[str]:
    if design.query_transformation == "none":
        return []
    name = {"multi_query": "three rewordings", "hyde": "HyDE", "step_back": "a step back"}[design.query_transformation]
    joined = design.query_transformation != "hyde" and design.retrieval != "hybrid_rrf"
    return [f"{name} by {design.query_model}" + (f", joined by RRF {design.rrf_k}" if joined else "")]


def _reranking(design: Design) -> list[str]:
    if design.rerank == "none":
        return []
    name = "late interaction"
    if design.rerank != "late_interaction":
        name = _place(design.rerank, design.rerank_at, design.rerank_model)
    return [f"{name} {design.rerank_weight:g} on the top {design.rerank_depth}"]


def _packing(design: Design) -> list[str]:
    parts: list[str] = []
    if design.context_tokens != Design.model_fields["context_tokens"].default:
        parts.append(f"context {design.context_tokens} tokens")
    if not design.deduplicate:
        parts.append("copies kept")
    if design.order != "rank":
        parts.append({"document": "passages in page order", "edges": "best passages at both ends"}[design.order])
    if design.compression != "none":
        at = f" ({design.compression_at})" if design.compression == "llmlingua" else ""
        parts.append(f"{design.compression} {design.compression_share:g}{at}")
    return parts


def _place(kind: str, at: str, model: str) -> str:
    """Name a model by its own name and where it lies or answers."""
    return f"{model or PurePosixPath(at).name} ({kind.replace('_', '-')} {at})"


_NAMES = {"none": "", "wordllama": "wordllama", "minilm": "MiniLM"}
