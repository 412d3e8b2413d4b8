"""Answers of remote services, kept by request for a while: one SQLite file in Nonet's home, shared by processes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from nonet.errors import storage
from nonet.settings import Settings
from nonet.tools.contract import Found, Item

ROWS = 5_000
PATIENCE = 10.0
"""Seconds to wait for another process's write."""


class _Kept(BaseModel):
    backend: str
    items: list[Item]
    note: str


def key(tool: str, remote: str, address: str, arguments: BaseModel) -> str:
    """Name a request by all that its answer depends on."""
    asked = json.dumps([tool, remote, address, arguments.model_dump(mode="json")], sort_keys=True)
    return hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()


def kept(settings: Settings, request: str) -> Found | None:
    """Return the answer to a request, if one is kept and young enough."""
    if not settings.cache or not _path(settings).exists():
        return None
    with _opened(settings) as connection:
        row = connection.execute("SELECT at, answer FROM answers WHERE request = ?", (request,)).fetchone()
    if row is None or time.time() - row[0] > settings.cache_seconds:
        return None
    try:
        found = _Kept.model_validate_json(row[1])
    except ValidationError:  # written by another version
        return None
    return Found(found.backend, found.items, found.note)


def keep(settings: Settings, request: str, found: Found) -> None:
    """Keep an answer; the oldest beyond ``ROWS`` go.

    Raises:
        StorageError: the disk is full.
    """
    if not settings.cache or settings.cache_seconds == 0:
        return
    answer = _Kept(backend=found.backend, items=found.items, note=found.note).model_dump_json()
    with _opened(settings) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (request, time.time(), answer))
        connection.execute(
            "DELETE FROM answers WHERE request IN (SELECT request FROM answers ORDER BY at DESC LIMIT -1 OFFSET ?)",
            (ROWS,),
        )


def _path(settings: Settings) -> Path:
    return settings.home_path / "cache" / "answers.sqlite"


@contextmanager
def _opened(settings: Settings) -> Generator[sqlite3.Connection]:
    path = _path(settings)
    with storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS answers (request TEXT PRIMARY KEY, at REAL, answer TEXT)")
        yield connection
