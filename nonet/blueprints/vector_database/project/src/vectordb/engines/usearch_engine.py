"""usearch: HNSW over 32-bit, 8-bit or 1-bit vectors. It has no filters: more are found and the unwanted left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Columns
from vectordb.design import Design
from vectordb.engines.contract import Wanted
from vectordb.errors import DesignError

FILE = "index.usearch"


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Fill a graph on one thread, so that equal vectors make equal graphs."""
    if design.quantization == "binary" and metric != "cosine":
        raise DesignError("One bit a dimension keeps directions only: it needs --metric cosine.")
    if design.quantization == "scalar" and metric != "cosine":
        raise DesignError("usearch's 8-bit vectors lie in [-1, 1]: they need --metric cosine.")
    binary = design.quantization == "binary"
    index = import_module("usearch.index").Index(
        ndim=vectors.shape[1],
        metric="hamming" if binary else {"l2": "l2sq"}.get(metric, "ip"),
        dtype={"none": "f32", "scalar": "i8", "binary": "b1"}[design.quantization],
        connectivity=design.hnsw_m,
        expansion_add=design.ef_construction,
        expansion_search=design.ef_search,
    )
    rows = np.packbits(vectors > 0, axis=1) if binary else vectors
    index.add(np.arange(len(vectors), dtype=np.uint64), rows, threads=1)
    index.save(str(out / FILE))


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows to the graph, on one thread."""
    index = import_module("usearch.index").Index.restore(str(folder / FILE))
    index.expansion_add = design.ef_construction
    rows = np.packbits(vectors > 0, axis=1) if design.quantization == "binary" else vectors
    index.add(np.arange(first, first + len(vectors), dtype=np.uint64), rows, threads=1)
    index.save(str(folder / FILE))


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Usearch:
    """Load the graph."""
    index = import_module("usearch.index").Index.restore(str(folder / FILE))
    index.expansion_search = design.ef_search
    return Usearch(design, index)


class Usearch:
    """A loaded graph."""

    def __init__(self, design: Design, index: Any) -> None:
        self._index, self._binary = index, design.quantization == "binary"

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first; with a filter twice as many are asked for until there are enough."""
        query = np.packbits(vector > 0) if self._binary else vector
        count = len(self._index)
        if wanted is None:
            return self._found(query, min(k, count))
        enough, asked = min(k, int(wanted.mask.sum())), k
        while True:
            asked = min(2 * asked, count)
            rows = self._found(query, asked)
            rows = rows[wanted.mask[rows]][:k]
            if len(rows) >= enough or asked == count:
                return rows

    def search_many(self, vectors: NDArray[np.float32], k: int, wanted: Wanted | None) -> list[NDArray[np.int64]]:
        """Return up to ``k`` rows for each of several vectors; in one call where nothing is filtered."""
        if wanted is not None:
            return [self.search(vector, k, wanted) for vector in vectors]
        queries = np.packbits(vectors > 0, axis=1) if self._binary else vectors
        keys = self._index.search(queries, min(k, len(self._index)), threads=1).keys
        return list(np.asarray(keys, dtype=np.int64).reshape(len(vectors), -1))

    def _found(self, query: NDArray[Any], k: int) -> NDArray[np.int64]:
        return np.asarray(self._index.search(query, k, threads=1).keys, dtype=np.int64)
