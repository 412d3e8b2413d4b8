"""Multi-vector search: a text keeps a vector of every token, and the first candidates are ordered by all of them.

How close a text is to a question is the mean over the question's tokens of the best cosine among the text's: MaxSim of
ColBERT (Khattab & Zaharia 2020; its sum, which orders alike), here over MiniLM's last hidden states. What is stored are
8 bits a dimension with one scale a token, a quarter of float32, mapped from disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectordb.embedding import minilm

STAGE = "tokens"
VALUES, SCALES, OFFSETS, TOLD = "tokens.int8", "scales.npy", "offsets.npy", "texts.json"
READ = 64
"""Texts whose hidden states are held at once while they are written."""
COMPARED = 256
"""Texts compared with a question at once."""


def build(passages: Sequence[str], out: Path, previous: Path | None = None) -> dict[str, float]:
    """Write the token vectors of passages.

    Args:
        passages: in order of the rows.
        out: an empty folder.
        previous: a stage built before; what it holds of the same passages by the same model is copied.

    Returns:
        ``token_vector_bytes``, on disk and in memory once every text was looked at.
    """
    model = minilm.load()
    keys = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in passages]
    held = Tokens(previous) if previous is not None else None
    places = held.places if held is not None and held.version == model.version else {}
    fresh = _made(model, [text for text, key in zip(passages, keys, strict=True) if key not in places])
    scales, lengths = list[NDArray[np.float32]](), list[int]()
    with (out / VALUES).open("wb") as file:
        for key in keys:
            values, scale = held.row(places[key]) if held is not None and key in places else next(fresh)
            file.write(values.tobytes())
            scales.append(scale)
            lengths.append(len(values))
    np.save(out / SCALES, np.concatenate(scales))
    np.save(out / OFFSETS, np.cumsum([0, *lengths], dtype=np.int64))
    (out / TOLD).write_text(json.dumps({"version": model.version, "texts": keys}), encoding="utf-8")
    return {"token_vector_bytes": stored_bytes(out)}


def quantized(tokens: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Scale each token's vector by its largest component to [-127, 127]; shapes (tokens, width) and (tokens,)."""
    scale = np.maximum(np.abs(tokens).max(axis=1), 1e-12) / 127
    return np.rint(tokens / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def stored_bytes(folder: Path) -> float:
    """Return the bytes of a built stage's vectors, scales and offsets."""
    return float(sum((folder / name).stat().st_size for name in (VALUES, SCALES, OFFSETS)))


def bytes_a_row(folder: Path) -> float:
    """Return them for one text, on average."""
    return stored_bytes(folder) / (len(np.load(folder / OFFSETS)) - 1)


class Tokens:
    """The token vectors of a built stage."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        self.version = str(told["version"])
        self.places: dict[str, int] = {key: place for place, key in enumerate(told["texts"])}
        self._offsets: NDArray[np.int64] = np.load(folder / OFFSETS)
        self._scales: NDArray[np.float32] = np.load(folder / SCALES)
        shape = (int(self._offsets[-1]), minilm.DIMENSIONS)
        self._values: NDArray[np.int8] = np.memmap(folder / VALUES, dtype=np.int8, mode="r", shape=shape)

    def row(self, place: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Return a text's token vectors, shape (tokens, 384), and their scales, shape (tokens,)."""
        span = slice(int(self._offsets[place]), int(self._offsets[place + 1]))
        return self._values[span], self._scales[span]

    def closeness(self, question: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return MaxSim of texts, larger is closer, shape (rows,).

        Args:
            question: its tokens' vectors at unit length, shape (tokens, 384).
            rows: the texts.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        for start in range(0, len(rows), COMPARED):
            parts = [self.row(row) for row in rows[start : start + COMPARED].tolist()]
            values = np.concatenate([part for part, _ in parts]).astype(np.float32)
            similar = (values @ question.T) * np.concatenate([scale for _, scale in parts])[:, None]
            begins = np.cumsum([0, *(len(scale) for _, scale in parts[:-1])])  # no text is without a token
            found[start : start + COMPARED] = np.maximum.reduceat(similar, begins, axis=0).mean(axis=1)
        return found


def _made(model: minilm.MiniLM, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int8], NDArray[np.float32]]]:
    for first, last in pairwise([*range(0, len(texts), READ), len(texts)]):
        yield from map(quantized, model.tokens(texts[first:last]))
