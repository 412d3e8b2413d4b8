"""Patterns: measured decisions, as the memory keeps them.

``workflow`` patterns, the usual ones, are recalled by every run of their workflow, ``project`` patterns by runs on the
same folders, ``global`` ones everywhere. Only a project's patterns hold text of the user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from nonet.state import Scalar
from nonet.tools.qdrant.points import Tier

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
        project: the project's key, in the project tier only.
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
    project: str = ""
    goal: str = ""

    @model_validator(mode="after")
    def _holds(self) -> Pattern:
        if self.metric not in self.metrics:
            raise ValueError(f"the metric {self.metric!r} is not among the metrics")
        if (self.tier == "project") != bool(self.project):
            raise ValueError("a pattern of the project tier, and no other, names its project")
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
