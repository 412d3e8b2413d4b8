"""A design of the optimised model, as ``settings.json`` and the trials name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from optimization.errors import OptimizationError

RUNTIMES = ("original", "torch", "inductor", "onnxruntime", "openvino")
PRECISIONS = ("fp32", "fp16", "bf16", "int8_dynamic", "int8_static", "int4")
TECHNIQUES = (
    "none",
    "prune_unstructured",
    "prune_structured",
    "prune_iterative",
    "quantization_aware",
    "distil",
    "self_distil",
    "multi_task",
)


class DesignError(OptimizationError):
    """A design outside the space."""


@dataclass(frozen=True)
class Design:
    """What was chosen.

    Attributes:
        runtime: who computes: the original as it is, PyTorch, PyTorch compiled ahead of time, ONNX Runtime, OpenVINO.
        technique: how the module is changed before it is exported.
        amount: the share that goes by pruning or distillation.
        epochs: of training that a technique gets.
        precision: of weights, and of the arithmetic where the runtime has it.
        per_channel: whether 8-bit weights have a scale for each output channel.
        calibration: how static ranges are found: "minmax", "entropy", "percentile".
        fused: whether transformer blocks become single operators before anything else.
        level: of ONNX Runtime's own graph rewriting: "disabled", "basic", "extended", "all".
        threads: of a prediction; 0 takes all that are allowed.
    """

    runtime: str = "original"
    technique: str = "none"
    amount: float = 0.0
    epochs: int = 0
    precision: str = "fp32"
    per_channel: bool = False
    calibration: str = "minmax"
    fused: bool = False
    level: str = "all"
    threads: int = 0


def parse(data: Mapping[str, Any]) -> Design:
    """Read a design.

    Raises:
        DesignError: a field is unknown or outside its choices.
    """
    known = {field.name for field in fields(Design)}
    if unknown := sorted(set(data) - known):
        raise DesignError(f"the design has no field {unknown[0]!r}; its fields are {', '.join(sorted(known))}")
    design = Design(**data)
    for name, choices in (("runtime", RUNTIMES), ("technique", TECHNIQUES), ("precision", PRECISIONS)):
        if getattr(design, name) not in choices:
            raise DesignError(f"the design's {name} is {getattr(design, name)!r}; it is one of {', '.join(choices)}")
    return design
