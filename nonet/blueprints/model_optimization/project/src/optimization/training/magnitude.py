"""Magnitude pruning: the smallest weights become zero, anywhere (Han et al. 2015) or two of four (Mishra et al. 2021).

The module keeps its shape: zeros alone make no dense kernel faster. They make a file smaller once it is compressed, and
two of four is what sparse tensor cores of some graphics cards run faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


def weights(module: nn.Module) -> dict[str, nn.Parameter]:
    """Return the weights that are pruned, by name: those of linear and convolution layers."""
    from torch import nn

    return {
        f"{name}.weight": each.weight
        for name, each in module.named_modules()
        if isinstance(each, nn.Linear | nn.Conv1d | nn.Conv2d)
    }


def masks(module: nn.Module, amount: float) -> dict[str, Tensor]:
    """Return what stays when the share ``amount`` of all weights together, the smallest, becomes zero."""
    import torch

    found = weights(module)
    sizes = torch.cat([each.detach().abs().reshape(-1) for each in found.values()])
    count = round(len(sizes) * amount)
    chosen = torch.ones_like(sizes, dtype=torch.bool)
    chosen[sizes.argsort(stable=True)[:count]] = False
    parts = chosen.split([each.numel() for each in found.values()])
    return {name: part.reshape(each.shape) for (name, each), part in zip(found.items(), parts, strict=True)}


def two_of_four(module: nn.Module) -> dict[str, Tensor]:
    """Return what stays when the two smallest of every four weights along the inputs become zero.

    Layers whose count of inputs is no multiple of four are left whole.
    """
    import torch

    found: dict[str, Tensor] = {}
    for name, weight in weights(module).items():
        flat = weight.detach().abs().reshape(weight.shape[0], -1)
        kept = torch.ones_like(flat, dtype=torch.bool)
        if flat.shape[1] % 4 == 0:
            groups = flat.reshape(-1, 4)
            two = torch.zeros_like(groups, dtype=torch.bool)
            kept = two.scatter_(1, groups.topk(2, dim=1).indices, value=True).reshape(flat.shape)
        found[name] = kept.reshape(weight.shape)
    return found


def apply(module: nn.Module, kept: dict[str, Tensor]) -> None:
    """Set to zero what does not stay."""
    import torch

    with torch.no_grad():
        for name, mask in kept.items():
            module.get_parameter(name).mul_(mask)


def sparsity(module: nn.Module) -> float:
    """Return the share of the weights of linear and convolution layers that are zero."""
    found = weights(module).values()
    total = sum(each.numel() for each in found)
    return sum(int((each.detach() == 0).sum()) for each in found) / total if total else 0.0
