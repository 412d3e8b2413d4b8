"""A budget: wall time of agents, council and trials, or a number of candidates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nonet.errors import InputError

_UNITS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0, "minutes": 60.0, "h": 3600.0, "hours": 3600.0}


@dataclass(frozen=True)
class Budget:
    """What a run may spend.

    Attributes:
        seconds: wall time of agents, council and trials; ``None`` when candidates are counted.
        candidates: designs measured, the baseline too, each once whatever rungs it passes.
        text: as the user wrote it.
        share: what part of the user's budget this is.
    """

    text: str
    seconds: float | None = None
    candidates: int | None = None
    share: float = 1.0

    def less(self, kept: float) -> Budget:
        """Return the budget without the share that is kept for later.

        Of candidates at least one is kept, unless there are fewer than three.
        """
        if self.seconds is not None:
            return replace(self, seconds=self.seconds * (1 - kept), share=1 - kept)
        count = self.candidates or 0
        return self if count < 3 else replace(self, candidates=count - max(1, int(count * kept)))


def parse(text: str) -> Budget:
    """Parse ``10m``, ``90s``, ``1.5h`` or ``12 trials``.

    Raises:
        InputError: it is none of these, or not positive.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text, re.I)
    if match:
        number, unit = float(match.group(1)), match.group(2).lower()
        if unit in ("trial", "trials", "candidate", "candidates") and number >= 1 and number == int(number):
            return Budget(text.strip(), candidates=int(number))
        if unit in _UNITS and number > 0:
            return Budget(text.strip(), seconds=number * _UNITS[unit])
    raise InputError(f"The budget {text!r} is not understood.", "Give a time ('10m', '90s', '1h') or '12 trials'.")
