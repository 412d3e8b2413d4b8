"""wordllama: static token vectors, averaged (l2_supercat, 256 dimensions; MIT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.embedding.files import packaged

DIMENSIONS = 256
BATCH = 1024


class WordLlama:
    """A text's vector is the mean of its tokens' vectors, at unit length."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self.version = f"wordllama {version('wordllama')} tokenizers {version('tokenizers')}"
        tables: Any = import_module("safetensors.numpy").load_file(
            packaged("wordllama", "wordllama/weights/l2_supercat_256.safetensors")
        )
        (table,) = tables.values()
        self._table: NDArray[np.float32] = table.astype(np.float32)
        name = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"
        self._tokenizer: Any = Tokenizer.from_file(str(packaged("wordllama", name)))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, 256); a text without a known token has the zero vector."""
        return np.asarray(list(self._stream(texts)), dtype=np.float32).reshape(len(texts), DIMENSIONS)

    def ask(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (256,): as that of a text."""
        return self.embed([text])[0]

    def _stream(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                vector = np.zeros(DIMENSIONS, dtype=np.float32)
                if encoding.ids:
                    vector = self._table[encoding.ids].mean(axis=0)
                yield vector / max(float(np.linalg.norm(vector)), 1e-12)


@cache
def load() -> WordLlama:
    """Return the model, loaded once a process."""
    return WordLlama()
