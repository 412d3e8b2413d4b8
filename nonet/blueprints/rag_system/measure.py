"""The worker's side of this blueprint: the shipped project, stage by stage, as it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag import chat, system
from rag import design as designs
from rag import stages as parts
from rag.context.model import Passage
from rag.errors import ChatError

FIRST = 5
"""Of so many packed chunks the text is handed over too, to be searched for the quoted answer."""


def ingest(source: Path, out: Path, inputs: dict[str, Any]) -> dict[str, float]:
    """Read the user's documents into ``out``; what could not be read goes to ``skipped.jsonl``."""
    return system.ingest(source, out, collection=inputs.get("format") == "beir")


def stages(design: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the design's stages in build order."""
    return [
        {"name": stage.name, "fields": list(stage.fields), "parents": list(stage.parents), "data": stage.data}
        for stage in parts.of(designs.parse(design))
    ]


def build(stage: str, design: dict[str, Any], data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Build one stage; return counted multiply-adds and embedded tokens."""
    return parts.build(stage, designs.parse(design), data, parents, out)


class System:
    """An index opened for measuring: no cache of answers."""

    def __init__(self, inner: system.System) -> None:
        self._inner = inner

    def run(self, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Search and pack for each unit's question.

        Raises:
            ChatError: the chat model failed for every question so far: what was measured would be another design.
        """
        outputs = [self._output(str(unit["features"]["text"])) for unit in units]
        counted = self._inner.transformer
        if counted.asked and counted.failed == counted.asked:
            raise ChatError(f"The chat model failed for each of {counted.asked} questions.")
        return outputs

    def _output(self, question: str) -> dict[str, Any]:
        ranking = self._inner.search(question)
        packed = self._inner.pack(ranking, question)
        chunks = [{"doc": doc, "chunk": chunk, "score": round(score, 6)} for doc, chunk, score in packed.chunks]
        for chunk, place in zip(chunks[:FIRST], packed.places, strict=False):
            chunk["text"] = self._shown(place, packed.passages)
        return {
            "docs": [doc for doc, _ in ranking.docs],
            "chunks": chunks,
            "context": packed.text,
            "context_tokens": packed.tokens,
            **({"untransformed": float(ranking.failed)} if self._inner.design.query_transformation != "none" else {}),
        }

    def _shown(self, place: int, passages: Sequence[Passage]) -> str:
        """Return what the context shows of a chunk: the passages that it is part of."""
        chunk = self._inner.chunk(place)
        low, high = chunk.span
        own = [each for each in passages if each.doc == chunk.doc and each.span[0] < high and low < each.span[1]]
        return "\n\n".join(each.text for each in own)


def open(design: dict[str, Any], stages: dict[str, Path]) -> System:
    """Open the built stages of a design."""
    return System(system.System(designs.parse(design), stages, model=chat.configured()))
