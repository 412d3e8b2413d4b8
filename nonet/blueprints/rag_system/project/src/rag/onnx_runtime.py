"""ONNX Runtime and fastembed, imported so that nothing of them leaves the machine."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def onnxruntime() -> Any:
    """Import ONNX Runtime, untyped (its annotations are partial), its telemetry off.

    Its wheels send usage events, and keep a device's id in the home folder, unless this variable is set before the
    first import (its Privacy.md).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return import_module("onnxruntime")


def fastembed(module: str = "fastembed") -> Any:
    """Import a module of fastembed, untyped, the model hub's client off."""
    onnxruntime()
    os.environ["HF_HUB_OFFLINE"] = "1"
    return import_module(module)


def session(path: str, **options: Any) -> Any:
    """Load a model on one core, quietly; ``options`` are attributes of ONNX Runtime's ``SessionOptions``."""
    runtime = onnxruntime()
    settings = runtime.SessionOptions()
    one_core = {"intra_op_num_threads": 1, "inter_op_num_threads": 1, "log_severity_level": 3}
    for name, value in {**one_core, **options}.items():
        setattr(settings, name, value)
    return runtime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
