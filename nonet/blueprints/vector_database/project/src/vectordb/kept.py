"""Vectors of texts that were embedded before, by the same version of the same model, are not embedded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vectordb.embedding.model import Embedder


def completed(
    passages: Sequence[str], embedder: Embedder, known: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the vectors of passages, shape (passages, width); those of known passages are taken as they are."""
    new = [text for text in dict.fromkeys(passages) if text not in known]
    made = dict(zip(new, embedder.embed(new), strict=True)) if new else {}
    return np.asarray([known[text] if text in known else made[text] for text in passages], dtype=np.float32)
