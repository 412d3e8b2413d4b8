"""Patterns: measured decisions, as the memory keeps them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from nonet.settings import Settings
from nonet.state import Json, Scalar
from nonet.tools.qdrant.journal import Entry, Journal

Tier = Literal["global", "workflow", "project"]
LabelKind = Literal["given", "made", "computed"]
TEXT_LIMIT = 64


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(_Model):
    """A metric's value with its interval over ``n`` units."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int = Field(ge=0)


class Provenance(_Model):
    """Where a pattern comes from. ``holdout`` is what was claimed; memory never ranks by it."""

    run_id: str
    nonet: str
    seat: str = ""
    reason: str = ""
    holdout: dict[str, JsonValue] = {}


class Pattern(_Model):
    """One measured decision.

    Attributes:
        design: the canonical design that was shipped.
        metric: name of the objective's metric, a key of ``metrics``; ``direction`` says which way is better.
        metrics: selection results of the design.
        labels: where the labels came from.
        fingerprint: sizes, quantiles and language of the data; no text of the user's outside the project tier.
        environment: versions and platform it was measured on.
        embedder: the embedding model of the design, if any.
        tier: how far it may be carried: this project, this workflow, or everywhere.
        goal: the request, in the project tier only.
    """

    schema_version: Literal[1] = 1
    workflow: str
    design: dict[str, JsonValue]
    metric: str
    direction: Literal["maximise", "minimise"]
    metrics: dict[str, Measured]
    labels: list[LabelKind]
    fingerprint: dict[str, JsonValue]
    environment: dict[str, str]
    embedder: str = ""
    provenance: Provenance
    tier: Tier = "workflow"
    goal: str = ""

    @model_validator(mode="after")
    def _holds(self) -> Pattern:
        if self.metric not in self.metrics:
            raise ValueError(f"the metric {self.metric!r} is not among the metrics")
        if self.tier != "project" and (self.goal or any(len(text) > TEXT_LIMIT for text in _texts(self.fingerprint))):
            raise ValueError("only a pattern of the project tier may hold text of the user's")
        return self

    @property
    def score(self) -> Measured:
        """The objective's metric."""
        return self.metrics[self.metric]

    def facts(self) -> dict[str, Scalar | dict[str, Scalar]]:
        """Return what the rules and the memory seat read: the design, and how it was measured."""
        design: dict[str, Scalar] = {
            name: value
            for name, value in self.design.items()
            if value is None or isinstance(value, bool | int | float | str)
        }
        return {
            "measured": True,
            "workflow": self.workflow,
            "design": design,
            "metric": self.metric,
            "direction": self.direction,
            "score": self.score.value,
            "n": self.score.n,
            "labels": list(self.labels),
            "tier": self.tier,
            "run_id": self.provenance.run_id,
        }


def store_pattern(settings: Settings, pattern: Pattern) -> str:
    """Keep a measured decision and return its key; the same pattern twice is kept once.

    Raises:
        StorageError: the disk is full.
    """
    return Journal.of(settings).append("pattern", pattern.workflow, pattern.model_dump(mode="json"))


def patterns(settings: Settings, workflow: str = "") -> list[Pattern]:
    """Return the patterns of a workflow, or of all, oldest first."""
    return [pattern for _, pattern in remembered(settings, workflow)]


def remembered(settings: Settings, workflow: str = "") -> list[tuple[Entry, Pattern]]:
    """Return patterns with their entries; those of a later schema, which we cannot read, are passed over."""
    found: list[tuple[Entry, Pattern]] = []
    for entry in Journal.of(settings).entries("pattern", workflow):
        try:
            found.append((entry, Pattern.model_validate(entry.body)))
        except ValidationError:
            continue
    return found


def _texts(value: Mapping[str, JsonValue] | JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def likeness(one: Mapping[str, Json], other: Mapping[str, Json]) -> float:
    """Return how like two fingerprints are, in [0, 1]: 0 where they share no field.

    Numbers count by the ratio of their sizes on a logarithmic scale (a factor of e makes one half), others by equality;
    the mean is taken over the fields of either, so that what is unknown counts as unlike.
    """
    left, right = dict(_leaves(one)), dict(_leaves(other))
    names = left.keys() | right.keys()
    shared = left.keys() & right.keys()
    return sum(_alike(left[name], right[name]) for name in sorted(shared)) / len(names) if names else 0.0


def _leaves(value: Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, Json]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def _alike(one: Json, other: Json) -> float:
    numbers = [value for value in (one, other) if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) == 2:
        signed = [math.copysign(math.log1p(abs(value)), value) for value in numbers]
        return 1 / (1 + abs(signed[0] - signed[1]))
    return float(one == other)
