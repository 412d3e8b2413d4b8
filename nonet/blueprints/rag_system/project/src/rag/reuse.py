"""Which texts were embedded before: a hash of model and text for every row of a stage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "keys.npy"
SIZE = 16


def keys(texts: Iterable[str], identity: str) -> NDArray[np.uint8]:
    """Hash each text together with the model's identity, shape (texts, 16): another model shares no key."""
    model = hashlib.blake2b(identity.encode(), digest_size=SIZE)
    found = bytearray()
    for text in texts:
        digest = model.copy()
        digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
        found += digest.digest()
    return np.frombuffer(bytes(found), dtype=np.uint8).reshape(-1, SIZE)


def rows(wanted: NDArray[np.uint8], previous: Path | None) -> NDArray[np.int64]:
    """Return for each key the row that ``previous`` holds of it, -1 where there is none; shape (keys,).

    A stage that was interrupted, or is not there, holds none.
    """
    missing = np.full(len(wanted), -1, dtype=np.int64)
    if previous is None:
        return missing
    try:
        held: NDArray[np.uint8] = np.load(previous / FILE)
        vectors: NDArray[np.float16] = np.load(previous / "vectors.npy", mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return missing
    if held.shape != (len(vectors), SIZE):
        return missing
    place = {key.tobytes(): row for row, key in enumerate(held)}
    return np.asarray([place.get(key.tobytes(), -1) for key in wanted], dtype=np.int64)
