"""Naming a design in one line for people."""

from __future__ import annotations

from collections.abc import Mapping

from nonet.blueprints.model_optimization.design import SHRINKING, Design
from nonet.state import Json

_RUNTIMES = {
    "original": "the original",
    "torch": "PyTorch",
    "inductor": "torch.compile",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
}
_PRECISIONS = {
    "fp16": "FP16",
    "bf16": "BF16",
    "int8_dynamic": "INT8 dynamic",
    "int8_static": "INT8 static",
    "int4": "INT4 weights",
}
_TECHNIQUES = {
    "prune_unstructured": "pruned by magnitude",
    "prune_structured": "pruned in structure",
    "prune_iterative": "pruned step by step",
    "quantization_aware": "trained for INT8",
    "distil": "distilled",
    "self_distil": "self-distilled",
    "multi_task": "distilled for all outputs",
}


def describe(design: Mapping[str, Json]) -> str:
    """Name a design, for instance ``ONNX Runtime · INT8 dynamic per channel · fused``."""
    known = Design.model_validate(design).normalised()
    parts = [_RUNTIMES[known.runtime]]
    if known.technique != "none":
        share = f" by {known.amount:.0%}" if known.technique in SHRINKING else ""
        trained = f", {known.epochs} epochs" if known.epochs else ""
        parts.append(f"{_TECHNIQUES[known.technique]}{share}{trained}")
    if known.precision != "fp32":
        per_channel = " per channel" if known.per_channel else ""
        calibrated = f" ({known.calibration})" if known.precision == "int8_static" else ""
        parts.append(f"{_PRECISIONS[known.precision]}{per_channel}{calibrated}")
    if known.fused:
        parts.append("fused")
    if known.level != "all":
        parts.append(f"graph rewriting {known.level}")
    if known.threads:
        parts.append(f"{known.threads} thread{'s' if known.threads > 1 else ''}")
    return " · ".join(parts)
