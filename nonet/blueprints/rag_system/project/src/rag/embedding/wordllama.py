"""wordllama: static token vectors, averaged (l2_supercat, 256 dimensions; MIT)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding.files import packaged

DIMENSIONS = 256


class WordLlama:
    """A text's vector is the mean of its tokens' vectors, at unit length."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        tables: Any = import_module("safetensors.numpy").load_file(
            packaged("wordllama", "wordllama/weights/l2_supercat_256.safetensors")
        )
        (table,) = tables.values()
        self._table: NDArray[np.float32] = table.astype(np.float32)
        tokenizer_file = packaged("wordllama", "wordllama/tokenizers/l2_supercat_tokenizer_config.json")
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
        """Return vectors of shape (texts, 256) and the number of tokens read."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        tokens = 0
        for place, encoding in enumerate(self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)):
            if encoding.ids:
                vectors[place] = self._table[encoding.ids].mean(axis=0)
                tokens += len(encoding.ids)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(lengths, 1e-12), tokens

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (256,)."""
        return self.embed([text])[0][0]


def operations(tokens: int) -> float:
    """Count the additions of averaging: one a token and dimension."""
    return float(tokens) * DIMENSIONS


@cache
def load() -> WordLlama:
    """Return the model, loaded once a process."""
    return WordLlama()
