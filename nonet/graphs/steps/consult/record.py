"""The record of the seats: what each nominated in every run, held against what was measured there.

Entries are append-only and kept in Nonet's home, in a journal of their own beside the memory's; many processes may
write. A run's entry is kept once, however often its step runs. What comes of the record is a seat's weight, which
orders the queue of what is built and nothing else, and a table in which the controls stand beside the models.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from nonet.settings import Settings
from nonet.tools.qdrant.journal import Journal
from nonet.trials.statistics import rate_bounds

ENOUGH = 20
"""Outcomes of a seat before its record weighs; also how many outcomes of the mean its own are shrunk by."""
CONTROLS = ("rules", "memory", "neighbours")
Role = Literal["model", "control", "person"]


class Outcome(BaseModel):
    """One seat in one run.

    Attributes:
        nominated: designs that nobody had measured before it named them; ``measured`` of them were built.
        unique: of the measured ones, those that no other seat named.
        won: it nominated what ships; ``added`` nobody else did.
        best: it nominated the design that measured best.
        regret: how far the best of its own stays behind the best measured, in the objective's unit and never negative;
            ``None`` where none of its own was compared.
        failed: the fault, where it gave no opinion in time.
        usd: ``None`` where a price is not known.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    seat: str
    role: Role
    nominated: int = 0
    measured: int = 0
    unique: int = 0
    won: bool = False
    added: bool = False
    best: bool = False
    regret: float | None = None
    failed: str = ""
    tokens: int = 0
    usd: float | None = 0.0


class Consultation(BaseModel):
    """One run: its objective, and every seat of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    run_id: str
    workflow: str
    metric: str
    seats: list[Outcome]


class Comparisons(BaseModel):
    """What a judge said of pairs of options shown in both orders: how many, and of how many its verdict turned."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    seat: str
    question: str
    pairs: int
    flipped: int


class Standing(BaseModel):
    """A seat over all its runs.

    Attributes:
        outcomes: runs in which it nominated something; ``failures`` those in which it could not be heard.
        regret: workflow and metric → the median regret there.
        flips: share of its verdicts on pairs of options that turned with their order; ``None`` where it judged none.
        usd_per_unique: USD for each measured design that only it named; ``None`` where there is none, or no price.
        weight: what its turn in the queue is multiplied by.
        never_added: it never nominated a winner that nobody else did.
    """

    seat: str
    role: Role
    outcomes: int
    failures: int
    wins: int
    added: int
    best: int
    measured: int
    unique: int
    regret: dict[str, float]
    flips: float | None
    tokens: int
    usd: float | None
    usd_per_unique: float | None
    weight: float
    never_added: bool


class CoFailure(BaseModel):
    """How often all model seats of a run together missed what measured best, with the exact 95 % interval."""

    runs: int
    missed: int
    low: float
    high: float


def keep(settings: Settings, consultation: Consultation) -> None:
    """Keep a run's outcomes; the same ones twice are kept once.

    Raises:
        StorageError: the disk is full.
    """
    _journal(settings).append("consultation", consultation.workflow, consultation.model_dump(mode="json"))


def keep_comparisons(settings: Settings, comparisons: Comparisons) -> None:
    """Keep what a judge's verdicts came to when options were shown in both orders.

    Raises:
        StorageError: the disk is full.
    """
    _journal(settings).append("comparison", "", comparisons.model_dump(mode="json"))


def consultations(settings: Settings) -> list[Consultation]:
    """Return every run on record, oldest first; entries of a later form, which we cannot read, are left out."""
    found: dict[str, Consultation] = {}
    for entry in _journal(settings).entries("consultation"):
        try:
            each = Consultation.model_validate(entry.body)
        except ValidationError:
            continue
        found[each.run_id] = each
    return list(found.values())


def standings(settings: Settings) -> list[Standing]:
    """Return every seat on record, models first, most wins first."""
    runs = consultations(settings)
    by_seat: dict[str, list[tuple[Consultation, Outcome]]] = {}
    for run in runs:
        for outcome in run.seats:
            by_seat.setdefault(outcome.seat, []).append((run, outcome))
    flips = _flips(settings)
    for seat in flips:
        by_seat.setdefault(seat, [])
    weighed = _weights(runs, list(by_seat))
    found = [_standing(seat, rows, flips.get(seat), weighed[seat]) for seat, rows in by_seat.items()]
    return sorted(found, key=lambda each: (each.role != "model", -each.wins, each.seat))


def weights(settings: Settings, seats: Sequence[str]) -> dict[str, float]:
    """Return seat → weight for the queue: its win rate over the mean of all model seats, shrunk towards that mean.

    The rate of w wins in n outcomes is shrunk to (w + 20 m) / (n + 20), m being the rate of all of them together; a
    seat with fewer than 20 outcomes has the weight 1.
    """
    return _weights(consultations(settings), seats)


def co_failure(settings: Settings) -> CoFailure:
    """Return how often the model seats erred together: the runs in which at least two of them nominated something."""
    runs = missed = 0
    for run in consultations(settings):
        models = [each for each in run.seats if each.role == "model" and each.nominated]
        if len(models) > 1:
            runs += 1
            missed += not any(each.best for each in models)
    low, high = rate_bounds(missed, runs)
    return CoFailure(runs=runs, missed=missed, low=low, high=high)


def lines(seats: Sequence[Standing], together: CoFailure) -> list[str]:
    """Return the record for people, a seat a line."""
    if not seats:
        return ["No run is on record."]
    found: list[str] = []
    for each in seats:
        usd = "no price known" if each.usd is None else f"{each.usd:.4f} USD"
        parts = [
            f"{each.wins} wins in {each.outcomes} runs, {each.added} of them nobody else's",
            f"nominated the measured best {each.best} times",
            *(f"median regret {value:.4g} ({name})" for name, value in each.regret.items()),
            *([f"{each.failures} times not heard"] if each.failures else []),
            *([f"{each.flips:.0%} of its verdicts turned with the order"] if each.flips is not None else []),
        ]
        if each.role == "model":
            unique = "" if each.usd_per_unique is None else f", {each.usd_per_unique:.4f} USD a design of its own"
            parts += [f"{each.tokens:,} tokens, {usd}{unique}", f"weight {each.weight:.2f}"]
        if each.never_added:
            parts.append(f"NEVER ADDED A WIN, for {usd}" if each.role == "model" else "never added a win")
        found.append(f"{each.seat} ({each.role}): {'; '.join(parts)}")
    if together.runs:
        found.append(
            f"All model seats missed the measured best together in {together.missed} of {together.runs} runs "
            f"(95 % interval {together.low:.2f} to {together.high:.2f})."
        )
    return found


def _weights(runs: Sequence[Consultation], seats: Sequence[str]) -> dict[str, float]:
    outcomes = [each for run in runs for each in run.seats if each.role == "model" and each.nominated]
    counts = {seat: [each.won for each in outcomes if each.seat == seat] for seat in seats}
    mean = sum(each.won for each in outcomes) / len(outcomes) if outcomes else 0.0
    if not mean:
        return dict.fromkeys(seats, 1.0)
    return {
        seat: 1.0 if len(won) < ENOUGH else round((sum(won) + ENOUGH * mean) / (len(won) + ENOUGH) / mean, 4)
        for seat, won in counts.items()
    }


def _standing(seat: str, rows: Sequence[tuple[Consultation, Outcome]], flips: float | None, weight: float) -> Standing:
    own = [outcome for _, outcome in rows]
    regrets: dict[str, list[float]] = {}
    for run, outcome in rows:
        if outcome.regret is not None:
            regrets.setdefault(f"{run.workflow}: {run.metric}", []).append(outcome.regret)
    priced = [each.usd for each in own if each.usd is not None]
    usd = round(sum(priced), 6) if len(priced) == len(own) else None
    unique, added = sum(each.unique for each in own), sum(each.added for each in own)
    return Standing(
        seat=seat,
        role=own[-1].role if own else "model",
        outcomes=sum(bool(each.nominated) for each in own),
        failures=sum(bool(each.failed) for each in own),
        wins=sum(each.won for each in own),
        added=added,
        best=sum(each.best for each in own),
        measured=sum(each.measured for each in own),
        unique=unique,
        regret={name: statistics.median(found) for name, found in regrets.items()},
        flips=flips,
        tokens=sum(each.tokens for each in own),
        usd=usd,
        usd_per_unique=None if usd is None or not unique else round(usd / unique, 6),
        weight=weight,
        never_added=bool(own) and not added,
    )


def _flips(settings: Settings) -> Mapping[str, float]:
    pairs: dict[str, list[int]] = {}
    for entry in _journal(settings).entries("comparison"):
        try:
            each = Comparisons.model_validate(entry.body)
        except ValidationError:
            continue
        found = pairs.setdefault(each.seat, [0, 0])
        found[0] += each.pairs
        found[1] += each.flipped
    return {seat: flipped / shown for seat, (shown, flipped) in pairs.items() if shown}


def _journal(settings: Settings) -> Journal:
    return Journal(settings.home_path / "memory" / "council.sqlite")
