"""What an embedding model does, and which one a design names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.design import Design


class Embedder(Protocol):
    """Makes unit vectors of texts; a text's vector does not depend on its neighbours."""

    @property
    def identity(self) -> str:
        """What names this model and its version: vectors of equal texts are equal while it is."""
        ...

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield each text's vector, shape (width,), and how many tokens of it were read, in order."""
        ...

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (width,)."""
        ...

    def operations(self, tokens: int) -> float:
        """Count the multiply-adds of embedding one text of so many tokens."""
        ...


def load(name: str, design: Design) -> Embedder:
    """Return a model, loaded once a process.

    Args:
        name: one of a design's embeddings but ``none``.
        design: says where the model lies (folder, url).

    Raises:
        ModelError: the model cannot be loaded.
        SettingsError: the endpoint's URL is none.
    """
    if name == "folder":
        from rag.embedding import folder

        return folder.load(design.embedding_at, design.embedding_model)
    if name == "url":
        from rag.embedding import endpoint

        return endpoint.load(design.embedding_at, design.embedding_model)
    if name == "minilm":
        from rag.embedding import minilm

        return minilm.load()
    from rag.embedding import wordllama

    return wordllama.load()
