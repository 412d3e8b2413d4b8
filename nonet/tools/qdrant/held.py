"""Whose turn it is with the index: one process at a time has it open, and keeps it open until another one wants it.

Opening the shard costs fifty times what a search does, so a process leaves it open after a search, for ``KEPT`` seconds
or until somebody waits. Two files say so, by locks that the kernel lets go when a process ends however it ends:
``index.lock`` is held by who has the index, ``index.waiting`` is shared by who waits for it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nonet.errors import storage

if TYPE_CHECKING:
    import qdrant_edge

    from nonet.tools.qdrant.embedded import Position

KEPT = 5.0
"""Seconds for which an index nobody searches is kept open."""
_GLANCE = 0.02
"""Seconds between two looks at whether somebody waits."""


@dataclass
class Seat:
    """This process's hold on one index.

    Attributes:
        folder: the index's.
        turn: held by the thread that has its turn.
        shard: what is open, with the position it has come to; ``None`` while nothing is.
    """

    folder: Path
    turn: threading.Lock = field(default_factory=threading.Lock)
    shard: qdrant_edge.EdgeShard | None = None
    position: Position | None = None
    _lock: IO[str] | None = None
    _directory: int = -1
    _used: float = 0.0

    def keep(self, shard: qdrant_edge.EdgeShard, position: Position) -> None:
        """Leave a shard open for the next search."""
        if shard is not self.shard:
            # While its folder is open, another one in its place cannot have the same number.
            self._directory = os.open(self.folder / "shard", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.shard, self.position = shard, position

    def stands(self) -> bool:
        """Whether what is open is still what lies in the folder."""
        try:
            there, mine = os.stat(self.folder / "shard"), os.fstat(self._directory)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)

    def drop(self) -> None:
        """Close the shard; what it held is on disk since the search that added it."""
        shard, self.shard, self.position = self.shard, None, None
        if self._directory >= 0:
            os.close(self._directory)
            self._directory = -1
        if shard is not None:
            with contextlib.suppress(Exception):  # its files may be gone
                shard.close()

    def taken(self, until: float) -> bool:
        """Take the lock; ``False`` when another process has kept it until then."""
        if self._lock is not None:
            return True
        with storage(self.folder):
            lock = self.folder.with_name("index.lock").open("w")
            waiting = self.folder.with_name("index.waiting").open("w")
        if not _locked(lock) and not _waited(lock, waiting, until):
            lock.close()
            waiting.close()
            return False
        fcntl.flock(waiting, fcntl.LOCK_UN)
        self._lock = lock
        threading.Thread(target=self._watch, args=(waiting,), name="nonet-memory", daemon=True).start()
        return True

    def used(self) -> None:
        """Note that a search has ended now."""
        self._used = time.monotonic()

    def release(self) -> None:
        """Close what is open and let others have the index."""
        self.drop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def abandon(self) -> None:
        """In a child that was forked: the index is the parent's, whose lock stays."""
        if self._lock is not None:
            self._lock.close()

    def _watch(self, waiting: IO[str]) -> None:
        """Let go of the index once nobody has searched it for long, or somebody else waits for it."""
        with waiting:
            while True:
                time.sleep(_GLANCE)
                with self.turn:
                    if _locked(waiting):
                        fcntl.flock(waiting, fcntl.LOCK_UN)
                        if time.monotonic() - self._used < KEPT:
                            continue
                    self.release()
                    return


_seats: dict[Path, Seat] = {}
_abandoned: list[Seat] = []
_making = threading.Lock()


@contextlib.contextmanager
def turn(folder: Path, patience: float) -> Generator[Seat | None]:
    """Have one's turn with an index; ``None`` when others kept it for longer than ``patience`` seconds."""
    until = time.monotonic() + patience
    seat = _seat(folder)
    if not seat.turn.acquire(timeout=max(0.0, patience)):
        yield None
        return
    try:
        taken = seat.taken(until)
        yield seat if taken else None
        seat.used()
    finally:
        seat.turn.release()


def _seat(folder: Path) -> Seat:
    with _making:
        if not _seats and not _abandoned:
            atexit.register(_end)
            os.register_at_fork(after_in_child=_leave)
        return _seats.setdefault(folder, Seat(folder))


def _end() -> None:
    for seat in _seats.values():
        if seat.turn.acquire(timeout=1):
            seat.release()


def _leave() -> None:
    """Nothing of a parent's index is touched by its child, not even to let go of it."""
    _abandoned.extend(_seats.values())
    for seat in _seats.values():
        seat.abandon()
    _seats.clear()


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _waited(lock: IO[str], waiting: IO[str], until: float) -> bool:
    fcntl.flock(waiting, fcntl.LOCK_SH)
    while time.monotonic() < until:
        time.sleep(_GLANCE / 2)
        if _locked(lock):
            return True
    return False
