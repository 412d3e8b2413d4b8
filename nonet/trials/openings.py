"""The ledger of holdout openings: how often these units were opened before, by any run.

Every look at sealed labels wears them out, so the k-th opening of overlapping units claims at a stricter level. The
ledger is one SQLite file that several processes may write at once; a run that is resumed or verified repeats its
opening.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from nonet.errors import StorageError, storage

_WAIT = 60.0  # seconds for another process's transaction to end
_SCHEMA = """
CREATE TABLE IF NOT EXISTS openings (
    run_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, comparison TEXT NOT NULL, times_opened INTEGER NOT NULL,
    opened_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS opened_units (
    unit TEXT NOT NULL, run_id TEXT NOT NULL REFERENCES openings, PRIMARY KEY (unit, run_id)) WITHOUT ROWID;
"""
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def open_holdout(path: Path, run_id: str, workflow: str, unit_hashes: Sequence[str], comparison: str) -> int:
    """Record that a run opens the labels of these units, and return how often they have now been opened.

    That is 1 + the number of other runs that opened any of these units before. A run that was here already gets the
    same number and adds nothing.

    Args:
        path: the ledger's file; made with its folder when missing.
        run_id: who opens.
        workflow: of the run.
        unit_hashes: the holdout's units by content (``splits.content_hashes``).
        comparison: the one comparison that is claimed, named before the labels are opened.

    Raises:
        StorageError: the ledger cannot be written.
    """
    with _ledger(path) as ledger:
        known = ledger.execute("SELECT times_opened FROM openings WHERE run_id = ?", (run_id,)).fetchone()
        if known is not None:
            return int(known[0])
        ledger.execute("CREATE TEMP TABLE asked (unit TEXT PRIMARY KEY) WITHOUT ROWID")
        ledger.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((unit,) for unit in unit_hashes))
        others = "SELECT count(DISTINCT run_id) FROM opened_units JOIN asked USING (unit)"
        times = 1 + int(ledger.execute(others).fetchone()[0])
        row = (run_id, workflow, comparison, times, time.time())
        ledger.execute("INSERT INTO openings VALUES (?, ?, ?, ?, ?)", row)
        ledger.execute("INSERT INTO opened_units SELECT unit, ? FROM asked", (run_id,))
        return times


@contextmanager
def _ledger(path: Path) -> Generator[sqlite3.Connection]:
    """Open the ledger in one writing transaction, committed at the end and rolled back on any error."""
    try:
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as ledger:
            _write_ahead(ledger)
            ledger.execute("BEGIN IMMEDIATE")
            try:
                for statement in _SCHEMA.split(";\n"):
                    ledger.execute(statement)
                yield ledger
                ledger.execute("COMMIT")
            except BaseException:
                if ledger.in_transaction:
                    ledger.execute("ROLLBACK")
                raise
    except sqlite3.OperationalError as error:
        # The low byte is the kind of failure, the rest its detail.
        if error.sqlite_errorcode & 0xFF not in _DISK:
            raise
        remedy = "Free space there or make it writable, then: nonet resume RUN"
        raise StorageError(f"Cannot write {path}: {error}.", remedy) from error


def _write_ahead(ledger: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait for its lock here when several processes switch at once."""
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            ledger.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
