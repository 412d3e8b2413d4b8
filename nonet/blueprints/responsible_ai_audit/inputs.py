"""What a person gives: the table, its label, who is protected, what fair means, and a model if there is one."""

from __future__ import annotations

from typing import Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Criterion = Literal["demographic_parity", "equal_opportunity", "equalized_odds", "predictive_parity", "calibration"]


class Inputs(BaseModel):
    """The inputs of ``responsible_ai_audit``; the fields are the command's options and the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str = Field(
        min_length=1,
        description="Table of past decisions, one row a person: CSV or Parquet.",
        json_schema_extra={"path": True, "labels": True},
    )
    label: str = Field(min_length=1, description="Column with the outcome.")
    attribute: list[str] = Field(
        min_length=1, description="Column of a protected attribute; may be given several times."
    )
    criterion: Criterion = Field(
        description="What fair means here: demographic_parity (equal selection), equal_opportunity (equal true "
        "positive rates), equalized_odds (equal error rates), predictive_parity (equal precision), calibration (scores "
        "mean the same)."
    )
    max_gap: float = Field(
        gt=0, lt=1, description="Largest difference between two groups that is acceptable, in (0, 1)."
    )
    positive: str = Field(
        default="", description="Value of the label that is the favourable outcome, where it is not 0/1 or yes/no."
    )
    model: str | None = Field(
        default=None,
        description="Model to audit: a scikit-learn pipeline in skops, or ONNX. Without one a baseline is trained.",
        json_schema_extra={"path": True, "model": True},
    )
    predictions: str = Field(default="", description="Column with the decisions or scores of the model to audit.")
    threshold: float = Field(
        default=0.5, description="A score of the audited model is a favourable decision from here on."
    )
    drop: list[str] = Field(
        default=[],
        description="Column that no model may learn from (known after the outcome, an identifier); repeatable.",
    )
    repo: str | None = Field(
        default=None,
        description="Repository with the training and prediction code, searched for sources of bias.",
        json_schema_extra={"path": True, "repository": True},
    )

    @field_validator("attribute", "drop", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Read ``sex, race`` as two names: a form's answer is one line."""
        names = cast("Any", value.split(",") if isinstance(value, str) else value)
        if not isinstance(names, list | tuple):
            return names
        return [str(name).strip() for name in cast("list[object]", names) if str(name).strip()]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.model and self.predictions:
            raise ValueError("give a model or a column of predictions, not both")
        if len(set(self.attribute)) < len(self.attribute):
            raise ValueError("an attribute is given twice")
        if self.label in self.attribute:
            raise ValueError(f"{self.label!r} is the label and cannot be a protected attribute")
        taken = {self.label, *self.attribute, self.predictions}
        if both := sorted(taken & set(self.drop)):
            raise ValueError(f"{both[0]!r} is needed and cannot be dropped")
        return self
