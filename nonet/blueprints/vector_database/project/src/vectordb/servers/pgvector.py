"""pgvector in a PostgreSQL: one given by its URL, or one of our own (``postgres.py``)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.errors import ServerError
from vectordb.servers.contract import Shape, Value

_OPERATORS = {"cosine": ("<#>", "ip"), "dot": ("<#>", "ip"), "l2": ("<->", "l2"), "l1": ("<+>", "l1")}
"""Metric → its operator and its operator class; under cosine vectors have unit length, so it is their product."""
MEMORY = "256MB"
"""For building a graph, which is slow once it does not fit."""
WIDEST = 2000
"""Dimensions that an HNSW index of 32-bit vectors may have."""


class PgVector:
    """One table a name; a connection for each thread.

    Args:
        connection: psycopg's connection string.
    """

    def __init__(self, connection: str) -> None:
        self._connection, self._psycopg = connection, import_module("psycopg")
        self._local = threading.local()
        self._iterative: bool | None = None

    def names(self) -> list[str]:
        """See ``Server``."""
        found = self._run("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
        return [str(name) for (name,) in found]

    def create(self, name: str, shape: Shape) -> None:
        """See ``Server``.

        Raises:
            ServerError: the database lacks the extension, or the vectors are too wide for its index.
        """
        if not self._run("SELECT 1 FROM pg_extension WHERE extname = 'vector'"):
            raise ServerError("The PostgreSQL database lacks pgvector; run there: CREATE EXTENSION vector.")
        if shape.width > WIDEST:
            raise ServerError(f"pgvector indexes at most {WIDEST} dimensions; reduce the {shape.width} there are.")
        kinds = {"number": "double precision", "text": "text"}
        columns = "".join(f", {field} {kinds[kind]}" for field, kind in shape.fields.items())
        self._run(f"CREATE TABLE {name} (id bigint PRIMARY KEY, v vector({shape.width}){columns})")
        self._run(f"ALTER TABLE {name} ALTER COLUMN v SET STORAGE PLAIN")  # beside its row, not in a table of its own

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """See ``Server``."""
        fields = sorted({field for payload in values for field in payload})
        named = "".join(f", {field}" for field in fields)
        try:
            with self._opened().cursor().copy(f"COPY {name} (id, v{named}) FROM STDIN") as copy:
                for place, (vector, payload) in enumerate(zip(vectors, values, strict=True)):
                    written = "[" + ",".join(map(repr, vector.tolist())) + "]"
                    copy.write_row((first + place, written, *(payload.get(field) for field in fields)))
        except self._psycopg.Error as error:
            raise self._fault(error) from error

    def finish(self, name: str, shape: Shape) -> None:
        """See ``Server``; the graph is built at once, on one thread."""
        kind = _OPERATORS[shape.metric][1]
        self._run(f"SET maintenance_work_mem = '{MEMORY}'")
        self._run("SET max_parallel_maintenance_workers = 0")
        options = f"m = {min(shape.hnsw_m, 100)}, ef_construction = {max(shape.ef_construction, 2 * shape.hnsw_m)}"
        self._run(f"CREATE INDEX ON {name} USING hnsw (v vector_{kind}_ops) WITH ({options})")
        for field in shape.fields:
            self._run(f"CREATE INDEX ON {name} ({field})")
        self._run(f"ANALYZE {name}")

    def count(self, name: str) -> int:
        """See ``Server``."""
        return int(self._run(f"SELECT count(*) FROM {name}")[0][0]) if name in self.names() else 0

    def size(self, name: str) -> float | None:
        """See ``Server``: the table with its indexes."""
        return float(self._run(f"SELECT pg_total_relation_size('{name}')")[0][0])

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """See ``Server``; where conditions leave too few, the graph is searched on (from pgvector 0.8)."""
        self._prepare(max(shape.ef_search, k))
        written = "[" + ",".join(map(repr, vector.tolist())) + "]"
        conditions = " AND ".join(_condition(each) for each in where)
        asked = f"SELECT id FROM {name}{f' WHERE {conditions}' if where else ''} ORDER BY v "
        asked += f"{_OPERATORS[shape.metric][0]} %s::vector LIMIT {int(k)}"
        values = [each.value for each in where]
        return [int(row) for (row,) in self._run(asked, (*values, written))]

    def drop(self, name: str) -> None:
        """See ``Server``."""
        self._run(f"DROP TABLE IF EXISTS {name}")

    def extend(self) -> None:
        """Add pgvector to the database: for one of our own, never a user's."""
        self._run("CREATE EXTENSION IF NOT EXISTS vector")

    def close(self) -> None:
        """End this thread's connection."""
        if getattr(self._local, "connection", None) is not None:
            self._local.connection.close()
            self._local.connection = None

    def _prepare(self, width_of_search: int) -> None:
        """Set how wide this thread's searches are, where it is not set so already."""
        if getattr(self._local, "searched", None) == width_of_search:
            return
        self._run(f"SET hnsw.ef_search = {min(width_of_search, 1000)}")
        if self._iterative is None:
            (version,) = self._run("SELECT extversion FROM pg_extension WHERE extname = 'vector'")[0]
            self._iterative = tuple(int(part) for part in version.split(".")[:2]) >= (0, 8)
        if self._iterative:
            self._run("SET hnsw.iterative_scan = strict_order")
        self._local.searched = width_of_search

    def _opened(self) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            try:
                connection = self._psycopg.connect(self._connection, autocommit=True, connect_timeout=10)
            except self._psycopg.Error as error:
                raise self._fault(error) from error
            connection.prepare_threshold = 2
            self._local.connection, self._local.searched = connection, None
        return connection

    def _run(self, text: str, values: Sequence[Value] = ()) -> list[Any]:
        try:
            done = self._opened().execute(text, tuple(values) or None)
            return done.fetchall() if done.description else []
        except self._psycopg.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> ServerError:
        return ServerError(" ".join(f"PostgreSQL says: {error}".split()))


def _condition(condition: Condition) -> str:
    """Write a condition; fields are safe names, values go beside the statement."""
    operator = {"!=": "IS DISTINCT FROM"}.get(condition.op, condition.op)
    return f"{condition.field} {operator} %s"


def connect(url: str) -> PgVector:
    """Return the PostgreSQL at a URL; its password is libpq's own ``PGPASSWORD``."""
    return PgVector(url)
