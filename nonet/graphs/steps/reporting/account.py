"""A run as its report sees it: the rows of the run folder's files, typed, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from nonet.graphs.steps.consult.opinions import Said
from nonet.providers.spending import Asked
from nonet.state import Brief, Evidence
from nonet.trials.blueprint import Blueprint
from nonet.trials.claim import Claim
from nonet.trials.contract import Exclusion, Finding, Interval, Metric, Skipped
from nonet.trials.decision import Comparison, Decision, TargetResult, interval
from nonet.trials.ledger import Entry


def _no_null(value: Any) -> Any:
    return {} if value is None else value


Measured = Annotated[Interval | None, BeforeValidator(interval)]
Metrics = Annotated[dict[str, Measured], BeforeValidator(_no_null)]


class Row(BaseModel):
    """A row of a file; a file may say more than the report reads."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CandidateRow(Row):
    """A design, who nominated it, and what became of it (see ``trials.candidates.Candidate``)."""

    key: str
    design: dict[str, Any]
    description: str = ""
    seats: list[str] = []
    reasons: list[str] = []
    evidence: list[str] = []
    baseline: bool = False
    screened: int = 0
    measured: int = 0
    refines: str = ""
    dropped: str = ""
    failed: str = ""
    not_measured: str = ""
    estimate: float | None = None
    metrics: Metrics = {}


class Concluded(Row):
    """What the model of one specialist makes of the evidence (see ``agents.findings``): its opinion."""

    step: str
    agent: str
    model: str
    findings: list[dict[str, Any]] = []
    dropped_references: int = 0
    dropped_findings: int = 0


class Best(Row):
    """The best design of a seat, on the objective."""

    candidate: str
    value: float


class SeatRow(Row):
    """One voice against what was measured."""

    seat: str
    nominated: int
    measured: int
    nominated_winner: bool
    best: Best | None = None


class CallRow(Row):
    """One question to one backend of a tool (see ``tools.services.record.Call``)."""

    tool: str
    backend: str
    remote: bool
    outcome: str
    seconds: float
    size: int = 0


class LabelRow(Row):
    """How many units have labels of a kind."""

    kind: str
    selection: int
    holdout: int


class Spent(Row):
    """What of the budget was used."""

    seconds: float
    candidates: int


class BudgetRow(Row):
    """The budget, and what ended the race: ``None``, "trials", "time" or "signal"."""

    asked: str
    spent: Spent
    bound: str | None = None


class ErrorRow(Row):
    """A unit on which the winner does badly, with the baseline's value beside its own."""

    unit: str
    kind: str = ""
    features: dict[str, Any] = {}
    value: float | None = None
    baseline_value: float | None = None
    outputs: Any = None


class TestsRow(Row):
    """How the shipped project's own tests ended."""

    passed: bool
    command: str = ""
    output_tail: str = ""
    seconds: float = 0.0


class Extent(Row):
    """The size of the shipped project."""

    files: int
    bytes: int


class Holdout(Row):
    """Every metric of winner and baseline on the holdout."""

    winner: Metrics = {}
    baseline: Metrics = {}


@dataclass(frozen=True)
class TargetRow:
    """A target's result, and what would be needed to measure it ("" when it could be)."""

    result: TargetResult
    needs: str = ""


@dataclass(frozen=True)
class Delivery:
    """What was shipped and claimed.

    Attributes:
        beside: claims on other metrics at the same opening.
        differences: winner − baseline on the objective, one per holdout unit; empty where it is no mean.
    """

    claim: Claim
    beside: Sequence[Claim]
    metrics: Holdout
    differences: Sequence[float]
    tests: TestsRow | None
    emitted: Extent | None


@dataclass(frozen=True)
class Integrity:
    """What was hashed and with what it was measured."""

    hashes: Mapping[str, str | Mapping[str, str]]
    packages: Mapping[str, str]
    machine: Mapping[str, str]
    commands: Sequence[str]
    openings: int | None


@dataclass(frozen=True)
class Data:
    """The data as it was read."""

    fingerprint: Mapping[str, Any]
    counts: Mapping[str, Any]
    skipped: Sequence[Skipped]
    files: int
    hidden: bool
    notes: Sequence[str]
    warnings: Sequence[str]


@dataclass(frozen=True)
class Account:
    """Everything a report says, before it is said.

    Attributes:
        values: what outcomes are worth, as the user gave it.
        by_kind: kind of label → candidate → metrics on the selection units of that kind; empty where there is one kind.
        parts: "fit", "selection", "holdout" → number of units.
        differences: winner − baseline on the objective, one per selection unit; empty where not on record.
        commands: the programs that the shipped project installs.
        second: what was decided given the winner of the objective, if anything was.
        concluded: what the models of specialists make of the evidence, one a step.
        council: who was asked, and what the merge came to; ``said`` what each seat answered.
        asked: every question to a model, of agents and council.
        judge: what a model made of answers, and how far it agrees with itself; empty where none was asked.
        pool: what candidates were screened on, where they were: ``{units, share, finalists}``.
    """

    run_id: str
    blueprint: Blueprint[Any, Any]
    brief: Brief
    values: Mapping[str, str]
    evidence: Sequence[Evidence]
    calls: Sequence[CallRow]
    exclusions: Sequence[Exclusion]
    findings: Sequence[Finding]
    concluded: Sequence[Concluded]
    data: Data
    parts: Mapping[str, int]
    compared: int
    decision: Decision
    second: Decision | None
    pool: Mapping[str, Any]
    judge: Mapping[str, Any]
    baseline_key: str
    winner_metrics: Mapping[str, Interval | None]
    baseline_metrics: Mapping[str, Interval | None]
    by_kind: Mapping[str, Mapping[str, Mapping[str, Interval | None]]]
    rows: Sequence[CandidateRow]
    targets: Sequence[TargetRow]
    standing_targets: Sequence[TargetRow]
    labels: Sequence[LabelRow]
    seats: Sequence[SeatRow]
    budget: BudgetRow
    isolation: str
    errors: Sequence[ErrorRow]
    differences: Sequence[float]
    model: str
    delivery: Delivery
    integrity: Integrity | None
    spent: Sequence[Entry]
    spent_seconds: float
    pattern: Mapping[str, Any]
    approval: Mapping[str, Any]
    notes: Sequence[str]
    commands: Sequence[str]
    council: Mapping[str, Any]
    said: Sequence[Said]
    asked: Sequence[Asked]

    @property
    def mixed(self) -> bool:
        """Whether the choice was made on labels of more than one kind."""
        return sum(bool(row.selection) for row in self.labels) > 1

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The blueprint's metrics by name."""
        return {metric.name: metric for metric in self.blueprint.metrics}

    @property
    def objective(self) -> Metric:
        """The metric that the decision is about."""
        return self.metrics[self.blueprint.objective.metric]

    @property
    def cost(self) -> Metric:
        """The metric by which "cheapest" is judged."""
        return self.metrics[self.blueprint.objective.cost]

    @cached_property
    def candidates(self) -> dict[str, CandidateRow]:
        """Every candidate by key, best first, those that were not compared last.

        Of those decided second only what ships is a candidate; it stands for the winner it refines.
        """
        place = {comparison.candidate: index for index, comparison in enumerate(self.decision.comparisons)}
        shipped = next(row for row in self.rows if row.key == self.decision.winner)
        hidden = {shipped.refines} - {self.baseline_key}
        raced = [row for row in self.rows if row is shipped or not (row.refines or row.key in hidden)]
        ordered = sorted(raced, key=lambda row: (place.get(row.key, len(place)), -row.measured, -row.screened))
        return {row.key: row for row in ordered}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Candidate → the number it goes by in the report."""
        return {key: place for place, key in enumerate(self.candidates, start=1)}

    @property
    def winner(self) -> CandidateRow:
        """What ships."""
        return self.candidates[self.decision.winner]

    @property
    def baseline(self) -> CandidateRow:
        """What it is compared with."""
        return self.candidates[self.baseline_key]

    @property
    def winner_is_baseline(self) -> bool:
        """Whether nothing better than the baseline was found."""
        return self.baseline_key in (self.decision.winner, self.winner.refines)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Candidate → its comparison with the best."""
        return {comparison.candidate: comparison for comparison in self.decision.comparisons}

    def name(self, key: str) -> str:
        """Name a candidate by its number and one line of its design."""
        row = self.candidates.get(key)
        return f"{self.numbers[key]} · {self.describe(row)}" if row else key

    def describe(self, row: CandidateRow) -> str:
        """One line of a candidate's design."""
        return row.description or self.blueprint.describe(row.design)

    @property
    def unmeasured(self) -> list[CandidateRow]:
        """The candidates that were named but never built, or for want of time not on all the data."""
        return [
            row
            for row in self.candidates.values()
            if not (row.measured or row.failed) and (row.not_measured or not row.screened)
        ]
