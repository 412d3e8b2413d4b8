"""A PyTorch model: a Hugging Face folder, an exported program (.pt2), TorchScript, or, by explicit word, a pickle."""

from __future__ import annotations

import inspect
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optimization import hugging_face
from optimization.examples import Arrays, Port
from optimization.models import ModelError, cores, first_line

if TYPE_CHECKING:
    from torch import nn

FILES = (".pt2", ".pt", ".pth", ".ts")


class TorchModel:
    """A module that is asked as it is, without gradients.

    Args:
        module: takes its inputs by name, or in the order of ``ports``.
        ports: its inputs.
        threads: at most; 0 takes all of this process's processors.
        half: weights and arithmetic in bfloat16.
    """

    def __init__(self, module: nn.Module, ports: Sequence[Port], threads: int = 0, half: bool = False) -> None:
        import torch

        torch.set_num_threads(cores(threads))
        self.module, self.ports = module.bfloat16() if half else module, ports
        self._half, self._by_name = half, by_name(module, [port.name for port in ports])

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the floating-point and integer outputs by name."""
        import torch

        given = {name: self._tensor(each) for name, each in inputs.items()}
        try:
            with torch.inference_mode():
                found = self.module(**given) if self._by_name else self.module(*given.values())
        except Exception as error:
            raise ModelError(f"the model refuses these inputs: {first_line(error)}") from error
        return {name: _array(each) for name, each in named(found).items()}

    def _tensor(self, array: NDArray[Any]) -> Any:
        import torch

        tensor = torch.from_numpy(np.array(array))
        return tensor.bfloat16() if self._half and tensor.is_floating_point() else tensor


def load(path: Path, *, pickle: bool = False, eager: bool = False) -> nn.Module:
    """Return the module that a file or folder holds, in evaluation mode.

    Raises:
        ModelError: it holds none, or needs pickle, which is read by ``pickle`` alone.
    """
    import torch

    if path.is_dir():
        return hugging_face.load(path, eager=eager, pickle=pickle)
    try:
        if path.suffix == ".pt2":
            return _exported(path)
        if is_script(path):
            return torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:
        raise ModelError(f"{path.name} cannot be loaded: {first_line(error)}") from error
    return _pickled(path, pickle)


def _exported(path: Path) -> Any:
    """Load an exported program; it takes its inputs as it was exported with them, by name or in order."""
    import torch

    program = torch.export.load(str(path))
    module: Any = program.module()
    given: Any = program.example_inputs
    module.in_order = not (given and given[1])
    module.program = program
    return module


def _pickled(path: Path, trusted: bool) -> Any:
    import torch

    try:
        held: Any = torch.load(path, map_location="cpu", weights_only=not trusted)
    except Exception as error:
        if trusted:
            raise ModelError(f"{path.name} cannot be loaded: {first_line(error)}") from error
        raise ModelError(
            f"{path.name} holds pickled Python objects, which can run code; save it with torch.export.save (.pt2) "
            "or say --trust-pickle"
        ) from error
    if not isinstance(held, torch.nn.Module):
        raise ModelError(f"{path.name} holds weights without the module they belong to; save it with torch.export.save")
    return held.eval()


def ports_of(module: Any, path: Path) -> list[Port]:
    """Return the inputs of a module by the names of its ``forward``; none where they cannot be told."""
    if path.is_dir():
        return hugging_face.ports(path)
    try:
        parameters = inspect.signature(module.forward).parameters
    except (TypeError, ValueError):
        return []
    named_ = [each for each in parameters.values() if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return [Port(each.name, required=each.default is inspect.Parameter.empty) for each in named_ if each.name != "self"]


def by_name(module: Any, names: Sequence[str]) -> bool:
    """Whether a module's ``forward`` takes these inputs by name."""
    if getattr(module, "in_order", False):
        return False
    try:
        parameters = inspect.signature(module.forward).parameters
    except (TypeError, ValueError):
        return False
    free = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    return free or all(name in parameters for name in names)


def named(output: Any) -> dict[str, Any]:
    """Return the tensors of an output by name; those of a tuple are ``output_0`` and so on.

    Raises:
        ModelError: there are none.
    """
    import torch

    if isinstance(output, torch.Tensor):
        return {"output": output}
    pairs = (
        output.items()
        if isinstance(output, Mapping)
        else ((f"output_{n}", each) for n, each in enumerate(output or ()))
    )
    found = {str(name): each for name, each in pairs if isinstance(each, torch.Tensor)}
    if not found:
        raise ModelError("the model returns no tensor; return its logits or embeddings")
    return found


def _array(tensor: Any) -> NDArray[Any]:
    import torch

    return (tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor).detach().cpu().numpy()


def is_script(path: Path) -> bool:
    """Whether a file is TorchScript: its archive holds code."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())
