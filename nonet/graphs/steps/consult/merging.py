"""Merging what seats nominated: the union by canonical design, with who nominated each. Nobody's design is averaged.

Agreement is who nominated a design, and nothing more: models err together, so it is no confidence. What a seat's record
weighs is its turn in the queue of what is built, and nothing else: every design of every seat stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from nonet.errors import InputError
from nonet.state import Json
from nonet.trials import space


@dataclass(frozen=True)
class Ballot:
    """What one seat nominated, what it would build first being first."""

    seat: str
    designs: Sequence[Mapping[str, Json]]


@dataclass(frozen=True)
class Merged:
    """One design of the union.

    Attributes:
        key: name of the canonical design.
        seats: who nominated it, in the order of the ballots.
        turn: the largest of its seats' weights over their place for it; the largest is built first.
    """

    key: str
    design: Mapping[str, Json]
    seats: tuple[str, ...]
    turn: float


@dataclass(frozen=True)
class Union:
    """The merge.

    Attributes:
        merged: every design once, in the order to build.
        refused: seat → why some of its designs lie outside the space.
    """

    merged: tuple[Merged, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def agreed(self) -> list[Merged]:
        """The designs that more than one seat nominated."""
        return [each for each in self.merged if len(each.seats) > 1]


def merge(
    design_space: type[BaseModel], ballots: Sequence[Ballot], weights: Mapping[str, float] | None = None
) -> Union:
    """Unite ballots by canonical design.

    The queue is D'Hondt's: a seat's first design has its weight, its second half of it, its third a third. With equal
    weights all first choices are built before any second one, in the order of the ballots.

    Args:
        design_space: validates the designs and fills their defaults.
        ballots: one a seat.
        weights: seat → weight above 0 (default: 1 for each).
    """
    found: dict[str, Merged] = {}
    refused: dict[str, list[str]] = {}
    for ballot in ballots:
        weight, place = (weights or {}).get(ballot.seat, 1.0), 0
        own: set[str] = set()
        for design in ballot.designs:
            try:
                canonical = space.canonical(design_space, design)
            except InputError as error:
                refused.setdefault(ballot.seat, []).append(error.message)
                continue
            name = space.key(canonical)
            if name in own:
                continue
            own.add(name)
            place += 1
            known = found.get(name)
            seats = (*known.seats, ballot.seat) if known else (ballot.seat,)
            turn = max(weight / place, known.turn if known else 0.0)
            found[name] = Merged(name, canonical, seats, turn)
    queue = sorted(found.values(), key=lambda each: -each.turn)  # stable: equals keep the order of the ballots
    return Union(tuple(queue), {seat: tuple(why) for seat, why in refused.items()})
