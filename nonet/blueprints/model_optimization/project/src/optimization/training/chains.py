"""Where one layer's outputs reach one other layer alone: an output of the one and an input of the other go together.

Found by symbolic tracing (torch.fx): between two linear or convolution layers stand only operations that work on each
channel by itself, and nothing else reads what is between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from optimization.training.errors import TrainingError

if TYPE_CHECKING:
    import torch
    from torch import fx, nn

_CHANNELWISE = frozenset(
    {
        *("ReLU", "ReLU6", "LeakyReLU", "GELU", "SiLU", "ELU", "SELU", "Tanh", "Sigmoid", "Hardswish", "Hardsigmoid"),
        *("Softplus", "Mish", "Dropout", "Dropout2d", "Identity"),
        *("MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "MaxPool1d", "AvgPool1d"),
    }
)
_FUNCTIONS = frozenset(
    {
        *("relu", "gelu", "silu", "elu", "tanh", "sigmoid", "leaky_relu", "dropout", "hardswish", "softplus"),
        *("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "boolean_dispatch", "fn"),
    }
)
_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d"})


@dataclass(frozen=True)
class Chain:
    """A layer, the normalisations behind it, and the layer that reads it.

    Attributes:
        source: name of the layer whose outputs may go.
        reader: name of the layer that alone reads them.
        norms: names of the batch normalisations between them.
        flattened: whether channels are laid out in one row before the reader, several places to a channel.
    """

    source: str
    reader: str
    norms: Sequence[str] = field(default_factory=tuple)
    flattened: bool = False


def chains(module: nn.Module) -> list[Chain]:
    """Return the chains of a module.

    Raises:
        TrainingError: the module cannot be traced, so what reads what is not known.
    """
    import torch
    from torch import fx

    try:
        graph = fx.symbolic_trace(module).graph
    except Exception as error:  # tracing runs the module's own code
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrainingError(
            f"The structure of this module cannot be followed ({reason}): prune it unstructured, or distil it."
        ) from error
    uses: dict[str, int] = {}
    for node in graph.nodes:
        if node.op == "call_module":
            uses[str(node.target)] = uses.get(str(node.target), 0) + 1
    found: list[Chain] = []
    for node in graph.nodes:
        layer = _layer(module, node)
        if layer is not None and uses[str(node.target)] == 1:
            chain = _followed(module, node, isinstance(layer, torch.nn.Conv2d))
            if chain is not None and uses[chain.reader] == 1:
                found.append(chain)
    return found


def _followed(module: nn.Module, source: fx.Node, convolution: bool) -> Chain | None:
    import torch

    norms: list[str] = []
    flattened = False
    node = source
    while len(node.users) == 1:
        node = next(iter(node.users))
        reader = _layer(module, node)
        if reader is not None:
            if convolution and isinstance(reader, torch.nn.Linear) and not flattened:
                return None
            return Chain(str(source.target), str(node.target), tuple(norms), flattened)
        kind = _kind(module, node)
        if kind == "flat":
            flattened = True
        elif kind == "norm" and not flattened:
            norms.append(str(node.target))
        elif kind != "channelwise":
            return None
    return None


def _layer(module: nn.Module, node: fx.Node) -> nn.Module | None:
    from torch import nn

    if node.op != "call_module":
        return None
    layer = module.get_submodule(str(node.target))
    plain = isinstance(layer, nn.Conv2d) and layer.groups == 1
    return layer if isinstance(layer, nn.Linear) or plain else None


def _kind(module: nn.Module, node: fx.Node) -> str:
    if node.op == "call_module":
        name = type(module.get_submodule(str(node.target))).__name__
        if name in _NORMS:
            return "norm"
        if name == "Flatten":
            return "flat" if cast("torch.nn.Flatten", module.get_submodule(str(node.target))).start_dim == 1 else ""
        return "channelwise" if name in _CHANNELWISE else ""
    name = str(node.target) if node.op == "call_method" else getattr(node.target, "__name__", "")
    if name == "flatten":
        start = node.args[1] if len(node.args) > 1 else node.kwargs.get("start_dim", 0)
        return "flat" if start == 1 else ""
    return "channelwise" if name in _FUNCTIONS and len(node.all_input_nodes) == 1 else ""
