"""The pool: the pages on which designs are told apart before the last few index every page.

The pool of a test collection (Spärck Jones & van Rijsbergen 1975): for each question the first pages of some systems.
Here two cheap ones make it, its relevant pages are in it, and some pages taken by hash, which nobody ranked high.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from nonet.blueprints.rag_system import documents
from nonet.blueprints.rag_system.design import BASELINE
from nonet.state import Json

SCOUTS: Sequence[Mapping[str, Json]] = (BASELINE, {**BASELINE, "retrieval": "dense", "embedding": "wordllama"})
"""By words and by meaning, both cheap: whole pages by BM25, and by static vectors."""
DEPTHS = (30, 20, 10, 5)
"""How far down their rankings are pooled: the deepest that keeps the pool small enough. On one collection of 5,183
abstracts the best design found on a pool of depth 10 was .004 nDCG@10 behind the best, of depth 30 .002."""
UNRANKED = 300
"""Pages by hash at most; a twentieth of the corpus where that is fewer."""


def write(
    data: Path,
    outputs: Sequence[Sequence[Json]],
    labels: Sequence[Json],
    counts: Sequence[int],
    most: float,
    out: Path,
) -> tuple[int, float] | None:
    """Write the pool's pages; see ``Blueprint.pool``. Its share is of the corpus' characters, which are embedded."""
    pages = documents.read(data)
    sizes = {page.id: len(page.text) + 1 for page in pages}
    by_hash = sorted(sizes, key=lambda name: hashlib.blake2b(name.encode()).digest())
    unranked, whole = set(by_hash[: min(UNRANKED, len(pages) // 20)]), sum(sizes.values())
    for count in counts:
        chosen = unranked | {doc for label in labels[:count] for doc in _relevant(label)}
        for depth in DEPTHS:
            names = chosen | {doc for scout in outputs for output in scout[:count] for doc in _ranked(output)[:depth]}
            share = sum(sizes.get(name, 0) for name in names) / whole
            if share <= most:
                documents.write([page for page in pages if page.id in names], out)
                return count, share
    return None


def _ranked(output: Json) -> Sequence[str]:
    return cast("Mapping[str, Any]", output)["docs"]


def _relevant(label: Json) -> Mapping[str, float]:
    return cast("Mapping[str, Any]", label)["relevant"]
