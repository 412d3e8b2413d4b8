"""Who signed which point of the Pareto set: kept in ``signature.json``, applied wherever a decision is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nonet.graphs.steps.desk import Desk
from nonet.state import Json
from nonet.trials import ship
from nonet.trials.contract import Target
from nonet.trials.decision import Decision
from nonet.trials.measurements import Measurements

SIGNATURE = "signature.json"
UNSIGNED = "unsigned, by option"


def signed(desk: Desk) -> str:
    """Return the key of the point that a person signed; "" where nobody did."""
    return str(desk.read(SIGNATURE)["point"] or "") if desk.has(SIGNATURE) else ""


def applied(
    desk: Desk,
    decision: Decision,
    measurements: Measurements,
    targets: Sequence[Target],
    designs: Mapping[str, Mapping[str, Json]],
) -> Decision:
    """Put the point that a person signed in the winner's place; nothing else of the decision changes."""
    point = signed(desk)
    if not point or point == decision.winner:
        return decision
    row = desk.read(SIGNATURE)
    return replace(
        decision,
        winner=point,
        design=dict(designs[point]),
        reason=f"Signed by {row['name']} in place of {decision.winner}, which the rule chose: {decision.reason}",
        targets=ship.judged(measurements, point, targets),
        nearest_miss=None,
    )
