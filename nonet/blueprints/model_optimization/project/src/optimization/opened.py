"""The optimised model: loaded from the folder that ships, asked by the inputs of the original."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from optimization import data, examples
from optimization.design import Design, parse
from optimization.examples import Arrays, Port
from optimization.export import GRAPH
from optimization.models import Model, ModelError

TOLD = "model.json"


class Optimized:
    """A loaded design; its inputs and outputs are called as the original's are."""

    def __init__(self, inner: Model, meta: data.Meta, names: Mapping[str, str]) -> None:
        self._inner, self.meta, self._names = inner, meta, names

    @property
    def ports(self) -> Sequence[Port]:
        """Its inputs."""
        return self.meta.ports

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name, the first axis being the example.

        Raises:
            OptimizationError: the inputs are not those of the model.
        """
        return self.raw(examples.fitted(dict(inputs), self.ports))

    def raw(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs of inputs that are known to fit."""
        found = self._inner.predict(inputs)
        return {self._names.get(name, name): each for name, each in found.items()}


def load(folder: str | Path = "artifacts/model") -> Optimized:
    """Load the optimised model from its folder.

    Raises:
        ModelError: the folder holds none.
    """
    place = Path(folder)
    try:
        told = json.loads((place / TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{place} holds no optimised model; name the folder with {TOLD}") from error
    meta, design = data.Meta.of_json(told["meta"]), parse(told["design"])
    return Optimized(_inner(design, meta, place), meta, told["names"])


def _inner(design: Design, meta: data.Meta, folder: Path) -> Model:
    threads = design.threads or meta.threads
    if design.runtime == "onnxruntime":
        from optimization.onnx_model import OnnxModel

        model = OnnxModel(folder / GRAPH, threads, design.level)
        return _Columns(model) if meta.format == "sklearn" else model
    if design.runtime == "openvino":
        from optimization.openvino_model import OpenVinoModel

        return OpenVinoModel(folder, meta.ports, threads, design.precision)
    if design.runtime == "inductor":
        from optimization.compiled import Compiled

        return Compiled(folder, meta.ports, threads)
    path = folder / data.MODEL / meta.file if meta.file else folder / data.MODEL
    if design.runtime == "torch":
        from optimization import torch_model

        module = torch_model.load(path, pickle=meta.trusted)
        return torch_model.TorchModel(module, meta.ports, threads, half=design.precision == "bf16")
    from optimization import original

    return original.load(meta.format, path, threads=threads, pickle=meta.trusted, ports=meta.ports)


class _Columns:
    """A graph made of a pipeline: each named column is a matrix of one column to it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.ports: Sequence[Port] = inner.ports

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name."""
        shaped = {name: each[:, None] if each.ndim == 1 else each for name, each in inputs.items()}
        return {
            name: each[:, 0] if each.ndim == 2 and each.shape[1] == 1 else each
            for name, each in self._inner.predict(shaped).items()
        }
