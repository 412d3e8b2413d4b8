"""The contract between a blueprint and the trials: units, metrics, objectives, nominations.

Everything the trials know of a workflow goes through these types; a blueprint is a subclass of ``Blueprint``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nonet.state import Json

Direction = Literal["maximise", "minimise"]
LabelKind = Literal["given", "made", "computed"]
Source = Literal["score", "latency", "resource", "judge"]
Comparison = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True)
class Unit:
    """What is scored one by one: a query, a row, a request, a window.

    Attributes:
        key: stable name of the unit within its data.
        features: what a design may see (JSON).
        label: what only the evaluator may see (JSON); ``None`` on units handed to a worker.
        content: the text whose keyed hash decides the split; equal contents fall on one side.
        group: units of one group fall on one side ("" when there is no group).
        time: seconds since the epoch where units have a time; the holdout is then the latest share.
        kind: where the label comes from.
    """

    key: str
    features: Mapping[str, Json]
    label: Json
    content: str
    group: str = ""
    time: float | None = None
    kind: LabelKind = "given"


@dataclass(frozen=True)
class Metric:
    """One number a trial is judged by.

    Attributes:
        unit: "" for a plain number, else "ms", "s", "bytes", "tokens", …
        source: "score" comes from ``Blueprint.score``; "latency" is a percentile of per-unit latencies in
            milliseconds; "resource" is counted by the worker or the harness; "judge" is graded by a model that reads
            contexts and answers, and ``None`` without one.
        mean: whether the metric is a mean over units (then intervals are paired t, else bootstrap).
        tolerance: how much of it a cheaper design may give up; relative when ``relative``.
        percentile: for latencies, 50, 95 or 99.
        minimum_units: with fewer distinct units the value is ``None`` (59 for p95, 299 for p99).
        cold: of latencies, the one of the first question after opening; it has no interval.
        against_baseline: of latencies, the baseline's percentile over this one's, both timed in the same passes.
        needs: what would be needed to measure it here ("" when it can be measured).
    """

    name: str
    direction: Direction
    description: str
    unit: str = ""
    source: Source = "score"
    mean: bool = True
    tolerance: float = 0.01
    relative: bool = False
    percentile: float | None = None
    minimum_units: int = 1
    cold: bool = False
    against_baseline: bool = False
    needs: str = ""


@dataclass(frozen=True)
class Target:
    """A bar on a metric: ``p95_latency_ms < 200``. ``value`` is in the metric's own unit."""

    metric: str
    comparison: Comparison
    value: float

    def __str__(self) -> str:
        return f"{self.metric}{self.comparison}{self.value:g}"

    def holds(self, value: float) -> bool:
        """Whether ``value`` is on the wanted side of the bar."""
        return {
            "<": value < self.value,
            "<=": value <= self.value,
            ">": value > self.value,
            ">=": value >= self.value,
        }[self.comparison]


@dataclass(frozen=True)
class StandingTarget:
    """A bar the mission sets for the workflow; reported, never part of eligibility.

    Attributes:
        needs: what would be needed to measure it here ("" when it can be measured).
    """

    target: Target
    needs: str = ""


@dataclass(frozen=True)
class Objective:
    """``maximise | minimise metric, subject to […]``, and ``cost``: the metric by which "cheapest" is judged.

    ``guide`` is a counted number, less being better, that orders candidates while a timed metric has not been timed.
    """

    metric: str
    cost: str
    subject_to: tuple[Target, ...] = ()
    guide: str = ""


@dataclass(frozen=True)
class Second:
    """What is decided second, given the winner of the objective: fields that change none of its numbers.

    Attributes:
        fields: the design fields; nobody races on them.
        objective: what they are decided by. Targets on its metric and its cost count here, not in the first decision.
    """

    fields: tuple[str, ...]
    objective: Objective


@dataclass(frozen=True)
class Access:
    """What a design's worker may reach besides its environment, its stages and the data: nothing, by default.

    Attributes:
        hosts: ``host:port`` of the services that the design names.
        folders: absolute folders that the design names; they are read, never written.
        variables: names of the environment variables that hold those services' keys; given where they are set.
        chat: the chat model that the design asks, by its provider's name; it is asked through the run, which holds
            the key.
        system_v: System V shared memory, which a PostgreSQL cannot start without; confined workers have none else.
    """

    hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    variables: tuple[str, ...] = ()
    chat: str = ""
    system_v: bool = False


@dataclass(frozen=True)
class Reading:
    """What a design hands to whoever answers one unit's question.

    Attributes:
        text: the whole context, as the shipped project shows it.
        passages: the same in parts, in order; passage ``n`` is cited as ``[n]``, counted from 1.
    """

    question: str
    text: str
    passages: Sequence[str]


@dataclass(frozen=True)
class Nomination:
    """A design, who nominated it and why. Whether it is any good is for the measurement to say."""

    design: Mapping[str, Json]
    seat: str
    reason: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exclusion:
    """A design, choice or technology that cannot be measured here, and what it would need."""

    what: str
    needs: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something the report must say because a tool found it."""

    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What the rules of a blueprint make of a brief and its evidence."""

    baseline: Nomination
    nominations: Sequence[Nomination]
    exclusions: Sequence[Exclusion] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file of the user's that a run will read: where it is, and its name inside the data.

    The limit on the size of files is against documents that nobody meant to give; a model's weights are ``unlimited``.
    """

    path: str
    name: str
    unlimited: bool = False


@dataclass(frozen=True)
class Skipped:
    """A file or record that was left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Sources:
    """The user's files, listed but not yet parsed."""

    files: Sequence[SourceFile]
    skipped: Sequence[Skipped] = ()


@dataclass(frozen=True)
class UnitSet:
    """The units of a run and what must be said about them.

    Attributes:
        notes: sentences for the report (that questions were made, what was hidden, what was dropped).
        hidden: whether the measuring copy differs from the user's data (made questions hidden in it); the
            shipped parts are then built anew from the whole data.
        timing: more units for timing alone, where the units are too few for p95 or p99; never scored.
        warnings: what of the data must be read before the first number.
        seal: whether a share of the units is to be sealed for the claim where they are enough; else all of them choose.
    """

    units: Sequence[Unit]
    notes: Sequence[str] = ()
    hidden: bool = False
    timing: Sequence[Unit] = ()
    seal: bool = True
    warnings: Sequence[str] = ()

    @property
    def timeable(self) -> Sequence[Unit]:
        """The units, then those for timing alone; positions of timed units count through both."""
        return [*self.units, *self.timing]


@dataclass(frozen=True)
class Split:
    """Indexes into ``UnitSet.units``, ascending; disjoint; together all units."""

    fit: tuple[int, ...]
    selection: tuple[int, ...]
    holdout: tuple[int, ...]


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval (unless said otherwise) over ``n`` units."""

    value: float
    low: float
    high: float
    n: int

    def json(self) -> dict[str, Json]:
        """Return ``{value, low, high, n}``; an end that is not known (infinite) is null."""
        low = self.low if math.isfinite(self.low) else None
        high = self.high if math.isfinite(self.high) else None
        return {"value": self.value, "low": low, "high": high, "n": self.n}


@dataclass(frozen=True)
class Scores:
    """What one candidate scored on an ordered list of units.

    Attributes:
        units: indexes into the unit set, in measuring order.
        table: metric → one value per unit (means only).
        latency_ms: median latency per timed unit, keyed by unit index; empty when not timed.
        first_ms: latency of the first unit timed, the first one after opening; ``None`` when not timed.
        resources: counted numbers of the whole candidate (bytes, operations, seconds).
        baseline_ms: the baseline's ``latency_ms``, of the passes in which this candidate was timed.
    """

    units: tuple[int, ...]
    table: Mapping[str, Sequence[float]]
    outputs: Sequence[Json] = ()
    latency_ms: Mapping[int, float] = field(default_factory=dict[int, float])
    resources: Mapping[str, float] = field(default_factory=dict[str, float])
    first_ms: float | None = None
    baseline_ms: Mapping[int, float] = field(default_factory=dict[int, float])
