"""Naming a design in one line for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nonet.blueprints.vector_database.design import CELLS, GRAPHS, Design
from nonet.state import Json
from nonet.trials.access import of_url

_ENGINES = {
    "faiss_flat": "FAISS flat (exact)",
    "faiss_sq8": "FAISS SQ8",
    "faiss_ivf": "FAISS IVF",
    "faiss_ivfpq": "FAISS IVF-PQ",
    "faiss_hnsw": "FAISS HNSW",
    "usearch": "usearch",
    "qdrant": "Qdrant",
    "lancedb": "LanceDB HNSW-SQ",
    "chroma": "Chroma",
    "pgvector": "pgvector",
    "qdrant_server": "Qdrant server",
    "milvus": "Milvus",
    "weaviate": "Weaviate",
    "pinecone": "Pinecone",
}
_MODELS = {"wordllama": "wordllama", "minilm": "MiniLM"}
_TUNED = {"ranking": "tuned", "matryoshka": "tuned in nested dimensions"}


def describe(design: Mapping[str, Json]) -> str:
    """Name a design, for instance ``MiniLM · Qdrant scalar m 16 ef 128/64 · + BM25 by RRF 60``."""
    known = Design.model_validate(design).normalised()
    parts = [model] if (model := _model(known)) else []
    if known.reduction != "none":
        parts.append(f"{'PCA' if known.reduction == 'pca' else 'the first'} {known.dimensions} dimensions")
    parts.append(_engine(known))
    if known.oversample > 1:
        parts.append(f"rescored {known.oversample}×")
    if known.exact_below:
        parts.append(f"exact below {known.exact_below} %")
    if known.multi_vector != "none":
        parts.append(f"MaxSim of tokens over {known.multi_depth}")
    if known.hybrid == "rrf":
        parts.append(f"+ BM25 by RRF {known.rrf_k}")
    if known.hybrid == "weighted":
        parts.append(f"{known.dense_weight:g} + BM25")
    return " · ".join(parts)


def _model(design: Design) -> str:
    if design.embedding == "hosted":
        return design.model_at
    name = Path(design.model_at).name if design.embedding == "folder" else _MODELS.get(design.embedding, "")
    if design.tuning == "none":
        return name
    return f"{name} {_TUNED[design.tuning]}" + (f", {design.epochs} epochs" if design.epochs > 1 else "")


def _engine(design: Design) -> str:
    name = _ENGINES[design.engine]
    if design.server_at:
        name += f" at {of_url(design.server_at.partition('=')[2])}"
    if design.quantization != "none":
        name += f" {design.quantization}"
    if design.engine in GRAPHS:
        name += f" m {design.hnsw_m} ef {design.ef_construction}/{design.ef_search}"
    if design.engine in CELLS:
        name += f" {design.lists or 'auto'} lists, {design.probes} probed"
    if design.engine == "faiss_ivfpq":
        name += f", {design.code_bytes} bytes"
    return name
