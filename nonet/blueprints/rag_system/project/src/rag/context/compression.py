"""Making passages shorter before they are packed: the contract, and which compressor a design names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rag.design import Design


class Compressor(Protocol):
    """Keeps a share of a text's tokens."""

    def prepare(self, question: str, texts: Sequence[str]) -> Callable[[str], str]:
        """Return what compresses a text for this question.

        Args:
            texts: the best passages found, to tell which words are rare among them.
        """
        ...


def compressor(design: Design) -> Compressor | None:
    """Return the design's compressor, if it has one.

    Raises:
        ModelError: its model cannot be used.
    """
    if design.compression == "extractive":
        from rag.context.extractive import Extractive

        return Extractive(design.compression_share)
    if design.compression == "llmlingua":
        from rag.context.llmlingua import LLMLingua

        return LLMLingua(Path(design.compression_at).expanduser(), design.compression_share)
    return None
