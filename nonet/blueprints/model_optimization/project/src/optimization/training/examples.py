"""Examples and labels as tensors: checked once, then taken in batches."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optimization.training.errors import TrainingError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Arrays = Mapping[str, NDArray[Any]]
Labels = NDArray[Any] | Mapping[str, NDArray[Any]] | None


@dataclass(frozen=True)
class Examples:
    """Inputs of a module by name, and label columns by name; the first axis of each is the example."""

    inputs: dict[str, Tensor]
    labels: dict[str, Tensor]
    by_name: bool

    def __len__(self) -> int:
        """Return how many examples there are."""
        return len(next(iter(self.inputs.values())))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Examples:
        """Return some of them, in the order given."""
        import torch

        index = torch.as_tensor(np.asarray(rows, dtype=np.int64))
        return Examples(
            {name: each[index] for name, each in self.inputs.items()},
            {name: each[index] for name, each in self.labels.items()},
            self.by_name,
        )

    def batches(self, size: int, order: torch.Generator | None = None) -> Iterator[Examples]:
        """Yield all of them in batches; shuffled where a generator is given."""
        import torch

        rows = torch.arange(len(self)) if order is None else torch.randperm(len(self), generator=order)
        for start in range(0, len(self), size):
            yield self.take(rows[start : start + size].numpy())

    def call(self, module: nn.Module) -> Any:
        """Return what a module answers; inputs go by the names of its ``forward`` where it has all, else in order."""
        return module(**self.inputs) if self.by_name else module(*self.inputs.values())

    @property
    def mask(self) -> Tensor | None:
        """The attention mask, shape (examples, tokens), where the inputs have one."""
        return self.inputs.get("attention_mask")


def prepare(module: nn.Module, examples: Arrays, labels: Labels = None) -> Examples:
    """Return examples as tensors of the types that a module takes.

    Args:
        module: the module that is to answer them.
        examples: arrays by name of the input, one example per row.
        labels: a label per row, several columns of them (2-D), or columns by name.

    Raises:
        TrainingError: no examples, arrays of differing length, values that are not finite, inputs that the module does
            not take, or answers that are no numbers.
    """
    if not examples or not all(np.ndim(each) for each in examples.values()):
        raise TrainingError("There are no examples: give an array per input, one example per row.")
    inputs = {name: _tensor(name, np.asarray(each)) for name, each in examples.items()}
    columns = {name: _label(name, each) for name, each in _columns(labels).items()}
    lengths = {name: len(each) for name, each in (inputs | columns).items()}
    if len(set(lengths.values())) > 1:
        raise TrainingError(
            "Examples and labels differ in length: "
            + ", ".join(f"{name} has {count}" for name, count in lengths.items())
            + "."
        )
    if not next(iter(lengths.values())):
        raise TrainingError("There are no examples: the arrays have no rows.")
    found = Examples(inputs, columns, _takes_names(module, list(inputs)))
    answers(module, found.take([0]))
    return found


def answers(module: nn.Module, examples: Examples, size: int = 64) -> dict[str, Tensor]:
    """Return a module's outputs on all examples by name, in evaluation mode.

    Raises:
        TrainingError: the module refuses the examples.
    """
    import torch

    parts: list[dict[str, Tensor]] = []
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            parts.extend(named(batch.call(module)) for batch in examples.batches(size))
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrainingError(f"The module refuses these examples: {first}") from error
    finally:
        module.train(training)
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def named(output: Any) -> dict[str, Tensor]:
    """Return the floating-point tensors of an output by name; those of a tuple are called ``output_0`` and so on.

    Raises:
        TrainingError: there are none.
    """
    import torch

    if isinstance(output, torch.Tensor):
        found = {"output": output}
    elif isinstance(output, Mapping):  # transformers' ModelOutput is one
        found = {str(name): each for name, each in output.items() if isinstance(each, torch.Tensor)}
    elif isinstance(output, list | tuple):
        found = {f"output_{place}": each for place, each in enumerate(output) if isinstance(each, torch.Tensor)}
    else:
        found = {}
    found = {name: each for name, each in found.items() if each.is_floating_point() and each.ndim}
    if not found:
        raise TrainingError("The module returns no tensor of floating-point numbers: return its logits or embeddings.")
    return found


def _tensor(name: str, values: NDArray[Any]) -> Tensor:
    import torch

    if values.dtype.kind not in "biuf":
        raise TrainingError(f"Input {name} is of type {values.dtype}: give numbers.")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise TrainingError(f"Input {name} has values that are not finite: remove those examples.")
        return torch.from_numpy(values.astype(np.float32))
    return torch.from_numpy(values.astype(np.bool_ if values.dtype.kind == "b" else np.int64))


def _columns(labels: Labels) -> dict[str, NDArray[Any]]:
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return {str(name): np.asarray(each) for name, each in labels.items()}
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] > 1:
        return {f"label_{place}": values[:, place] for place in range(values.shape[1])}
    return {"label": values.reshape(len(values)) if values.ndim == 2 else values}


def _label(name: str, values: NDArray[Any]) -> Tensor:
    import torch

    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise TrainingError(
            f"Labels {name} must be one number per example, not {values.dtype} of shape {values.shape}."
        )
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise TrainingError(f"Labels {name} have values that are not finite: remove those examples.")
        return torch.from_numpy(values.astype(np.float32))
    return torch.from_numpy(values.astype(np.int64))


def _takes_names(module: nn.Module, names: Sequence[str]) -> bool:
    """Whether a module's ``forward`` has a parameter of each name, or takes names alone; else inputs go in order."""
    parameters = inspect.signature(module.forward).parameters
    kinds = {each.kind for each in parameters.values()}
    return all(name in parameters for name in names) or kinds == {inspect.Parameter.VAR_KEYWORD}
