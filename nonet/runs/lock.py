"""One process at a time drives a run: two would measure the same trials twice."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Generator
from pathlib import Path

from nonet.errors import InputError, storage

NAME = ".lock"
_PATIENCE = 0.5
"""Seconds to wait for the lock: who only looks holds it for an instant."""


@contextlib.contextmanager
def exclusive(folder: Path) -> Generator[None]:
    """Hold a run while it is driven; the kernel lets go when the process ends, however it ends.

    Raises:
        InputError: another process drives it.
        StorageError: the disk is full.
    """
    with storage(folder / NAME):
        lock = (folder / NAME).open("w")
    with lock:
        until = time.monotonic() + _PATIENCE
        while not _taken(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise InputError(f"{folder.name} is being run by another process.", "Wait for it, or end it.")
            time.sleep(0.02)
        yield


def held(folder: Path) -> bool:
    """Whether a process drives the run."""
    try:
        with (folder / NAME).open() as lock:
            return not _taken(lock.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
