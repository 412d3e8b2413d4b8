"""What a person gives: a model, example inputs and, if there are any, labels, training logs and the repository."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Inputs(BaseModel):
    """The inputs of ``model_optimization``; the fields are the command's options and the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(
        min_length=1,
        description="Model to optimise: an ONNX file, a Hugging Face folder, a PyTorch file (.pt2, TorchScript), or a "
        "scikit-learn pipeline in skops.",
        json_schema_extra={"path": True, "model": True},
    )
    examples: str = Field(
        min_length=1,
        description="Example inputs: .npz, one array for each input of the model, one example per row. They are timed "
        "one by one at their own shape.",
        json_schema_extra={"path": True, "model": True},
    )
    labels: str | None = Field(
        default=None,
        description="Labels of the examples: .npy, one per row. With them fidelity is about the labelled metric.",
        json_schema_extra={"path": True, "labels": True},
    )
    max_loss: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Largest loss of fidelity that is acceptable, in (0, 1): the bar becomes fidelity >= 1 - loss. "
        "Without it, and without a target on fidelity, 0.01.",
    )
    threads: int = Field(
        default=0, ge=0, le=1024, description="Threads that a prediction may use; 0 allows every processor."
    )
    output_kind: Literal["auto", "decision", "vector", "number"] = Field(
        default="auto",
        description="What the model's output is: a decision among classes, a vector, or one number; auto tells by its "
        "name, its shape and the labels.",
    )
    price_per_hour: float | None = Field(
        default=None, gt=0, description="Price of the serving machine per hour; makes the cost per million predictions."
    )
    trust_pickle: bool = Field(
        default=False, description="Load the model although it is pickled, which can run any code of its author's."
    )
    logs: str | None = Field(
        default=None,
        description="Folder of training logs (CSV, JSONL, TensorBoard, MLflow), read and plotted.",
        json_schema_extra={"path": True},
    )
    repo: str | None = Field(
        default=None,
        description="Repository with the training and inference code, searched for inefficient operations.",
        json_schema_extra={"path": True, "repository": True},
    )
