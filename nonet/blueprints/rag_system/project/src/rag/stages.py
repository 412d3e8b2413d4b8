"""What an index is built of: stages, each depending on some of the design's fields and on other stages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag import chunks, late_interaction, lexical, vectors
from rag.design import Design
from rag.documents import model
from rag.threads import single_blas

DOCUMENTS = "documents.jsonl"
RECORD = "fields.json"


@dataclass(frozen=True)
class Stage:
    """One part of an index.

    Attributes:
        fields: the design's fields that change it.
        parents: the stages it is made from.
        data: whether it is made from the documents.
    """

    name: str
    fields: tuple[str, ...]
    parents: tuple[str, ...] = ()
    data: bool = False

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
VECTORS = {name: Stage(f"vectors-{name}", ("title_prefix",), ("chunks",)) for name in ("wordllama", "minilm")}


def of(design: Design) -> list[Stage]:
    """Return a design's stages in build order. Token embeddings bring MiniLM's vectors with them."""
    found = [CHUNKS]
    if design.lexical:
        found.append(LEXICAL)
    if design.late_interaction:
        found.append(TOKENS)
    if design.dense and not (design.late_interaction and design.embedding == "minilm"):
        found.append(VECTORS[design.embedding])
    return found


def build(stage: str, design: Design, data: Path, parents: Mapping[str, Path], out: Path) -> dict[str, float]:
    """Build one stage into the folder ``out``; return what was counted.

    Args:
        data: the folder of ``documents.jsonl``.
        parents: the folders of the stages it is made from, by name.
    """
    single_blas()
    out.mkdir(parents=True, exist_ok=True)
    counted = _build(stage, design, data, parents, out)
    (known,) = (known for known in of(design) if known.name == stage)
    (out / RECORD).write_text(json.dumps(known.values(design), sort_keys=True), encoding="utf-8")
    return counted


def _build(stage: str, design: Design, data: Path, parents: Mapping[str, Path], out: Path) -> dict[str, float]:
    if stage == "chunks":
        return chunks.build(model.read(data / DOCUMENTS), design, out)
    texts = chunks.Chunks(parents["chunks"]).indexed(design.title_prefix)
    if stage == "lexical":
        return lexical.build(texts, design.bm25_k1, design.bm25_b, out)
    if stage == "tokens":
        return late_interaction.build(list(texts), out)
    if stage == "vectors-minilm":
        return vectors.build_minilm(list(texts), out)
    return vectors.build_wordllama(list(texts), out)


def matches(stage: Stage, design: Design, folder: Path) -> bool:
    """Whether a folder holds this stage, built for this design."""
    try:
        recorded = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return recorded == stage.values(design)
