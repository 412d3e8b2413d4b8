"""The design space: which model decides, and what is done about unequal decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nonet.state import Json

Model = Literal["given", "logistic", "boosting", "private_logistic"]
Mitigation = Literal[
    "none",
    "reweighing",
    "correlation_removal",
    "exponentiated_gradient",
    "grid_search",
    "threshold_optimizer",
    "group_calibration",
]
Constraint = Literal["demographic_parity", "equalized_odds", "equal_opportunity"]

CONSTRAINED = ("exponentiated_gradient", "grid_search", "threshold_optimizer")
AFTER = ("none", "threshold_optimizer", "group_calibration")
"""What can be done around a finished model."""


class Design(BaseModel):
    """One audited system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Model = Field(
        default="logistic",
        description="given: the model or column of predictions that was given; logistic: logistic regression; "
        "boosting: gradient-boosted trees; private_logistic: logistic regression with differentially private weights.",
    )
    source: str = Field(
        default="",
        max_length=200,
        description="given: what was given, the name of its file or of its column; a design names none that was not.",
    )
    mitigation: Mitigation = Field(
        default="none",
        description="reweighing: group and label independent by weights; correlation_removal: what is linear in the "
        "groups taken out of the features; exponentiated_gradient, grid_search: fitted under the constraint; "
        "threshold_optimizer: thresholds by group; group_calibration: scores calibrated within each group.",
    )
    constraint: Constraint = Field(
        default="equalized_odds", description="What a constrained mitigation holds equal between groups."
    )
    slack: float = Field(
        default=0.02,
        gt=0,
        lt=0.5,
        description="exponentiated_gradient: the largest difference that is allowed on the fitted rows.",
        json_schema_extra={"choices": [0.005, 0.02, 0.05]},
    )
    sees_attributes: bool = Field(
        default=True,
        description="Whether the protected attributes are features of the model, not of the mitigation only.",
    )
    epsilon: float = Field(
        default=1.0,
        gt=0,
        le=100,
        description="private_logistic: privacy loss of the weights; smaller is more private.",
        json_schema_extra={"choices": [0.5, 1.0, 4.0]},
    )

    @model_validator(mode="after")
    def _applies(self) -> Self:
        if self.model == "given" and not self.source:
            raise ValueError("a given model needs its source")
        if self.model == "given" and self.mitigation not in AFTER:
            raise ValueError(f"{self.mitigation} trains a model; a given one is finished")
        if self.model == "private_logistic" and self.mitigation != "none":
            raise ValueError("what reads the rows again after or beside the private fit would spend privacy unseen")
        return self

    def normalised(self) -> Design:
        """Reset the fields that the others make meaningless."""
        fixed: dict[str, Json] = {}
        if self.mitigation not in CONSTRAINED:
            fixed["constraint"] = "equalized_odds"
        if self.mitigation != "exponentiated_gradient":
            fixed["slack"] = 0.02
        if self.model == "given":
            fixed["sees_attributes"] = True
        else:
            fixed["source"] = ""
        if self.model != "private_logistic":
            fixed["epsilon"] = 1.0
        return self.model_copy(update=fixed)


def describe(design: Mapping[str, Json]) -> str:
    """Name a design in one line, for instance ``logistic · thresholds by group for equalized odds``."""
    known = Design.model_validate(design).normalised()
    model = {
        "given": f"the given model ({known.source})",
        "private_logistic": f"private logistic ε={known.epsilon:g}",
    }.get(known.model, known.model)
    constraint = known.constraint.replace("_", " ")
    what = {
        "none": "",
        "reweighing": "reweighed",
        "correlation_removal": "correlation removed",
        "exponentiated_gradient": f"exponentiated gradient for {constraint} within {known.slack:g}",
        "grid_search": f"grid search for {constraint}",
        "threshold_optimizer": f"thresholds by group for {constraint}",
        "group_calibration": "calibrated by group",
    }[known.mitigation]
    unseen = "" if known.sees_attributes else "attributes unseen"
    return " · ".join(part for part in (model, what, unseen) if part)
