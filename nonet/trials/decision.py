"""What a run decided, and its JSON: the winner, the comparisons behind it, the Pareto set, the targets."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nonet.state import Json
from nonet.trials.contract import Interval


@dataclass(frozen=True)
class Comparison:
    """One candidate against the best, on the objective.

    Attributes:
        candidate: its key.
        metric: the objective's metric.
        difference: candidate − best with its paired 95 % interval; ``None`` when the candidate has no value.
        shortfall: expected shortfall against the best, in the metric's unit; ``None`` for those not in the choice.
        cost: the declared cost: counted, or a latency ratio to the baseline in steps of 1.25; ``None`` if unmeasured.
        eligible: whether it was in the set that was chosen from.
        why: one sentence: why it ships, or why it does not.
    """

    candidate: str
    metric: str
    difference: Interval | None
    shortfall: float | None
    cost: float | None
    eligible: bool
    why: str

    def json(self) -> dict[str, Json]:
        """Return the fields as JSON."""
        return {**vars(self), "difference": self.difference.json() if self.difference else None}


@dataclass(frozen=True)
class TargetResult:
    """One target and how a design stands to it.

    Attributes:
        name: the target as written: ``p95_latency_ms<200``.
        wanted: the bar, in the metric's unit.
        measured: the metric's value on selection; ``None`` when it has none there.
        low, high: its 95 % interval.
        met: met, missed, or (``None``) not shown by the interval.
        holdout: the same on the holdout, ``{measured, low, high, met}``; ``None`` where nothing is sealed.
    """

    name: str
    wanted: float
    measured: float | None
    low: float | None
    high: float | None
    met: bool | None
    holdout: Mapping[str, Json] | None = None

    def json(self) -> dict[str, Json]:
        """Return the fields as JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Decision:
    """The outcome of a selection.

    Attributes:
        winner: key of the candidate that ships.
        best: key of the best value among those chosen from, fixed before resampling.
        design: the winner's canonical design.
        reason: one sentence, why the winner ships.
        tie: keys within the tolerance of the best, cheapest first: the winner and those it was preferred to.
        comparisons: every candidate against the best, best first.
        pareto: keys that nothing beats on both the objective and the cost, cheapest first.
        targets: the user's own, judged on selection for the winner.
        nearest_miss: the winner's key when every candidate misses a target, else ``None``.
    """

    winner: str
    best: str
    design: Mapping[str, Json]
    reason: str
    tie: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    pareto: tuple[str, ...]
    targets: tuple[TargetResult, ...] = field(default=())
    nearest_miss: str | None = None

    def json(self) -> dict[str, Json]:
        """Return everything as JSON; ``from_json`` gives it back."""
        return {
            **vars(self),
            "tie": list(self.tie),
            "pareto": list(self.pareto),
            "comparisons": [comparison.json() for comparison in self.comparisons],
            "targets": [target.json() for target in self.targets],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Decision:
        """Read what ``json`` wrote.

        Raises:
            KeyError: a field is missing.
            TypeError: a field is not what ``json`` writes.
        """
        fields: dict[str, Any] = json.loads(json.dumps(dict(data)))
        comparisons = cast("list[dict[str, Any]]", fields.pop("comparisons"))
        targets = cast("list[dict[str, Any]]", fields.pop("targets"))
        return cls(
            tie=tuple(fields.pop("tie")),
            pareto=tuple(fields.pop("pareto")),
            comparisons=tuple(
                Comparison(difference=interval(comparison.pop("difference")), **comparison)
                for comparison in comparisons
            ),
            targets=tuple(TargetResult(**target) for target in targets),
            **fields,
        )


def interval(data: Mapping[str, Any] | None) -> Interval | None:
    """Read an ``Interval`` from its JSON; an end that is null is not known."""
    if data is None:
        return None
    low = -math.inf if data["low"] is None else data["low"]
    high = math.inf if data["high"] is None else data["high"]
    return Interval(data["value"], low, high, data["n"])
