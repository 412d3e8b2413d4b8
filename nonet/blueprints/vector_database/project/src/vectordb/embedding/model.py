"""The embedding models by name, and the version that a kept vector belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import DesignError

NAMES = ("wordllama", "minilm")


class Embedder(Protocol):
    """Makes vectors of texts; ``version`` names weights, tokenizer and runtime."""

    version: str

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (texts, width)."""
        ...


def load(name: str) -> Embedder:
    """Load a model.

    Raises:
        DesignError: there is no model of that name.
        DataError: its package is not installed.
    """
    if name not in NAMES:
        raise DesignError(f"There is no embedding {name!r}; there are {', '.join(NAMES)}.")
    found: Embedder = import_module(f"vectordb.embedding.{name}").load()
    return found
