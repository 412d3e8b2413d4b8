"""wordllama: static token vectors, averaged (l2_supercat, 256 dimensions; MIT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding.files import packaged

DIMENSIONS = 256
BATCH = 1024


class WordLlama:
    """A text's vector is the mean of its tokens' vectors, at unit length."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self.identity = f"wordllama {version('wordllama')} tokenizers {version('tokenizers')}"
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
        found = list(self.passages(texts))
        vectors = np.asarray([vector for vector, _ in found], dtype=np.float32).reshape(len(texts), DIMENSIONS)
        return vectors, sum(tokens for _, tokens in found)

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield each text's vector and the number of its tokens; a text without any has the zero vector."""
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                vector = np.zeros(DIMENSIONS, dtype=np.float32)
                if encoding.ids:
                    vector = self._table[encoding.ids].mean(axis=0)
                yield vector / max(float(np.linalg.norm(vector)), 1e-12), len(encoding.ids)

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (256,)."""
        return self.embed([text])[0][0]

    def operations(self, tokens: int) -> float:
        """Count the additions of averaging: one a token and dimension."""
        return float(tokens) * DIMENSIONS


@cache
def load() -> WordLlama:
    """Return the model, loaded once a process."""
    return WordLlama()
