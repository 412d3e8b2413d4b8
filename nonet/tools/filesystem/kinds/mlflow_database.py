"""MLflow's SQLite store, read in memory: no path is opened, nothing is written, and a query that runs on is ended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from nonet.tools.filesystem.kinds.described import Described, Values
from nonet.tools.filesystem.kinds.mlflow import parameter, run
from nonet.tools.filesystem.kinds.series import Series
from nonet.tools.filesystem.unreadable import Unreadable

RUN_LIMIT = 8
POINT_LIMIT = 200_000
_SECONDS = 5.0
_STEPS_BETWEEN_CHECKS = 10_000
_LARGEST_FLOAT = 1.7976931348623157e308
"""What MLflow writes for an infinite value."""
_TABLES = frozenset({"runs", "metrics", "params", "experiments"})


def mlflow_runs(data: bytes) -> list[Described]:
    """Describe the latest runs of a store; none if the database is no store of MLflow.

    Raises:
        Unreadable: the database is broken.
    """
    try:
        with _database(data) as database:
            names = {str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not names >= _TABLES:
                return []
            query = (
                "SELECT run_uuid, name, status, start_time, end_time FROM runs "
                "WHERE lifecycle_stage IS NOT 'deleted' ORDER BY start_time DESC, run_uuid LIMIT ?"
            )
            rows = database.execute(query, (RUN_LIMIT,)).fetchall()
            total = int(database.execute("SELECT count(*) FROM runs").fetchone()[0])
            found = [_run(database, *row) for row in rows]
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, TypeError) as error:
        raise Unreadable(f"is a SQLite database that cannot be read: {error}") from error
    if not found:
        return [Described("MLflow store", ["It holds no runs."], {"format": "MLflow", "runs": 0})]
    found[0].facts["runs"] = total
    return found


@contextmanager
def _database(data: bytes) -> Generator[sqlite3.Connection]:
    if len(data) > 19 and data[18:20] == b"\2\2":
        # A database in WAL mode opens without its log only if its header says it has none.
        data = data[:18] + b"\1\1" + data[20:]
    until = time.monotonic() + _SECONDS
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(data)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_CHECKS)
        database.text_factory = _decoded
        yield database
    finally:
        database.close()


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _run(
    database: sqlite3.Connection, identity: object, name: object, status: object, start: object, end: object
) -> Described:
    lasted = end - start if isinstance(start, int) and isinstance(end, int) and end >= start else None
    query = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key LIMIT 200"
    parameters: Values = {str(key): parameter(value) for key, value in database.execute(query, (identity,))}
    return run(str(name or identity), str(status or ""), lasted, parameters, list(_metrics(database, identity)))


def _metrics(database: sqlite3.Connection, identity: object) -> Iterator[Series]:
    query = (
        "SELECT key, value, is_nan, step FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp "
        f"LIMIT {POINT_LIMIT}"
    )
    points: dict[str, tuple[list[float], list[float]]] = {}
    for key, value, is_nan, step in database.execute(query, (identity,)):
        if not isinstance(value, int | float) or not isinstance(step, int | float):
            continue
        number = float("nan") if is_nan else float(value)
        if abs(number) >= _LARGEST_FLOAT:
            number = float("inf") if number > 0 else float("-inf")
        steps, values = points.setdefault(str(key), ([], []))
        steps.append(float(step))
        values.append(number)
    return (Series(key, steps, values) for key, (steps, values) in points.items())
