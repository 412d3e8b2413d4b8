"""The memory's journal: an append-only SQLite file that many processes share.

An entry that ``append`` has returned survives a kill and a loss of power (write-ahead log, every commit synced).
Nothing in it can be changed or removed: the schema refuses. Equal entries are kept once, so a step that runs again
after a resume adds nothing. It is also the outbox of a memory server: which entries have arrived there stands beside
them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nonet.errors import StorageError, ToolError, storage
from nonet.settings import Settings
from nonet.state import Json

Kind = Literal["pattern", "note", "consultation", "comparison"]
_WAIT = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    workflow TEXT NOT NULL,
    written REAL NOT NULL,
    body TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TABLE IF NOT EXISTS arrived (server TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (server, number));
CREATE TABLE IF NOT EXISTS identity (name TEXT NOT NULL);
INSERT INTO identity SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM identity);
"""
_MADE = ("entries", "entries_stay", "entries_remain", "arrived", "identity")
_COLUMNS = "number, key, kind, workflow, written, body"


@dataclass(frozen=True)
class Entry:
    """One thing remembered; ``key`` is the hash of what it says, ``written`` seconds since the epoch."""

    number: int
    key: str
    kind: Kind
    workflow: str
    written: float
    body: Mapping[str, Json]


class Journal:
    """The journal of one memory.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
        ToolError: the file is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> Journal:
        """Return the journal in Nonet's home."""
        return cls(settings.home_path / "memory" / "journal.sqlite")

    def append(self, kind: Kind, workflow: str, body: Mapping[str, Json]) -> str:
        """Keep an entry and return its key."""
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        key = hashlib.blake2b(f"{kind}\0{workflow}\0{text}".encode(), digest_size=8).hexdigest()
        row = (key, kind, workflow, time.time(), text)
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO entries (key, kind, workflow, written, body) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO NOTHING",
                row,
            )
            connection.execute("COMMIT")
        return key

    def entries(self, kind: Kind | None = None, workflow: str = "", after: int = 0) -> list[Entry]:
        """Return entries after a number, oldest first, of one kind and workflow or of all."""
        return self._select(
            "WHERE (?1 IS NULL OR kind = ?1) AND (?2 = '' OR workflow = ?2) AND number > ?3", (kind, workflow, after)
        )

    def numbered(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """Return entries by their numbers; a number without an entry is left out."""
        found = self._select("WHERE number IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),))
        return {entry.number: entry for entry in found}

    def size(self) -> int:
        """Return how many entries there are."""
        if not self.path.exists():
            return 0
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])

    def identity(self, begin: bool = False) -> str:
        """Return the journal's own random name; "" where there is no journal, unless one shall begin."""
        if not begin and not self.path.exists():
            return ""
        with self._open() as connection:
            return str(connection.execute("SELECT name FROM identity").fetchone()[0])

    def waiting(self, server: str) -> list[Entry]:
        """Return the entries that have not arrived at a server, oldest first."""
        return self._select("WHERE number NOT IN (SELECT number FROM arrived WHERE server = ?)", (server,))

    def arrived(self, server: str, numbers: Iterable[int]) -> None:
        """Note that entries have arrived at a server."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = [(server, number) for number in numbers]
            connection.executemany("INSERT INTO arrived VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
            connection.execute("COMMIT")

    def _select(self, where: str, values: Sequence[object]) -> list[Entry]:
        """Return entries by number. A memory not yet begun holds none."""
        if not self.path.exists():
            return []
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM entries {where} ORDER BY number", tuple(values)
            ).fetchall()
        return [Entry(*row[:5], body=json.loads(row[5])) for row in rows]

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        with storage(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            _prepare(connection)
            yield connection
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error
        finally:
            if connection is not None:
                connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    """Bring a connection to the journal's mode; the first process makes the schema."""
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Changing the mode ignores the busy timeout while another process changes it too.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")
    places = ", ".join("?" * len(_MADE))
    made = connection.execute(f"SELECT count(*) FROM sqlite_master WHERE name IN ({places})", _MADE).fetchone()[0]
    if made < len(_MADE):
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")


def _explained(error: sqlite3.Error, path: Path) -> StorageError | ToolError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    if code in full:
        return StorageError(f"Cannot write {path}: {error}.", "Free space there, then: nonet resume RUN")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return ToolError(f"{path} is no memory of Nonet's: {error}.", "Move the file away; a new memory begins.")
    return ToolError(f"The memory {path} did not answer: {error}.", "Try again.")
