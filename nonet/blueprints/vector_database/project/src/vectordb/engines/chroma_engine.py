"""Chroma: HNSW (hnswlib) beside SQLite, in this process; filters by SQLite first."""

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

COLLECTION = "vectors"
BATCH = 2000
_OPERATORS = {"=": "$eq", "!=": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Fill a collection on one thread."""
    graph = {
        "space": "l2" if metric == "l2" else "ip",
        "max_neighbors": design.hnsw_m,
        "ef_construction": design.ef_construction,
        "ef_search": design.ef_search,
        "num_threads": 1,
    }
    collection = _client(out).create_collection(COLLECTION, configuration={"hnsw": graph}, embedding_function=None)
    _insert(collection, vectors, 0, payloads)


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows to the collection."""
    _insert(_client(folder).get_collection(COLLECTION, embedding_function=None), vectors, first, payloads)


def _insert(
    collection: Any, vectors: NDArray[np.float32], first: int, payloads: Sequence[Mapping[str, Any]] | None
) -> None:
    for start in range(0, len(vectors), BATCH):
        rows = range(start, min(start + BATCH, len(vectors)))
        metadatas: Any = [_metadata(payloads[row]) for row in rows] if payloads else None
        ids = [str(first + row) for row in rows]
        collection.add(ids=ids, embeddings=vectors[rows.start : rows.stop], metadatas=metadatas)


def _metadata(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a payload as Chroma takes it: no missing values, and nothing rather than an empty object."""
    kept = {
        name: float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in payload.items()
        if isinstance(value, str | int | float)
    }
    return kept or None


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Chroma:
    """Open the collection from a copy, since SQLite writes beside it."""
    client = _client(private_copy(folder))
    return Chroma(client.get_collection(COLLECTION, embedding_function=None))


class Chroma:
    """An opened collection."""

    def __init__(self, collection: Any) -> None:
        self._collection, self._count = collection, collection.count()

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first."""
        return self.search_many(vector[None], k, wanted)[0]

    def search_many(self, vectors: NDArray[np.float32], k: int, wanted: Wanted | None) -> list[NDArray[np.int64]]:
        """Return up to ``k`` rows for each of several vectors, in one call."""
        where = _where(wanted.conditions) if wanted is not None else None
        found = self._collection.query(
            query_embeddings=list(vectors), n_results=min(k, self._count), where=where, include=[]
        )
        return [np.asarray([int(name) for name in names], dtype=np.int64) for names in found["ids"]]


def _where(conditions: Sequence[Condition]) -> dict[str, Any]:
    clauses = [{each.field: {_OPERATORS[each.op]: each.value}} for each in conditions]
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}


def _client(folder: Path) -> Any:
    settings = import_module("chromadb.config").Settings(anonymized_telemetry=False)
    return import_module("chromadb").PersistentClient(str(folder), settings=settings)
