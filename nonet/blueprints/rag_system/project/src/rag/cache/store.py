"""The file of all caches: values by kind and key, in SQLite."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        with self._open() as base:
            row = base.execute("SELECT value FROM kept WHERE kind = ? AND key = ?", (kind, self._key(parts))).fetchone()
            return json.loads(row[0]) if row else None
        return None

    def put(self, kind: str, value: Any, *parts: str) -> None:
        """Keep a value, any JSON."""
        with self._open() as base:
            text = json.dumps(value, ensure_ascii=False)
            base.execute(
                "INSERT OR REPLACE INTO kept (kind, key, value) VALUES (?, ?, ?)", (kind, self._key(parts), text)
            )
            base.execute(
                "DELETE FROM kept WHERE kind = ? AND rowid <= (SELECT rowid FROM kept WHERE kind = ? "
                "ORDER BY rowid DESC LIMIT 1 OFFSET ?)",
                (kind, kind, KEPT),
            )

    def put_vector(self, scope: str, vector: NDArray[np.float32], value: Any) -> None:
        """Keep a value under a vector of unit length."""
        with self._open() as base:
            base.execute(
                "INSERT INTO vectors (scope, vector, value) VALUES (?, ?, ?)",
                (self._key((scope,)), vector.astype("<f4").tobytes(), json.dumps(value, ensure_ascii=False)),
            )
            base.execute("DELETE FROM vectors WHERE number <= (SELECT MAX(number) FROM vectors) - ?", (KEPT,))

    def vectors(self, scope: str, after: int) -> list[tuple[int, NDArray[np.float32]]]:
        """Return the vectors kept in a scope since the one numbered ``after``, with their numbers."""
        with self._open() as base:
            rows = base.execute(
                "SELECT number, vector FROM vectors WHERE scope = ? AND number > ? ORDER BY number",
                (self._key((scope,)), after),
            )
            return [(int(number), np.frombuffer(vector, dtype="<f4")) for number, vector in rows]
        return []

    def vector_value(self, number: int) -> Any:
        """Return the value kept under a vector's number, or None where it has gone."""
        with self._open() as base:
            row = base.execute("SELECT value FROM vectors WHERE number = ?", (number,)).fetchone()
            return json.loads(row[0]) if row else None
        return None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    @contextlib.contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """Yield the connection, in a transaction; what fails there is as if nothing was kept."""
        with self._lock, contextlib.suppress(sqlite3.Error, OSError, ValueError):
            if self._base is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._base = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = NORMAL")
                for table in TABLES:
                    self._base.execute(table)
            with self._base:
                yield self._base

    def _key(self, parts: tuple[str, ...]) -> str:
        return hashlib.blake2b("\0".join((self._version, *parts)).encode(), digest_size=16).hexdigest()
