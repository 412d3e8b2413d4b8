"""MLflow's two stores: metric files of a run's folder, and the SQLite database, which is read and never written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from optimization.logs.errors import LogsError
from optimization.logs.records import number
from optimization.logs.series import Series, ordered

_RUN_LIMIT = 8
_POINT_LIMIT = 500_000
_LARGEST_FLOAT = 1.7976931348623157e308
"""What MLflow writes to a database for an infinite value."""


def is_run(folder: Path) -> bool:
    """Whether a folder is a run of the file store: its ``meta.yaml`` names a run; that of an experiment does not."""
    meta = folder / "meta.yaml"
    if not meta.is_file():
        return False
    with meta.open(encoding="utf-8", errors="replace") as lines:
        return any(line.startswith(("run_id:", "run_uuid:")) for line, _ in zip(lines, range(40), strict=False))


def from_metric(text: str, name: str, source: str) -> Series:
    """Return the series of a metric file: lines of time in milliseconds, value and step."""
    points: list[tuple[float, float]] = []
    for line in text.splitlines():
        parts = line.split()
        value = number(parts[1]) if len(parts) in (2, 3) else None
        step = number(parts[2]) if len(parts) == 3 else float(len(points))
        if value is not None and step is not None:
            points.append((step, value))
    return ordered(name, points, source)


def from_database(data: bytes, source: str) -> list[Series]:
    """Return the metrics of the eight latest runs of a database; none if it is no store of MLflow.

    Args:
        data: the database; it is opened in memory.
        source: its name, to which each run's is added.

    Raises:
        LogsError: the database is broken.
    """
    if data[18:20] == b"\2\2":  # a database in WAL mode opens without its log only if its header says it has none
        data = data[:18] + b"\1\1" + data[20:]
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not names >= {"runs", "metrics"}:
                return []
            query = (
                "SELECT run_uuid, name FROM runs WHERE lifecycle_stage IS NOT 'deleted' "
                "ORDER BY start_time DESC, run_uuid LIMIT ?"
            )
            runs = database.execute(query, (_RUN_LIMIT,)).fetchall()
            return [each for key, name in runs for each in _run(database, key, f"{source}/{name or key}")]
    except sqlite3.Error as error:
        raise LogsError(f"is a SQLite database that cannot be read: {error}") from error


def _run(database: sqlite3.Connection, key: object, source: str) -> list[Series]:
    query = "SELECT key, value, is_nan, step FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp LIMIT ?"
    points: dict[str, list[tuple[float, float]]] = {}
    for name, value, is_nan, step in database.execute(query, (key, _POINT_LIMIT)):
        found, place = number(value), number(step)
        if found is None or place is None:
            continue
        if is_nan:
            found = float("nan")
        elif abs(found) >= _LARGEST_FLOAT:
            found = float("inf") if found > 0 else float("-inf")
        points.setdefault(str(name), []).append((place, found))
    return [ordered(name, each, source) for name, each in points.items()]
