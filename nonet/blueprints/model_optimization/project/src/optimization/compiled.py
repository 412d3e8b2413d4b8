"""A module compiled ahead of time by torch.compile's backend (AOTInductor), so that loading it compiles nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization import data, examples, torch_model
from optimization.examples import Arrays, Port
from optimization.models import ModelError, cores, first_line

PACKAGE, OUTPUTS = "compiled.pt2", "outputs.json"


def build(folder: Path, told: data.Meta, out: Path) -> None:
    """Compile the given module for the shape of its examples, one at a time; a C++ compiler is needed.

    Raises:
        ModelError: the module cannot be exported or compiled here.
    """
    import torch
    from torch._inductor import aoti_compile_and_package

    path = folder / data.MODEL / told.file if told.file else folder / data.MODEL
    module = torch_model.load(path, pickle=told.trusted)
    names = [port.name for port in told.ports]
    one = examples.row(examples.load(folder / data.EXAMPLES), 0)
    tensors = {name: torch.from_numpy(np.array(one[name])) for name in names}
    by_name = torch_model.by_name(module, names)
    arguments: tuple[Any, ...] = () if by_name else tuple(tensors.values())
    try:
        with torch.no_grad():
            outputs = list(torch_model.named(module(*arguments, **(tensors if by_name else {}))))
            program = torch.export.export(module, arguments, tensors if by_name else None)
            aoti_compile_and_package(program, package_path=str(out / PACKAGE))
    except Exception as error:
        raise ModelError(f"the module cannot be compiled ahead of time: {first_line(error)}") from error
    (out / OUTPUTS).write_text(json.dumps({"outputs": outputs, "by_name": by_name}), encoding="utf-8")


class Compiled:
    """A compiled module; it takes one example at a time."""

    def __init__(self, folder: Path, ports: Sequence[Port], threads: int = 0) -> None:
        import torch
        from torch._inductor import aoti_load_package

        torch.set_num_threads(cores(threads))
        told = json.loads((folder / OUTPUTS).read_text(encoding="utf-8"))
        self._names, self._by_name, self.ports = list[str](told["outputs"]), bool(told["by_name"]), ports
        try:
            self._module: Any = aoti_load_package(str(folder / PACKAGE))
        except Exception as error:
            raise ModelError(f"the compiled module cannot be loaded: {first_line(error)}") from error

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name."""
        import torch

        given = {name: torch.from_numpy(np.array(each)) for name, each in inputs.items()}
        try:
            with torch.no_grad():
                found = self._module(**given) if self._by_name else self._module(*given.values())
        except Exception as error:
            raise ModelError(f"the model refuses these inputs: {first_line(error)}") from error
        values = torch_model.named(found).values()
        return {name: each.detach().numpy() for name, each in zip(self._names, values, strict=True)}
