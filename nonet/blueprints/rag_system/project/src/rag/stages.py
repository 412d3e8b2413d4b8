"""What an index is built of: stages, each depending on some of the design's fields and on other stages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag import chunks, late_interaction, lexical, reduction, vectors
from rag.design import Design
from rag.documents import model as documents
from rag.embedding import model as embedding
from rag.threads import single_blas

RECORD = "fields.json"


@dataclass(frozen=True)
class Stage:
    """One part of an index.

    Attributes:
        fields: the design's fields that change it.
        parents: the stages it is made from.
        data: whether it is made from the documents.
        read: whether questions are answered from it; if not, it is needed to build others only.
    """

    name: str
    fields: tuple[str, ...]
    parents: tuple[str, ...] = ()
    data: bool = False
    read: bool = True

    def values(self, design: Design) -> dict[str, object]:
        """Return the design's values of this stage's fields."""
        return {name: value for name, value in design.json().items() if name in self.fields}


CHUNKS = Stage(
    "chunks",
    ("chunking", "chunk_unit", "chunk_size", "chunk_overlap", "parent_size", "semantic_percentile"),
    data=True,
)
LEXICAL = Stage("lexical", ("title_prefix", "bm25_k1", "bm25_b"), ("chunks",))
TOKENS = Stage("tokens", ("title_prefix",), ("chunks",))


def of(design: Design) -> list[Stage]:
    """Return a design's stages in build order.

    Token embeddings bring MiniLM's vectors with them, from one forward pass. The full vectors that are reduced are a
    stage of their own, shared by every design that reduces them otherwise or not at all.
    """
    found = [CHUNKS]
    if design.lexical:
        found.append(LEXICAL)
    if design.late_interaction:
        found.append(TOKENS)
    read = read_vectors(design).values()
    for name in _embeddings(design):
        full = _full(design, name)
        if full != TOKENS.name:
            at = ("embedding_at", "embedding_model") if name in ("folder", "url") else ()
            found.append(Stage(full, ("title_prefix", *at), ("chunks",), read=full in read))
        if f"reduced-{name}" in read:
            found.append(Stage(f"reduced-{name}", ("reduction", "dimensions"), (full,)))
    return found


def read_vectors(design: Design) -> dict[str, str]:
    """Return each embedding that takes part in retrieval, and the stage that holds the vectors which are read."""
    read = {name: _full(design, name) for name in _embeddings(design)}
    if design.dense and design.reduction != "none":
        read[design.embedding] = f"reduced-{design.embedding}"
    return read


def _embeddings(design: Design) -> list[str]:
    return [design.embedding] * design.dense + [design.second_embedding] * design.three_way


def _full(design: Design, name: str) -> str:
    return TOKENS.name if name == "minilm" and design.late_interaction else f"vectors-{name}"


def build(
    stage: str, design: Design, data: Path, parents: Mapping[str, Path], out: Path, previous: Path | None = None
) -> dict[str, float]:
    """Build one stage into the folder ``out``; return what was counted.

    Args:
        data: the folder of ``documents.jsonl``.
        parents: the folders of the stages it is made from, by name.
        previous: the same stage as it was built before, of these documents or others. Vectors and token embeddings of
            texts that it holds are copied, so that only new texts are embedded (``embedded`` counts them); the files
            are the same bytes as without it. The other stages are built anew.

    Raises:
        RagError: the documents have no text, or a model that the design names fails.
    """
    single_blas()
    out.mkdir(parents=True, exist_ok=True)
    (known,) = (known for known in of(design) if known.name == stage)
    counted = _build(known, design, data, parents, out, previous)
    (out / RECORD).write_text(json.dumps(known.values(design), sort_keys=True), encoding="utf-8")
    return counted


def _build(
    stage: Stage, design: Design, data: Path, parents: Mapping[str, Path], out: Path, previous: Path | None
) -> dict[str, float]:
    if stage.name == "chunks":
        return chunks.build(documents.read(data / documents.FILE), design, out)
    if stage.name.startswith("reduced-"):
        return reduction.build(parents[stage.parents[0]], design.reduction, design.dimensions, out)
    texts = chunks.Chunks(parents["chunks"]).indexed(design.title_prefix)
    if stage.name == "lexical":
        return lexical.build(texts, design.bm25_k1, design.bm25_b, out)
    if stage.name == "tokens":
        return late_interaction.build(list(texts), out, previous)
    name = stage.name.removeprefix("vectors-")
    if name == "minilm" and previous is not None and not previous.is_dir():
        previous = previous.parent / TOKENS.name  # reranking was given up: the same vectors lie there
    return vectors.build(embedding.load(name, design), list(texts), out, previous)


def matches(stage: Stage, design: Design, folder: Path) -> bool:
    """Whether a folder holds this stage, built for this design."""
    try:
        recorded = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return recorded == stage.values(design)
