"""LanceDB: columns on disk, HNSW over scalar-quantized vectors in one partition, filters before the search."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Columns, Condition
from vectordb.design import Design
from vectordb.engines.contract import Wanted, private_copy

TABLE = "vectors"


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Write the table and its index."""
    written = _connect(out).create_table(TABLE, _rows(vectors, 0, payloads))
    kind = import_module("lancedb.index").HnswSq
    config = kind(
        distance_type="l2" if metric == "l2" else "dot",
        num_partitions=1,
        m=design.hnsw_m,
        ef_construction=design.ef_construction,
    )
    written.create_index("vector", config=config)


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows to the table and bring them into its index."""
    table = _connect(folder).open_table(TABLE)
    table.add(_rows(vectors, first, payloads))
    table.optimize()


def _rows(vectors: NDArray[np.float32], first: int, payloads: Sequence[Mapping[str, Any]] | None) -> Any:
    arrow = import_module("pyarrow")
    flat = arrow.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    table: dict[str, Any] = {
        "row": np.arange(first, first + len(vectors), dtype=np.int64),
        "vector": arrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
    }
    if payloads:
        columns = Columns(payloads)
        table |= {f"field_{name}": values for name, values in columns.numbers.items()}
        table |= {f"field_{name}": values.tolist() for name, values in columns.texts.items()}
    return arrow.table(table)


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Lance:
    """Open the table from a copy, since its engine may write beside it."""
    return Lance(design, _connect(private_copy(folder)).open_table(TABLE), columns, metric)


class Lance:
    """An opened table."""

    def __init__(self, design: Design, table: Any, columns: Columns | None, metric: str) -> None:
        self._design, self._table, self._columns = design, table, columns
        self._distance = "l2" if metric == "l2" else "dot"

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first."""
        query = self._table.search(vector, vector_column_name="vector").distance_type(self._distance)
        query = query.ef(max(self._design.ef_search, k)).limit(k).select(["row", "_distance"])
        if wanted is not None:
            query = query.where(" AND ".join(map(self._sql, wanted.conditions)), prefilter=True)
        return np.asarray(query.to_arrow()["row"].to_numpy(), dtype=np.int64)

    def _sql(self, condition: Condition) -> str:
        """Write a condition; numbers are printed by Python, texts quoted, fields are known columns by now."""
        name = f"`field_{condition.field}`"
        if self._columns is not None and condition.field in self._columns.texts:
            value = "'" + str(condition.value).replace("'", "''") + "'"
        else:
            value = repr(float(condition.value))
        return f"{name} {condition.op} {value}"


def _connect(folder: Path) -> Any:
    logging.getLogger("lancedb").setLevel(logging.ERROR)
    return import_module("lancedb").connect(str(folder))
