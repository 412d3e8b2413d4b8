"""What the project says of itself when it is delivered: explanations of its scores, as one line of JSON."""

from __future__ import annotations

from typing import Any

from fairness import explanation
from fairness.design import SEED
from fairness.shipped import Shipped

LOCAL = 3


def account(project: Shipped) -> dict[str, Any]:
    """Explain people drawn from the profile; a column of predictions has nothing behind it to explain."""
    parts = project.parts
    if parts.given == "column":
        return {"explanations": None, "reason": "a column of predictions: the model behind it was not given"}
    background = explanation.people(project.reference, project.groupings, explanation.BACKGROUND, SEED + 1)
    rows = explanation.people(project.reference, project.groupings, explanation.EXPLAINED, SEED + 2)
    return {
        "explanations": {
            "shapley": explanation.shapley(parts, rows, background),
            "surrogates": [explanation.surrogate(parts, row, background) for row in rows[:LOCAL]],
        }
    }
