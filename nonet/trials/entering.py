"""Entering a race: who of the newcomers is built, as far as the budget goes, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock, readable
from nonet.trials.estimate import Estimator
from nonet.trials.track import Track

RESERVE = 0.3
"""Share of a budget in time that entering leaves for the later rungs, the whole sample and the latencies."""
TIMING = 0.15
"""Share of a budget in time that the rungs leave for the latencies."""
SCREENING = 0.5
"""Share of a budget in time that screening on a pool leaves for the finalists' builds on all the data."""


@dataclass
class Entrance:
    """Lets newcomers into a track.

    Attributes:
        estimator: of builds on all the data; without one nothing is estimated.
        share: the track's share of the data, which scales an estimate.
        reserve: share of a budget in time that must be left.
    """

    track: Track
    clock: Clock
    estimator: Estimator | None
    share: float = 1.0
    reserve: float = RESERVE

    def enter(self, newcomers: Sequence[Candidate], rung: int, places: int | None = None) -> list[Candidate]:
        """Build newcomers and measure them on a rung, as far as the budget goes; return those measured.

        Where the clock counts, a candidate that would take more than half of the time there is waits for the others.

        Args:
            newcomers: in the order in which to build.
            rung: how many units.
            places: how many may still be tried; ``None`` where candidates are not counted.

        Raises:
            Over: a signal came.
        """
        entered: list[Candidate] = []
        dear: list[Candidate] = []
        for candidate in chain(newcomers, dear):
            if candidate not in dear and self._is_dear(candidate):
                dear.append(candidate)
                continue
            if places is not None and not candidate.tried:
                if places <= 0:
                    candidate.not_measured = "the budget in trials ended first"
                    continue
                places -= 1
            if self.fits(candidate):
                self.track.measure(candidate, rung)
            if self.track.count(candidate) >= rung:
                entered.append(candidate)
        return entered

    def fits(self, candidate: Candidate) -> bool:
        """Whether the time left for entering holds the candidate's build; if not, say what it would need."""
        room = self._room()
        if room is None:
            return True
        candidate.estimate = self.needed(candidate) if room > 0 else None
        if room > 0 and (candidate.estimate or 0.0) <= room:
            return True
        candidate.not_measured = _would_need(candidate.estimate, room)
        return False

    def needed(self, candidate: Candidate) -> float | None:
        """Return the seconds that building a candidate here would take; ``None`` where it is not estimated."""
        whole = self.estimator.seconds(candidate.design) if self.estimator else None
        return None if whole is None else whole * self.share

    def _room(self) -> float | None:
        """Seconds left for entering; ``None`` when candidates are counted."""
        left, budget = self.clock.left(), self.clock.budget.seconds or 0.0
        if left is None:
            return None
        # Halving from rung to rung measures about as often again as entering did.
        rungs = sum(self.track.took) + TIMING * budget
        return left - max(self.reserve * budget, rungs)

    def _is_dear(self, candidate: Candidate) -> bool:
        room = self._room()
        return room is not None and room > 0 and (self.needed(candidate) or 0.0) > room / 2


def _would_need(estimate: float | None, left: float) -> str:
    if estimate is None:
        return "the budget in time ended first"
    return f"its build would need about {readable(estimate)}; {readable(max(0.0, left))} were left for building"
