"""From the model as it was given to an ONNX graph in float32, by way of a technique that changes the module."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optimization import data, examples, hugging_face, pipeline, torch_model
from optimization.design import Design
from optimization.models import ModelError, first_line
from optimization.original import ONNX, SKLEARN, TORCH

if TYPE_CHECKING:
    from torch import nn

OPSET = 17
GRAPH = "model.onnx"
TRAINING_SECONDS = 600.0
"""A technique's training ends with the step that passes this."""
_SKLEARN_OPSET = 18


def graph(design: Design, folder: Path, out: Path) -> None:
    """Write ``model.onnx`` for a design's technique.

    Args:
        design: its technique, amount and epochs.
        folder: the data folder, with ``fit.jsonl``.
        out: where the graph goes.

    Raises:
        ModelError: the model cannot be exported, or the technique needs a module that it is not.
    """
    told = data.meta(folder)
    path = folder / data.MODEL / told.file if told.file else folder / data.MODEL
    if design.technique != "none" and not told.module:
        raise ModelError(f"{design.technique} needs a PyTorch module; this model is {told.format}")
    if told.format == ONNX:
        for each in path.parent.iterdir():
            shutil.copyfile(each, out / (GRAPH if each == path else each.name))
    elif told.format == SKLEARN:
        _of_pipeline(pipeline.load(path, pickle=told.trusted), told, folder, out)
    else:
        module = torch_model.load(path, pickle=told.trusted, eager=True)
        of_module(_changed(module, design, folder), told, folder, out / GRAPH)


def _changed(module: nn.Module, design: Design, folder: Path) -> nn.Module:
    if design.technique == "none":
        return module
    from optimization import techniques

    inputs, labels = fit_examples(folder)
    return techniques.apply(module, design, inputs, labels, data.meta(folder).main.kind)


def fit_examples(folder: Path, most: int | None = None) -> tuple[examples.Arrays, Any]:
    """Return the examples, and labels where there are any, that designs may learn from and calibrate on.

    Raises:
        ModelError: there are none.
    """
    rows = (
        [json.loads(line) for line in (folder / "fit.jsonl").read_text(encoding="utf-8").splitlines()]
        if (folder / "fit.jsonl").is_file()
        else []
    )
    if not rows:
        raise ModelError("there are no examples to fit on; give more examples")
    rows = rows[:most]
    arrays = examples.rows(examples.load(folder / data.EXAMPLES), [int(row["features"]["row"]) for row in rows])
    given = [row["label"]["y"] for row in rows]
    return arrays, None if given[0] is None else np.asarray(given)


def of_module(module: Any, told: data.Meta, folder: Path, path: Path) -> None:
    """Export a module by tracing it on one example; batch and, for tokens, length stay free.

    Raises:
        ModelError: PyTorch's exporter cannot express it.
    """
    import torch

    names = [port.name for port in told.ports]
    one = {name: np.array(each) for name, each in examples.row(examples.load(folder / data.EXAMPLES), 0).items()}
    tensors = tuple(torch.from_numpy(one[name]) for name in names)
    outputs = list(torch_model.named(_call(module, names, tensors)))
    if (program := getattr(module, "program", None)) is not None:
        _of_program(program, names, outputs, path)
        return
    axes = {name: {0: "batch"} | ({1: "tokens"} if _tokens(told, name) else {}) for name in names}
    axes |= {name: {0: "batch"} for name in outputs}
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _ordered(module, names), tensors, str(path), input_names=names, output_names=outputs,
                dynamic_axes=axes, opset_version=OPSET, dynamo=False,
            )  # fmt: skip
    except Exception as error:
        raise ModelError(f"the model cannot be exported to ONNX: {first_line(error)}") from error


def _of_program(program: Any, names: Sequence[str], outputs: Sequence[str], path: Path) -> None:
    """Export an exported program, which knows already which of its axes are free."""
    import torch

    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                program, f=str(path), input_names=names, output_names=outputs, dynamo=True, external_data=False
            )
    except Exception as error:
        raise ModelError(f"the program cannot be exported to ONNX: {first_line(error)}") from error


def _tokens(told: data.Meta, name: str) -> bool:
    return told.transformer and name in (*hugging_face.OPTIONAL, "input_ids")


def _call(module: Any, names: Sequence[str], tensors: Sequence[Any]) -> Any:
    import torch

    with torch.no_grad():
        if torch_model.by_name(module, names):
            return module(**dict(zip(names, tensors, strict=True)))
        return module(*tensors)


def _ordered(module: Any, names: Sequence[str]) -> Any:
    """Return the module with its inputs in order and its outputs a tuple, as tracing wants both."""
    from torch import nn

    class Ordered(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, *tensors: Any) -> Any:
            named = torch_model.by_name(self.inner, names)
            found = self.inner(**dict(zip(names, tensors, strict=True))) if named else self.inner(*tensors)
            return tuple(torch_model.named(found).values())

    return Ordered().eval()


def _of_pipeline(estimator: Any, told: data.Meta, folder: Path, out: Path) -> None:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType

    kinds: Mapping[str, Any] = {"float": FloatTensorType, "int": Int64TensorType, "str": StringTensorType}
    columns = getattr(estimator, "feature_names_in_", None) is not None
    given: list[tuple[str, Any]] = []
    for port in told.ports:
        if port.kind not in kinds:
            raise ModelError(f"the input {port.name!r} is of a type that skl2onnx does not take ({port.dtype})")
        made = DoubleTensorType if port.dtype == "float64" else kinds[port.kind]
        given.append((port.name, made([None, 1] if columns else [None, *port.shape[1:]])))
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "predict_proba") else None
    try:
        model: Any = to_onnx(estimator, initial_types=given, options=options, target_opset=_SKLEARN_OPSET)
    except Exception as error:
        raise ModelError(f"the pipeline cannot be converted to ONNX: {first_line(error)}") from error
    (out / GRAPH).write_bytes(model.SerializeToString())


__all__ = ["GRAPH", "ONNX", "SKLEARN", "TORCH", "fit_examples", "graph", "of_module"]
