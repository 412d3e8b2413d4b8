"""A graph compiled by OpenVINO for this processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.examples import Arrays, Port
from optimization.models import ModelError, cores, first_line

GRAPH = "openvino.xml"
_HINTS = {"fp32": "f32", "fp16": "f16", "bf16": "bf16"}


def convert(source: Path, precision: str, out: Path) -> None:
    """Convert an ONNX graph into ``openvino.xml`` and ``openvino.bin``; narrow precisions halve the weights.

    Raises:
        ModelError: OpenVINO is not installed, or does not have one of the graph's operators.
    """
    try:
        import openvino
    except ImportError as error:
        raise ModelError("OpenVINO is not installed here; install the package openvino") from error
    try:
        model: Any = openvino.convert_model(str(source))
        openvino.save_model(model, str(out / GRAPH), compress_to_fp16=precision != "fp32")
    except Exception as error:
        raise ModelError(f"OpenVINO cannot convert this graph: {_operators(error)}") from error


def _operators(error: Exception) -> str:
    """Return the lines in which OpenVINO names the operators that it lacks, else the first line."""
    lines = [line.strip() for line in str(error).splitlines()]
    named = [
        line
        for line in lines
        if "not supported" in line.lower() or "no translator" in line.lower() or "unsupported" in line.lower()
    ]
    return "; ".join(named)[:300] or first_line(error)


class OpenVinoModel:
    """A compiled graph.

    Args:
        folder: with what ``convert`` wrote.
        ports: the model's inputs.
        threads: at most; 0 takes all of this process's processors.
        precision: of the arithmetic, where the processor has it.
    """

    def __init__(self, folder: Path, ports: Sequence[Port], threads: int = 0, precision: str = "fp32") -> None:
        import openvino

        options = {
            "INFERENCE_NUM_THREADS": cores(threads),
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
        }
        try:
            core: Any = openvino.Core()
            self._compiled: Any = core.compile_model(core.read_model(str(folder / GRAPH)), "CPU", options)
        except Exception as error:
            raise ModelError(f"OpenVINO cannot load this graph: {first_line(error)}") from error
        self._request: Any = self._compiled.create_infer_request()
        self.ports = ports

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name."""
        try:
            found: Any = self._request.infer({name: np.ascontiguousarray(each) for name, each in inputs.items()})
        except Exception as error:
            raise ModelError(f"the model refuses these inputs: {first_line(error)}") from error
        return {port.get_any_name(): np.array(found[port]) for port in self._compiled.outputs}
