"""The file of all caches: values by kind and key, in SQLite."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
KEPT = 10_000
"""How many values of each kind stay; the oldest go."""
TABLES = (
    "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key))",
    "CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, "
    "vector BLOB NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS scopes ON vectors (scope, number)",
)


class Store:
    """Values of one version; those of another version are never found.

    Many threads may use it, and many programs the same file. Where the file cannot be read or written, nothing is kept
    and nothing fails.

    Args:
        version: names all that the values depend on: index, design, model.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        self._lock = threading.Lock()
        self._base: sqlite3.Connection | None = None

    def get(self, kind: str, *parts: str) -> Any:
        """Return the value kept under some parts of a key, or None."""

        def read(base: sqlite3.Connection) -> Any:
            row = base.execute("SELECT value FROM kept WHERE kind = ? AND key = ?", (kind, self._key(parts))).fetchone()
            return json.loads(row[0]) if row else None

        return self._with(read, None)

    def put(self, kind: str, value: Any, *parts: str) -> None:
        """Keep a value, any JSON."""

        def write(base: sqlite3.Connection) -> None:
            kept = (kind, self._key(parts), json.dumps(value, ensure_ascii=False))
            base.execute("INSERT OR REPLACE INTO kept (kind, key, value) VALUES (?, ?, ?)", kept)
            base.execute(
                "DELETE FROM kept WHERE kind = ? AND rowid <= (SELECT rowid FROM kept WHERE kind = ? "
                "ORDER BY rowid DESC LIMIT 1 OFFSET ?)",
                (kind, kind, KEPT),
            )

        self._with(write, None)

    def put_vector(self, scope: str, vector: NDArray[np.float32], value: Any) -> None:
        """Keep a value under a vector of unit length."""

        def write(base: sqlite3.Connection) -> None:
            kept = (self._key((scope,)), vector.astype("<f4").tobytes(), json.dumps(value, ensure_ascii=False))
            base.execute("INSERT INTO vectors (scope, vector, value) VALUES (?, ?, ?)", kept)
            base.execute("DELETE FROM vectors WHERE number <= (SELECT MAX(number) FROM vectors) - ?", (KEPT,))

        self._with(write, None)

    def vectors(self, scope: str, after: int) -> list[tuple[int, NDArray[np.float32]]]:
        """Return the vectors kept in a scope since the one numbered ``after``, with their numbers."""

        def read(base: sqlite3.Connection) -> list[tuple[int, NDArray[np.float32]]]:
            rows = base.execute(
                "SELECT number, vector FROM vectors WHERE scope = ? AND number > ? ORDER BY number",
                (self._key((scope,)), after),
            )
            return [(int(number), np.frombuffer(vector, dtype="<f4")) for number, vector in rows]

        return self._with(read, [])

    def vector_value(self, number: int) -> Any:
        """Return the value kept under a vector's number, or None where it has gone."""

        def read(base: sqlite3.Connection) -> Any:
            row = base.execute("SELECT value FROM vectors WHERE number = ?", (number,)).fetchone()
            return json.loads(row[0]) if row else None

        return self._with(read, None)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def _with(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do some work in a transaction; return ``otherwise`` where the file cannot be used."""
        with self._lock:
            try:
                if self._base is None:
                    self._base = self._opened()
                with self._base:
                    return work(self._base)
            except (sqlite3.Error, OSError, ValueError):
                return otherwise

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
        try:
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *TABLES):
                base.execute(statement)
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _key(self, parts: tuple[str, ...]) -> str:
        return hashlib.blake2b("\0".join((self._version, *parts)).encode(), digest_size=16).hexdigest()
