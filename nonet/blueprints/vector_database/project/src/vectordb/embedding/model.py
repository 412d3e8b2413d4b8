"""The embedding models of designs, and the version that a kept vector belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vectordb.design import Design
from vectordb.embedding import encoder, hosted
from vectordb.errors import DataError, DesignError

NAMES = ("wordllama", "minilm")
"""Those whose weights are in packages of the project."""


class Embedder(Protocol):
    """Makes vectors of texts; ``version`` names weights, tokenizer and runtime."""

    version: str

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, width)."""
        ...

    def ask(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (width,)."""
        ...


def load(design: Design, built: Path | None) -> Embedder:
    """Load a design's model.

    Args:
        design: which one.
        built: the folder of its built ``encoder`` stage, where it has one.

    Raises:
        DesignError: there is no model of that name.
        DataError: its package is not installed, or its built stage is missing.
    """
    if design.encoded:
        if built is None:
            raise DataError("The model's files are missing from the index; restore a backup with `vectordb restore`.")
        return encoder.load(built)
    if design.embedding == "hosted":
        return hosted.Hosted(design.model_at)
    if design.embedding not in NAMES:
        raise DesignError(f"There is no embedding {design.embedding!r}; there are {', '.join(NAMES)}.")
    found: Embedder = import_module(f"vectordb.embedding.{design.embedding}").load()
    return found
