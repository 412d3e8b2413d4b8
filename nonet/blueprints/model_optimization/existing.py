"""What the user's code and training logs say: the inference that is there, slow operations, how training went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.state import Evidence, Json
from nonet.trials.contract import Finding

CODE, INSPECTION, LOGS = "training_code", "inefficient_operations", "logs"
MOST = 20
"""Findings of one step at most."""
_SEEN: Sequence[tuple[str, Mapping[str, Json], str]] = (
    (r"quantize_dynamic", {"runtime": "onnxruntime", "precision": "int8_dynamic"}, "dynamic quantization"),
    (
        r"quantize_static",
        {"runtime": "onnxruntime", "precision": "int8_static", "per_channel": True},
        "static quantization",
    ),
    (r"\.half\(\)|float16", {"runtime": "onnxruntime", "precision": "fp16"}, "half precision"),
    (r"bfloat16", {"runtime": "torch", "precision": "bf16"}, "bfloat16"),
    (r"InferenceSession\(|onnxruntime", {"runtime": "onnxruntime"}, "ONNX Runtime"),
    (r"openvino", {"runtime": "openvino"}, "OpenVINO"),
)


def nominations(evidence: Sequence[Evidence]) -> Iterator[tuple[Mapping[str, Json], str, Sequence[str]]]:
    """Yield what the user's code does already as designs: (fields, reason, evidence)."""
    for pattern, fields, name in _SEEN:
        seen = [item for item in evidence if item.step == CODE and re.search(pattern, item.excerpt)]
        if seen:
            yield fields, f"the code uses {name} ({seen[0].reference})", [item.id for item in seen[:3]]


def findings(evidence: Sequence[Evidence], inputs: Inputs) -> list[Finding]:
    """One sentence for each thing that rules, searches and log readers found; no code is quoted."""
    found: list[Finding] = []
    for step, what in ((INSPECTION, "inefficient operation"), (LOGS, "training log")):
        items = [item for item in evidence if item.step == step]
        found += [Finding(f"{item.reference}: {item.title}{_trend(item)}", (item.id,)) for item in items[:MOST]]
        if not items and (inputs.repo if step == INSPECTION else inputs.logs):
            found.append(Finding(f"No {what} was found."))
    return found


def _trend(item: Evidence) -> str:
    told = [
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name in ("last", "minimum", "maximum", "trend", "diverges_from_step", "overfits_from_step", "overfitting")
        if (value := item.facts.get(name)) not in (None, "", [])
    ]
    return f" ({'; '.join(told)})" if told else ""
