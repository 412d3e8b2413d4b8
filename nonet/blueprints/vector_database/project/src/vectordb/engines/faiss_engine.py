"""FAISS (Douze et al. 2024): flat, 8-bit scalar quantization, inverted file, IVF with product quantization, HNSW."""

from __future__ import annotations

import math
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

FILE = "index.faiss"
FEWEST_CODED = 256
"""A product quantizer has 256 centroids a part and needs as many rows."""


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Train and fill an index, on one thread, so that equal vectors make equal indexes."""
    faiss = _faiss()
    index = _empty(design, len(vectors), vectors.shape[1], metric)
    if not index.is_trained:
        index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(out / FILE))


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows; cells and codes stay as they were trained."""
    faiss = _faiss()
    index = faiss.read_index(str(folder / FILE))
    index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(folder / FILE))


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Faiss:
    """Load the index."""
    return Faiss(design, _faiss().read_index(str(folder / FILE)))


class Faiss:
    """A loaded index; a filter is a bitmap over the rows, asked while searching."""

    def __init__(self, design: Design, index: Any) -> None:
        self._faiss, self._design, self._index = _faiss(), design, index

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first."""
        selector = None
        if wanted is not None:
            selector = self._faiss.IDSelectorBitmap(np.packbits(wanted.mask, bitorder="little"))
        _, rows = self._index.search(vector[None], min(k, self._index.ntotal), params=self._parameters(selector))
        return rows[0][rows[0] >= 0].astype(np.int64)

    def search_many(self, vectors: NDArray[np.float32], k: int, wanted: Wanted | None) -> list[NDArray[np.int64]]:
        """Return up to ``k`` rows for each of several vectors, in one call."""
        selector = None
        if wanted is not None:
            selector = self._faiss.IDSelectorBitmap(np.packbits(wanted.mask, bitorder="little"))
        count = min(k, self._index.ntotal)
        _, rows = self._index.search(np.ascontiguousarray(vectors), count, params=self._parameters(selector))
        return [found[found >= 0].astype(np.int64) for found in rows]

    def _parameters(self, selector: Any) -> Any:
        design, given = self._design, ({"sel": selector} if selector is not None else {})
        if design.engine == "faiss_hnsw":
            return self._faiss.SearchParametersHNSW(efSearch=design.ef_search, **given)
        if design.engine in ("faiss_ivf", "faiss_ivfpq"):
            probes = min(design.probes, self._index.nlist)
            kind = self._faiss.IVFPQSearchParameters if design.engine == "faiss_ivfpq" else None
            return (kind or self._faiss.SearchParametersIVF)(nprobe=probes, **given)
        return self._faiss.SearchParameters(**given) if given else None


def _empty(design: Design, rows: int, width: int, metric: str) -> Any:
    faiss = _faiss()
    kind = {"l2": faiss.METRIC_L2, "l1": faiss.METRIC_L1}.get(metric, faiss.METRIC_INNER_PRODUCT)
    if design.engine == "faiss_flat":
        return faiss.IndexFlat(width, kind)
    if design.engine == "faiss_sq8":
        return faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_8bit, kind)
    if design.engine == "faiss_hnsw":
        graph = faiss.IndexHNSWFlat(width, design.hnsw_m, kind)
        graph.hnsw.efConstruction = design.ef_construction
        return graph
    lists = min(design.lists or int(4 * math.sqrt(rows)), max(1, rows // 39))
    cells = faiss.IndexFlat(width, kind)
    if design.engine == "faiss_ivf":
        index = faiss.IndexIVFFlat(cells, width, lists, kind)
    else:
        if rows < FEWEST_CODED:
            raise DesignError(f"Product quantization needs {FEWEST_CODED} rows or more; there are {rows}.")
        index = faiss.IndexIVFPQ(cells, width, lists, _parts(width, design.code_bytes), 8, kind)
    cells.this.disown()
    index.own_fields = True
    return index


def _parts(width: int, wanted: int) -> int:
    """Return the largest number of equal parts of a vector that is no more than wanted."""
    return max(parts for parts in range(1, min(wanted, width) + 1) if width % parts == 0)


def _faiss() -> Any:
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    return faiss
