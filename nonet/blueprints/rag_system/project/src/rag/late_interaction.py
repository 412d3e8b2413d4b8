"""Late interaction (ColBERT, Khattab & Zaharia 2020) over MiniLM's token embeddings.

Token embeddings are stored as int8 with one scale a token, so that a question costs one short forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedding import minilm


def build(texts: Sequence[str], out: Path) -> dict[str, float]:
    """Write the token embeddings, and the vectors pooled from the same forward pass; return counts."""
    vectors = np.zeros((len(texts), minilm.DIMENSIONS), dtype=np.float16)
    scales: list[NDArray[np.float32]] = []
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    operations = tokens = 0.0
    with (out / "tokens.int8").open("wb") as rows:
        for place, hidden in enumerate(minilm.load().stream(texts)):
            vectors[place] = minilm.pooled(hidden)
            values, scale = quantised(hidden[1:-1])  # without [CLS] and [SEP]
            rows.write(values.tobytes())
            scales.append(scale)
            offsets[place + 1] = offsets[place] + len(values)
            operations += minilm.operations(len(hidden))
            tokens += len(hidden)
    np.save(out / "vectors.npy", vectors)
    np.save(out / "scales.npy", np.concatenate(scales))
    np.save(out / "offsets.npy", offsets)
    return {"operations": operations, "tokens_embedded": tokens}


def quantised(tokens: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Scale token embeddings to unit length, then each by its largest component to [-127, 127]."""
    units = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-12)
    scale = np.maximum(np.abs(units).max(axis=1), 1e-12) / 127
    return np.rint(units / scale[:, None]).astype(np.int8), scale.astype(np.float32)


class LateInteraction:
    """The token embeddings of a built index, read from disk for the chunks that are reranked."""

    def __init__(self, folder: Path) -> None:
        self._offsets: NDArray[np.int64] = np.load(folder / "offsets.npy")
        self._scales: NDArray[np.float32] = np.load(folder / "scales.npy", mmap_mode="r")
        self._rows: NDArray[np.int8] | None = None
        if self._offsets[-1]:
            shape = (int(self._offsets[-1]), minilm.DIMENSIONS)
            self._rows = np.memmap(folder / "tokens.int8", dtype=np.int8, mode="r", shape=shape)

    def scores(self, question: NDArray[np.float32], chunks: Sequence[int]) -> NDArray[np.float32]:
        """Return the mean over the question's tokens of the best cosine in each chunk, shape (chunks,).

        Args:
            question: token embeddings, special tokens included, shape (tokens, 384).
            chunks: indexes of the chunks to score.
        """
        words = question[1:-1]
        found = np.zeros(len(chunks), dtype=np.float32)
        if not len(words) or self._rows is None:
            return found
        units = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-12)
        for place, chunk in enumerate(chunks):
            start, end = int(self._offsets[chunk]), int(self._offsets[chunk + 1])
            if end > start:
                similarity = (self._rows[start:end].astype(np.float32) @ units.T) * self._scales[start:end, None]
                found[place] = similarity.max(axis=0).mean()
        return found
