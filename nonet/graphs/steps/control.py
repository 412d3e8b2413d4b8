"""Stopping a run from outside its graph: one event a run folder, shared by its nodes and the signal handlers."""

from __future__ import annotations

import threading
from pathlib import Path

_events: dict[str, threading.Event] = {}
_taken: set[str] = set()
_lock = threading.Lock()
_measuring: dict[int, threading.BoundedSemaphore] = {}


def stop_event(folder: Path) -> threading.Event:
    """Return the run's stop event; when set, the running trial ends and the best so far is decided and delivered."""
    with _lock:
        return _events.setdefault(str(folder.absolute()), threading.Event())


def draining(folder: Path) -> None:
    """Note that a stop has been taken up: the next one is meant for what runs now."""
    with _lock:
        _taken.add(str(folder.absolute()))


def drained(folder: Path) -> bool:
    """Whether a stop has been taken up."""
    with _lock:
        return str(folder.absolute()) in _taken


def forget(folder: Path) -> None:
    """Drop the event of a run that has ended."""
    with _lock:
        _events.pop(str(folder.absolute()), None)
        _taken.discard(str(folder.absolute()))


def measuring(limit: int) -> threading.BoundedSemaphore:
    """Return the gate through which at most ``limit`` runs of this process measure at once."""
    with _lock:
        return _measuring.setdefault(limit, threading.BoundedSemaphore(limit))
