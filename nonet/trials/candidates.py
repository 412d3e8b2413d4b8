"""The candidates of a race: designs with who nominated them, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from nonet.errors import InputError
from nonet.state import Json
from nonet.trials.contract import Nomination
from nonet.trials.space import canonical, key


@dataclass
class Candidate:
    """One design in a race.

    Attributes:
        key: name of the canonical design.
        seats: who nominated it, first come first.
        reasons: one per seat.
        screened: how many units of the measuring order it has been measured on over a pool of the data.
        measured: how many it has been measured on over all the data.
        refines: key of the candidate whose second fields it changes ("" for those that race).
        dropped: why it went out of the race ("" while it is in).
        failed: why it could not be built or run.
        not_measured: why it was never built, with the time it would need.
        estimate: seconds its build and first rung are expected to take (``None``: not estimated).
    """

    key: str
    design: Mapping[str, Json]
    seats: list[str] = field(default_factory=list[str])
    reasons: list[str] = field(default_factory=list[str])
    evidence: list[str] = field(default_factory=list[str])
    baseline: bool = False
    screened: int = 0
    measured: int = 0
    refines: str = ""
    dropped: str = ""
    failed: str = ""
    not_measured: str = ""
    estimate: float | None = None

    def compared_on(self, count: int) -> bool:
        """Whether it stands in a comparison over the first ``count`` units of the measuring order."""
        return self.measured >= count and not (self.failed or self.dropped or self.refines)

    @property
    def tried(self) -> bool:
        """Whether it took a place of a budget in candidates: measured, in part at least, or failed."""
        return bool(self.measured or self.screened or self.failed)


def gather(space: type[BaseModel], nominations: Iterable[Nomination]) -> tuple[list[Candidate], list[str]]:
    """Unite nominations by canonical design, in order of first nomination; minority ones stay.

    Returns the candidates, and a sentence for each nomination that lies outside the space.
    """
    united: dict[str, Candidate] = {}
    refused: list[str] = []
    for nomination in nominations:
        try:
            design = canonical(space, nomination.design)
        except InputError as error:
            refused.append(f"The seat {nomination.seat!r} nominated an impossible design: {error.message}")
            continue
        name = key(design)
        candidate = united.setdefault(name, Candidate(name, design))
        if nomination.seat not in candidate.seats:
            candidate.seats.append(nomination.seat)
            candidate.reasons.append(nomination.reason)
            candidate.evidence.extend(item for item in nomination.evidence if item not in candidate.evidence)
    return list(united.values()), refused
