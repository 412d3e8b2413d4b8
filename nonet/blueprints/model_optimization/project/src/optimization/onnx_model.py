"""A model in ONNX, run by ONNX Runtime on the processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from optimization.examples import Arrays, Port
from optimization.models import ModelError, cores, first_line

LEVELS = {
    "disabled": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
_TYPES = {
    "tensor(float)": ("float", "float32"),
    "tensor(double)": ("float", "float64"),
    "tensor(float16)": ("float", "float16"),
    "tensor(int64)": ("int", "int64"),
    "tensor(int32)": ("int", "int32"),
    "tensor(int16)": ("int", "int16"),
    "tensor(int8)": ("int", "int8"),
    "tensor(uint8)": ("int", "uint8"),
    "tensor(bool)": ("bool", "bool"),
    "tensor(string)": ("str", ""),
}


class OnnxModel:
    """An inference session.

    Args:
        path: the ``.onnx`` file.
        threads: at most; 0 takes all of this process's processors.
        level: how far ONNX Runtime rewrites the graph while it loads it; a key of ``LEVELS``.

    Raises:
        ModelError: the file is no model, or holds an operator that ONNX Runtime does not have.
    """

    def __init__(self, path: Path, threads: int = 0, level: str = "all") -> None:
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores(threads)
        options.inter_op_num_threads = 1
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, LEVELS[level])
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(_why(path, error)) from error
        self.ports: Sequence[Port] = [_port(each) for each in self._session.get_inputs()]
        self.outputs: Sequence[str] = [str(each.name) for each in self._session.get_outputs()]

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name."""
        try:
            found = self._session.run(None, dict(inputs))
        except Exception as error:
            raise ModelError(f"the model refuses these inputs: {first_line(error)}") from error
        return dict(zip(self.outputs, found, strict=True))


def _port(node: Any) -> Port:
    kind, dtype = _TYPES.get(str(node.type), ("any", ""))
    shape = tuple(axis if isinstance(axis, int) and axis > 0 else None for axis in node.shape)
    return Port(str(node.name), kind, dtype, (None, *shape[1:]) if shape else ())


def _why(path: Path, error: Exception) -> str:
    said = first_line(error)
    lower = said.lower()
    if "not a registered function/op" in lower or "no op registered" in lower or "not implemented" in lower:
        return f"{path.name} holds an operator that ONNX Runtime does not have ({_operator(said)}); export it without"
    if "external data" in lower or "no such file" in lower or "file_size" in lower:
        return f"{path.name} keeps its weights in another file that is not beside it; put both into one folder"
    return f"{path.name} cannot be loaded as ONNX: {said}"


def _operator(said: str) -> str:
    """Return the part of ONNX Runtime's sentence that names the operator."""
    for mark in ("Fatal error: ", "NOT_IMPLEMENTED : ", "Error "):
        if mark in said:
            return said.split(mark, 1)[1][:160].rstrip(". ")
    return said[-160:]
