"""Technologies that a request may name: what of the design space each is, or why it is not measured here."""

from __future__ import annotations

from collections.abc import Mapping

from nonet.state import Json

PATTERNS: Mapping[str, str] = {
    r"\bonnx\b|onnx ?runtime": "ONNX Runtime",
    r"static (int8|quanti[sz])": "static INT8",
    r"\bint-?8\b|8-bit": "INT8",
    r"\bint-?4\b|4-bit": "INT4",
    r"\bfp-?16\b|half[- ]precision": "FP16",
    r"\bbf-?16\b|bfloat": "BF16",
    r"quanti[sz]ation[- ]aware|\bqat\b": "quantization-aware training",
    r"\bprun(e|ing)\b": "pruning",
    r"\bdistil": "distillation",
    r"torch\.compile|inductor": "torch.compile",
    r"open ?vino": "OpenVINO",
    r"tensor ?rt": "TensorRT",
    r"tensor ?flow ?lite|tf ?lite|litert": "TensorFlow Lite",
    r"\bxla\b": "XLA",
}

_ORT: Mapping[str, Json] = {"runtime": "onnxruntime"}
PARTS: Mapping[str, Mapping[str, Json]] = {
    "ONNX Runtime": _ORT,
    "INT8": {**_ORT, "precision": "int8_dynamic", "per_channel": True},
    "static INT8": {**_ORT, "precision": "int8_static", "per_channel": True},
    "INT4": {**_ORT, "precision": "int4"},
    "FP16": {**_ORT, "precision": "fp16"},
    "BF16": {"runtime": "torch", "precision": "bf16"},
    "quantization-aware training": {**_ORT, "technique": "quantization_aware", "epochs": 3},
    "pruning": {**_ORT, "technique": "prune_structured", "amount": 0.25, "epochs": 3},
    "distillation": {**_ORT, "technique": "distil", "amount": 0.5, "epochs": 10},
    "torch.compile": {"runtime": "inductor"},
    "OpenVINO": {"runtime": "openvino"},
}
"""What each is as a design."""

NOT_MEASURED: Mapping[str, str] = {
    "TensorRT": "an NVIDIA GPU and TensorRT: it does not run on this processor",
    "TensorFlow Lite": "a model in TensorFlow's format or a LiteRT converter, neither of which the environment holds",
    "XLA": "PyTorch/XLA, which the environment does not hold",
}
"""What no candidate is made of, and what it would need."""
