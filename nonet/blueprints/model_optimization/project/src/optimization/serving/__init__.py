"""The optimised model behind HTTP, the load test of that server, and the comparison with the original."""

from __future__ import annotations

from optimization.serving.app import Predictor, app
from optimization.serving.errors import ServingError
from optimization.serving.load import Load, Measured, measure, over_http
from optimization.serving.parity import Compared, compare
from optimization.serving.saturation import Saturation, saturation
from optimization.serving.server import own_process, running, serve

__all__ = [
    "Compared",
    "Load",
    "Measured",
    "Predictor",
    "Saturation",
    "ServingError",
    "app",
    "compare",
    "measure",
    "over_http",
    "own_process",
    "running",
    "saturation",
    "serve",
]
