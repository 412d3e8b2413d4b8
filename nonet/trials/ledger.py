"""What was spent: an append-only journal in the run folder that survives kill -9.

Every entry is one line, written with one ``O_APPEND`` write and synchronised. A running operation is ticked, so that
being killed loses at most ``TICK`` seconds of it. Spent time is wall time: operations that ran side by side, or inside
one another, count once.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonet.errors import storage
from nonet.state import Json

TICK = 2.0
"""Seconds between two marks of a running operation."""


@dataclass(frozen=True)
class Entry:
    """One operation as the journal knows it.

    Attributes:
        at: when it began, seconds since the epoch.
        what: its kind, such as "build", "outputs", "latency" or "step:gather".
        key: what it was done to ("" when to nothing in particular); a design's key for trials.
        seconds: how long it ran; up to its last mark when it never ended.
        state: "running" (never ended: killed), "done" or "failed".
    """

    at: float
    what: str
    key: str
    seconds: float
    state: str


class Ledger:
    """The journal of one run. Any number of threads and of ``Ledger`` objects may write to one path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def book(self, what: str, began: float, seconds: float, key: str = "", **fields: Json) -> None:
        """Write an operation that is over; ``began`` in seconds since the epoch."""
        self._append(
            {
                "id": uuid.uuid4().hex[:12],
                "at": began,
                "what": what,
                "key": key,
                "seconds": seconds,
                "state": "done",
                **fields,
            }
        )

    @contextmanager
    def operation(self, what: str, key: str = "", **fields: Json) -> Generator[None]:
        """Book the time of the block, marking it while it runs."""
        began, clock = time.time(), time.monotonic()
        entry: dict[str, Json] = {"id": uuid.uuid4().hex[:12], "at": began, "what": what, "key": key, **fields}
        over = threading.Event()

        def mark(state: str) -> None:
            self._append({**entry, "seconds": round(time.monotonic() - clock, 4), "state": state})

        def tick() -> None:
            while not over.wait(TICK):
                try:
                    mark("running")
                except Exception:  # the disk is full: the block's own writes will say so
                    return

        mark("running")
        ticker = threading.Thread(target=tick, name="nonet-ledger", daemon=True)
        ticker.start()
        state = "failed"
        try:
            yield
            state = "done"
        finally:
            over.set()
            ticker.join()
            mark(state)

    def entries(self) -> list[Entry]:
        """Return every operation in the order it was first written; a torn or foreign line is passed over."""
        found: dict[str, Entry] = {}
        for row in self._rows():
            try:
                entry = Entry(
                    float(row["at"]),
                    str(row["what"]),
                    str(row.get("key", "")),
                    float(row["seconds"]),
                    str(row["state"]),
                )
                found[str(row["id"])] = entry
            except (KeyError, TypeError, ValueError):
                continue
        return list(found.values())

    def spent_seconds(self) -> float:
        """Return the wall time of all operations: the length of the union of their spans."""
        total, until = 0.0, float("-inf")
        for begin, end in sorted((entry.at, entry.at + entry.seconds) for entry in self.entries()):
            total += max(0.0, end - max(begin, until))
            until = max(until, end)
        return total

    def candidates(self) -> list[str]:
        """Return the keys of the designs whose measuring was begun, each once, in order."""
        return list(dict.fromkeys(entry.key for entry in self.entries() if entry.what == "outputs" and entry.key))

    def _rows(self) -> Iterator[dict[str, Any]]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row

    def _append(self, row: dict[str, Json]) -> None:
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        with storage(self.path, len(line)):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                if _torn(descriptor):
                    line = b"\n" + line
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _torn(descriptor: int) -> bool:
    """Whether the last line was cut off by a kill or a full disk."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
