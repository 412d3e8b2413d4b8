"""The design space: who computes, in which precision, after which change of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nonet.state import Json

GRAPHS = ("onnxruntime", "openvino")
"""Runtimes that read an ONNX graph, which a technique may have changed before."""
PRECISIONS: Mapping[str, tuple[str, ...]] = {
    "original": ("fp32",),
    "torch": ("fp32", "bf16"),
    "inductor": ("fp32",),
    "onnxruntime": ("fp32", "fp16", "int8_dynamic", "int8_static", "int4"),
    "openvino": ("fp32", "fp16", "bf16"),
}
SHRINKING = ("prune_unstructured", "prune_structured", "prune_iterative", "distil", "multi_task")
"""Techniques that take a share of the model away."""
UNFUSED = ("prune_structured", "prune_iterative", "quantization_aware")
"""Techniques whose blocks are not fused: their heads are fewer than the width tells, or their products are integers."""


class Design(BaseModel):
    """What can be chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runtime: Literal["original", "torch", "inductor", "onnxruntime", "openvino"] = Field(
        default="original",
        description="Who computes: the model as given, PyTorch, PyTorch compiled ahead, ONNX Runtime, OpenVINO.",
    )
    technique: Literal[
        "none",
        "prune_unstructured",
        "prune_structured",
        "prune_iterative",
        "quantization_aware",
        "distil",
        "self_distil",
        "multi_task",
    ] = Field(default="none", description="How a PyTorch module is changed on the fit examples before it is exported.")
    amount: float = Field(
        default=0.0,
        ge=0.0,
        le=0.9,
        description="Share of the model that pruning or distillation takes away.",
        json_schema_extra={"choices": [0.25, 0.5, 0.75]},
    )
    epochs: int = Field(
        default=0,
        ge=0,
        le=50,
        description="Times that training after a technique goes through the fit examples.",
        json_schema_extra={"choices": [1, 3, 10, 30]},
    )
    precision: Literal["fp32", "fp16", "bf16", "int8_dynamic", "int8_static", "int4"] = Field(
        default="fp32", description="Precision of weights, and of the arithmetic where the runtime has it."
    )
    per_channel: bool = Field(default=False, description="A scale for each output channel of 8-bit weights.")
    calibration: Literal["minmax", "entropy", "percentile"] = Field(
        default="minmax", description="How the ranges of static 8-bit activations are found on the fit examples."
    )
    fused: bool = Field(default=False, description="Fuse transformer blocks into single operators first.")
    level: Literal["disabled", "basic", "extended", "all"] = Field(
        default="all", description="How far ONNX Runtime rewrites the graph while loading it."
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Threads of a prediction; 0 takes all that the inputs allow.",
        json_schema_extra={"choices": [0, 1, 2, 4, 8]},
    )

    @model_validator(mode="after")
    def _possible(self) -> Design:
        if self.precision not in PRECISIONS[self.runtime]:
            allowed = ", ".join(PRECISIONS[self.runtime])
            raise ValueError(f"the runtime {self.runtime} has no {self.precision}; it has {allowed}")
        if self.technique != "none" and self.runtime not in GRAPHS:
            raise ValueError(f"a changed module is run by {' or '.join(GRAPHS)}, not by {self.runtime}")
        if self.technique in SHRINKING and not self.amount:
            raise ValueError(f"{self.technique} needs an amount")
        if self.technique == "quantization_aware" and self.precision != "fp32":
            raise ValueError("a quantization-aware model has its precision already; leave it at fp32")
        return self

    def normalised(self) -> Design:
        """Reset the fields that the others make meaningless."""
        fresh: dict[str, Json] = {}
        if self.technique == "none":
            fresh |= {"epochs": 0}
        if self.technique not in SHRINKING:
            fresh |= {"amount": 0.0}
        if not self.precision.startswith("int8"):
            fresh |= {"per_channel": False}
        if self.precision != "int8_static":
            fresh |= {"calibration": "minmax"}
        if self.runtime != "onnxruntime":
            fresh |= {"fused": False, "level": "all"}
        if self.technique in UNFUSED:
            fresh |= {"fused": False}
        return self.model_copy(update=fresh)
