"""Late interaction (ColBERT, Khattab & Zaharia 2020) over MiniLM's token embeddings.

Token embeddings are stored as int8 with one scale a token, so that a question costs one short forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import reuse
from rag.embedding import minilm


def build(texts: Sequence[str], out: Path, previous: Path | None = None) -> dict[str, float]:
    """Write the token embeddings, and the vectors pooled from the same forward pass; return what was counted.

    Args:
        previous: a stage built before; what it holds of the same texts is copied.
    """
    model = minilm.load()
    keys = reuse.keys(texts, model.identity)
    held = reuse.rows(keys, previous)
    before = _Stored(previous) if previous is not None and (held >= 0).any() else None
    fresh = model.stream([text for text, row in zip(texts, held, strict=True) if row < 0])
    vectors = np.zeros((len(texts), minilm.DIMENSIONS), dtype=np.float16)
    scales: list[NDArray[np.float32]] = []
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    operations = tokens = 0.0
    with (out / "tokens.int8").open("wb") as file:
        for place, row in enumerate(held):
            if before is not None and row >= 0:
                vectors[place], values, scale = before.row(int(row))
            else:
                hidden = next(fresh)
                vectors[place] = minilm.pooled(hidden)
                values, scale = quantised(hidden[1:-1])  # without [CLS] and [SEP]
                operations += minilm.operations(len(hidden))
                tokens += len(hidden)
            file.write(values.tobytes())
            scales.append(scale)
            offsets[place + 1] = offsets[place] + len(values)
    np.save(out / "vectors.npy", vectors)
    np.save(out / "scales.npy", np.concatenate(scales))
    np.save(out / "offsets.npy", offsets)
    np.save(out / reuse.FILE, keys)
    return {"operations": operations, "tokens_embedded": tokens, "embedded": float((held < 0).sum())}


def quantised(tokens: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Scale token embeddings to unit length, then each by its largest component to [-127, 127]."""
    units = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-12)
    scale = np.maximum(np.abs(units).max(axis=1), 1e-12) / 127
    return np.rint(units / scale[:, None]).astype(np.int8), scale.astype(np.float32)


class _Stored:
    """A stage's rows, read from disk where they are wanted."""

    def __init__(self, folder: Path) -> None:
        self.offsets: NDArray[np.int64] = np.load(folder / "offsets.npy")
        self.scales: NDArray[np.float32] = np.load(folder / "scales.npy", mmap_mode="r")
        self.vectors: NDArray[np.float16] = np.load(folder / "vectors.npy", mmap_mode="r")
        self.tokens: NDArray[np.int8] = np.empty((0, minilm.DIMENSIONS), dtype=np.int8)
        if self.offsets[-1]:  # an empty file cannot be mapped
            shape = (int(self.offsets[-1]), minilm.DIMENSIONS)
            self.tokens = np.memmap(folder / "tokens.int8", dtype=np.int8, mode="r", shape=shape)

    def row(self, place: int) -> tuple[NDArray[np.float16], NDArray[np.int8], NDArray[np.float32]]:
        """Return a text's vector, its token embeddings and their scales."""
        span = slice(int(self.offsets[place]), int(self.offsets[place + 1]))
        return self.vectors[place], self.tokens[span], self.scales[span]


class LateInteraction:
    """The token embeddings of a built index, read from disk for the chunks that are reranked."""

    def __init__(self, folder: Path) -> None:
        self._stored = _Stored(folder)

    def scores(self, question: NDArray[np.float32], chunks: Sequence[int]) -> NDArray[np.float32]:
        """Return the mean over the question's tokens of the best cosine in each chunk, shape (chunks,).

        Args:
            question: token embeddings, special tokens included, shape (tokens, 384).
            chunks: indexes of the chunks to score.
        """
        words = question[1:-1]
        found = np.zeros(len(chunks), dtype=np.float32)
        if not len(words):
            return found
        units = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-12)
        for place, chunk in enumerate(chunks):
            _, values, scale = self._stored.row(chunk)
            if len(values):
                found[place] = ((values.astype(np.float32) @ units.T) * scale[:, None]).max(axis=0).mean()
        return found
