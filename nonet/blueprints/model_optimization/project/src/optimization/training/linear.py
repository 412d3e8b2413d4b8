"""Linear and convolution layers with some of their outputs or inputs taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from torch import Tensor, nn


def keep_outputs(module: nn.Module, name: str, kept: Tensor) -> None:
    """Replace a layer by one that has only some of its outputs; ``kept`` are their numbers, in order."""
    _put(module, name, _cut(module.get_submodule(name), kept, 0))


def keep_inputs(module: nn.Module, name: str, kept: Tensor) -> None:
    """Replace a layer by one that takes only some of its inputs."""
    _put(module, name, _cut(module.get_submodule(name), kept, 1))


def keep_channels(module: nn.Module, name: str, kept: Tensor) -> None:
    """Replace a batch normalisation by one over some of its channels."""
    old = cast("nn.BatchNorm1d", module.get_submodule(name))
    new = type(old)(len(kept), old.eps, old.momentum, old.affine, old.track_running_stats)
    for part, value in old.state_dict().items():
        new.state_dict()[part].copy_(value if not value.ndim else value[kept])
    _put(module, name, new.train(old.training))


def _cut(old: nn.Module, kept: Tensor, axis: int) -> nn.Module:
    import torch
    from torch import nn

    weight, bias = cast("Tensor", old.weight), cast("Tensor | None", old.bias)
    cut = weight.detach().index_select(axis, kept).clone()
    has_bias = bias is not None
    if isinstance(old, nn.Linear):
        new: nn.Module = nn.Linear(cut.shape[1], cut.shape[0], bias=has_bias)
    else:
        made = cast("nn.Conv2d", old)
        new = type(made)(
            cut.shape[1],
            cut.shape[0],
            made.kernel_size,
            made.stride,
            cast("tuple[int, int]", made.padding),
            made.dilation,
            bias=has_bias,
            padding_mode=made.padding_mode,
        )
    with torch.no_grad():
        cast("Tensor", new.weight).copy_(cut)
        if bias is not None:
            cast("Tensor", new.bias).copy_(bias[kept] if axis == 0 else bias)
    return new.train(old.training)


def _put(module: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(module.get_submodule(parent), own, new)
