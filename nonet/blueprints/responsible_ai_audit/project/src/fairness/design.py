"""A design of the audit: which model decides, and what is done about unequal decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from fairness.errors import FairnessError

SEED = 0
"""Of everything that is drawn, so that it can be drawn again."""
MODELS = ("given", "logistic", "boosting", "private_logistic")
MITIGATIONS = (
    "none",
    "reweighing",
    "correlation_removal",
    "exponentiated_gradient",
    "grid_search",
    "threshold_optimizer",
    "group_calibration",
)
CONSTRAINTS = ("demographic_parity", "equalized_odds", "equal_opportunity")


@dataclass(frozen=True)
class Design:
    """One design; see ``parse``.

    Attributes:
        source: of a given model, its name.
        constraint: what exponentiated gradient, grid search and threshold optimizer hold equal.
        slack: the largest difference that exponentiated gradient allows.
        sees_attributes: whether the protected attributes are features of the model.
        epsilon: of the differentially private model.
    """

    model: str = "logistic"
    source: str = ""
    mitigation: str = "none"
    constraint: str = "equalized_odds"
    slack: float = 0.02
    sees_attributes: bool = True
    epsilon: float = 1.0


def parse(design: Mapping[str, Any]) -> Design:
    """Read a design.

    Raises:
        FairnessError: a field is unknown, or a value is none of its choices.
    """
    known = {each.name for each in fields(Design)}
    if unknown := sorted(set(design) - known):
        raise FairnessError(f"the design has an unknown field {unknown[0]!r}")
    found = Design(**design)
    for value, choices in (
        (found.model, MODELS),
        (found.mitigation, MITIGATIONS),
        (found.constraint, CONSTRAINTS),
    ):
        if value not in choices:
            raise FairnessError(f"{value!r} is none of {', '.join(choices)}")
    return found
