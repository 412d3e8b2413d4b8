"""The clock of a budget: what was spent before this process, and what is left now."""

from __future__ import annotations

import time

from nonet.trials.budget import Budget
from nonet.trials.ledger import Ledger


class Clock:
    """Counts down a budget in time; a resumed run starts from what its ledger says was spent.

    Args:
        budget: what may be spent.
        ledger: what was.
    """

    def __init__(self, budget: Budget, ledger: Ledger) -> None:
        self.budget = budget
        self._before = ledger.spent_seconds()
        self._began = time.monotonic()

    def spent(self) -> float:
        """Seconds of agents, council and trials up to now."""
        return self._before + time.monotonic() - self._began

    def left(self) -> float | None:
        """Seconds left, negative when overdrawn; ``None`` when the budget counts candidates."""
        return None if self.budget.seconds is None else self.budget.seconds - self.spent()


def readable(seconds: float) -> str:
    """Write a duration for people: ``45 s``, ``12 min``, ``3.5 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
