"""What the inputs of some layers are like on examples: how much each matters, and how they go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optimization.training.examples import Examples, named

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_EXAMPLES = 256
"""Examples that are asked; more change the order of the parts little and cost time."""
_WIDEST = 4096
"""Inputs up to which products of all pairs are kept: 64 MiB for a layer."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of layers, by the layer's name.

    Attributes:
        importance: of each input, shape (inputs,): the absolute product of its value and the gradient there (Molchanov
            et al. 2019), of which the gradient is that of half the squared norm of the module's answers.
        products: the sum over examples (and tokens) of the products of all pairs of inputs, shape (inputs, inputs), for
            linear layers of at most 4,096 inputs.
    """

    importance: dict[str, Tensor] = field(default_factory=dict[str, "Tensor"])
    products: dict[str, Tensor] = field(default_factory=dict[str, "Tensor"])

    def add(self, name: str, values: Tensor, importance: Tensor, linear: bool) -> None:
        """Add the inputs of one batch, shapes (rows, inputs)."""
        total = importance.sum(0)
        self.importance[name] = self.importance[name] + total if name in self.importance else total
        if linear and values.shape[1] <= _WIDEST:
            product = values.t() @ values
            self.products[name] = self.products[name] + product if name in self.products else product


def measure(module: nn.Module, examples: Examples, names: Sequence[str], batch: int) -> Inputs:
    """Return what the inputs of the named layers are like on examples; padding does not count."""
    import torch
    from torch import nn

    taken: dict[str, Tensor] = {}
    found = Inputs()
    hooks = [module.get_submodule(name).register_forward_pre_hook(_taking(taken, name)) for name in names]
    training = module.training
    module.eval()
    try:
        for part in examples.take(range(min(len(examples), _EXAMPLES))).batches(batch):
            taken.clear()
            with torch.enable_grad():
                outputs = named(part.call(module))
                carried = sum((each.square().mean() for each in outputs.values()), torch.zeros(())) / 2
                gradients = torch.autograd.grad(carried, list(taken.values()), allow_unused=True)
            for name, gradient in zip(taken, gradients, strict=True):
                values = taken[name].detach()
                known = torch.zeros_like(values) if gradient is None else (values * gradient).abs()
                linear = isinstance(module.get_submodule(name), nn.Linear)
                found.add(name, _rows(values, part.mask), _rows(known, part.mask), linear)
    finally:
        for hook in hooks:
            hook.remove()
        module.train(training)
    return found


def _rows(values: Tensor, mask: Tensor | None) -> Tensor:
    """Return values as rows of one place each: shape (places, inputs)."""
    if values.ndim == 4:  # images: the channel is the second axis
        values = values.movedim(1, -1)
    if mask is not None and values.ndim == 3 and mask.shape == values.shape[:2]:
        return values[mask.bool()]
    return values.reshape(-1, values.shape[-1])


def _taking(taken: dict[str, Tensor], name: str) -> Callable[[nn.Module, tuple[Any, ...]], Any]:
    def take(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        first = inputs[0]
        if not first.requires_grad:  # nothing before it is trained, so nothing would leave a gradient here
            first = first.detach().requires_grad_()
        taken[name] = first
        return (first, *inputs[1:])

    return take
