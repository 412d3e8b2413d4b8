"""Stopping a run from outside its graph, and how many runs of a process measure at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

_drains: dict[str, Drain] = {}
_gates: dict[int, threading.BoundedSemaphore] = {}
_lock = threading.Lock()


@dataclass
class Drain:
    """A run's way to end early: the running trial ends, the best so far is decided and delivered.

    Attributes:
        stop: ends the running worker call while it is set.
        asked: whether somebody asked for the drain.
        ended: whether somebody asked again: the run ends where it is.
        measured: whether the trials are over; deciding and delivering are not cut short by the first request.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    asked: bool = False
    ended: bool = False
    measured: bool = False

    def ask(self) -> bool:
        """Ask for the drain; ``False`` the second time, when the run should end at once."""
        first, self.ended, self.asked = not self.asked, self.asked, True
        if not (first and self.measured):
            self.stop.set()
        return first

    def trials_over(self) -> None:
        """Let deciding and delivering run, whether or not the trials were cut short."""
        self.measured = True
        if not self.ended:
            self.stop.clear()


def drain(folder: Path) -> Drain:
    """Return the drain of the run in ``folder``; its nodes and the signal handlers share it."""
    with _lock:
        return _drains.setdefault(str(folder.absolute()), Drain())


def forget(folder: Path) -> None:
    """Drop the drain of a run that has ended."""
    with _lock:
        _drains.pop(str(folder.absolute()), None)


def measuring(limit: int) -> threading.BoundedSemaphore:
    """Return the gate through which at most ``limit`` runs of this process measure at once."""
    with _lock:
        return _gates.setdefault(limit, threading.BoundedSemaphore(limit))
