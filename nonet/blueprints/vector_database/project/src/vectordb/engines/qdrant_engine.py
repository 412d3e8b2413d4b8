"""Qdrant's engine in this process (qdrant-edge): HNSW, scalar or binary quantization, filters inside the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Columns, Condition
from vectordb.design import Design
from vectordb.engines.contract import Wanted, private_copy

FOLDER = "shard"
BATCH = 1000


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Fill a shard, index its payload fields, then build its graph."""
    qdrant = _qdrant()
    distance = {"l2": qdrant.Distance.Euclid, "l1": qdrant.Distance.Manhattan}.get(metric, qdrant.Distance.Dot)
    quantization = {
        "none": lambda: None,
        "scalar": lambda: qdrant.ScalarQuantizationConfig(type=qdrant.ScalarType.Int8, always_ram=True),
        "binary": lambda: qdrant.BinaryQuantizationConfig(always_ram=True),
    }[design.quantization]()
    graph = qdrant.HnswIndexConfig(
        m=design.hnsw_m, ef_construct=design.ef_construction, full_scan_threshold=10, max_indexing_threads=1
    )
    config = qdrant.EdgeConfig(
        vectors=qdrant.EdgeVectorParams(
            size=vectors.shape[1], distance=distance, hnsw_config=graph, quantization_config=quantization
        ),
        optimizers=qdrant.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=1),
        max_search_threads=1,
        wal_enabled=False,
    )
    (out / FOLDER).mkdir()
    shard = qdrant.EdgeShard.create(str(out / FOLDER), config)
    for name, kind in _schema(payloads).items():
        shard.update(qdrant.UpdateOperation.create_field_index(name, kind))
    _insert(shard, vectors, 0, payloads)


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows to the shard; its optimizer brings them into the graph."""
    _insert(_qdrant().EdgeShard.load(str(folder / FOLDER)), vectors, first, payloads)


def _insert(shard: Any, vectors: NDArray[np.float32], first: int, payloads: Sequence[Mapping[str, Any]] | None) -> None:
    qdrant = _qdrant()
    for start in range(0, len(vectors), BATCH):
        points = [
            qdrant.Point(first + row, vectors[row].tolist(), dict(payloads[row]) if payloads else {})
            for row in range(start, min(start + BATCH, len(vectors)))
        ]
        shard.update(qdrant.UpdateOperation.upsert_points(points))
    shard.optimize()
    shard.flush()
    shard.close()


def _schema(payloads: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Which payload fields to index, and as what."""
    if not payloads:
        return {}
    qdrant, columns = _qdrant(), Columns(payloads)
    numbers = dict.fromkeys(columns.numbers, qdrant.PayloadSchemaType.Float)
    return numbers | dict.fromkeys(columns.texts, qdrant.PayloadSchemaType.Keyword)


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Qdrant:
    """Load the shard from a copy, since it writes where it lies."""
    return Qdrant(design, _qdrant().EdgeShard.load(str(private_copy(folder / FOLDER))))


class Qdrant:
    """A loaded shard."""

    def __init__(self, design: Design, shard: Any) -> None:
        self._qdrant, self._shard = _qdrant(), shard
        quantized = design.quantization != "none"
        # Unless told otherwise Qdrant orders what a quantized search finds by the stored vectors again.
        precise = self._qdrant.QuantizationSearchParams(rescore=False) if quantized else None
        self._parameters = self._qdrant.SearchParams(hnsw_ef=design.ef_search, quantization=precise)

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first."""
        found = self._shard.query(
            self._qdrant.QueryRequest(
                limit=k,
                query=self._qdrant.Query.Nearest(vector.tolist()),
                params=self._parameters,
                filter=self._filter(wanted.conditions) if wanted is not None else None,
                with_payload=False,
            )
        )
        return np.asarray([point.id for point in found], dtype=np.int64)

    def _filter(self, conditions: Sequence[Condition]) -> Any:
        must = [self._field(each) for each in conditions if each.op != "!="]
        must_not = [self._field(each) for each in conditions if each.op == "!="]
        return self._qdrant.Filter(must=must or None, must_not=must_not or None)

    def _field(self, condition: Condition) -> Any:
        value, op = condition.value, condition.op
        if op in ("=", "!=") and isinstance(value, str):
            return self._qdrant.FieldCondition(condition.field, match=self._qdrant.MatchValue(value))
        ends = {">": {"gt": value}, ">=": {"gte": value}, "<": {"lt": value}, "<=": {"lte": value}}
        bounds = ends.get(op, {"gte": value, "lte": value})
        return self._qdrant.FieldCondition(condition.field, range=self._qdrant.RangeFloat(**bounds))


def _qdrant() -> Any:
    return import_module("qdrant_edge")
