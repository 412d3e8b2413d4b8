"""A question, embedded once by each model that asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embedding.model import Embedder


class Query:
    """A question's text, and MiniLM's one forward pass of it for dense retrieval and late interaction alike."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blank = not text.strip()

    @cached_property
    def tokens(self) -> NDArray[np.float32]:
        """MiniLM's token embeddings, special tokens included; shape (tokens, 384)."""
        from rag.embedding import minilm

        return minilm.load().tokens(self.text)

    def vector(self, embedder: Embedder) -> NDArray[np.float32]:
        """Return the question's unit vector by a model, shape (width,)."""
        from rag.embedding import minilm

        return minilm.pooled(self.tokens) if isinstance(embedder, minilm.MiniLM) else embedder.query(self.text)
