"""Structured pruning: the least important heads, neurons and channels are taken out, so that the module is smaller.

An attention head or a neuron matters by what its activations carry to the answers (Michel et al. 2019; Molchanov et al.
2019). The layer that read what is gone is then fitted by least squares to answer from what is left (Luo et al. 2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from optimization.training import chains as chained
from optimization.training import encoder, linear
from optimization.training.errors import TrainingError
from optimization.training.examples import Examples
from optimization.training.measured import Inputs, measure

if TYPE_CHECKING:
    from torch import Tensor, nn

_RIDGE = 1e-3
"""Share of the mean square of the inputs that is added to each, so that the fit is determined with few examples."""


def prune(module: nn.Module, examples: Examples, amount: float, batch: int = 32) -> None:
    """Take the share ``amount`` of heads, neurons and channels out of a module, in place.

    Of a transformer, every layer loses the same number, so that layers stay alike; at least one part of each stays.

    Raises:
        TrainingError: the module has nothing that can be taken out.
    """
    found = encoder.layers(module)
    if found:
        _encoder(module, found, examples, amount, batch)
        return
    chain = chained.chains(module)
    if not chain:
        raise TrainingError(
            "This module has no neurons, channels or heads that can be taken out: prune it unstructured, or distil it."
        )
    inputs = measure(module, examples, [each.reader for each in chain], batch)
    for each in chain:
        _chain(module, each, inputs, amount)


def _encoder(module: nn.Module, layers: list[encoder.Layer], examples: Examples, amount: float, batch: int) -> None:
    readers = [f"{each.path}.{part}" for each in layers for part in (each.joined, each.narrowed)]
    inputs = measure(module, examples, readers, batch)
    for each in layers:
        if each.heads:
            _heads(module, each, inputs, amount)
        narrowed = f"{each.path}.{each.narrowed}"
        neurons = _best(inputs.importance[narrowed], amount)
        linear.keep_outputs(module, f"{each.path}.{each.widened}", neurons)
        _read(module, narrowed, neurons, inputs)


def _heads(module: nn.Module, layer: encoder.Layer, inputs: Inputs, amount: float) -> None:
    joined = f"{layer.path}.{layer.joined}"
    heads = _best(inputs.importance[joined].reshape(layer.heads, layer.head_size).sum(1), amount)
    rows = _spread(heads, layer.head_size)
    for part in (layer.query, layer.key, layer.value):
        linear.keep_outputs(module, f"{layer.path}.{part}", rows)
    _read(module, joined, rows, inputs)
    _recount(module.get_submodule(f"{layer.path}.{layer.query}".rpartition(".")[0]), len(heads), layer.head_size)


def _recount(holder: nn.Module, heads: int, size: int) -> None:
    """Tell an attention how many heads it has left, by each name that transformers has for it."""
    counts = {"num_attention_heads": heads, "n_heads": heads, "all_head_size": heads * size, "dim": heads * size}
    for name, value in counts.items():
        if isinstance(getattr(holder, name, None), int):
            setattr(holder, name, value)


def _chain(module: nn.Module, chain: chained.Chain, inputs: Inputs, amount: float) -> None:
    scores = inputs.importance[chain.reader]
    outputs = cast("Tensor", module.get_submodule(chain.source).weight).shape[0]
    places = len(scores) // outputs  # values of one channel that a flattened reader takes
    kept = _best(scores.reshape(outputs, places).sum(1), amount)
    linear.keep_outputs(module, chain.source, kept)
    for norm in chain.norms:
        linear.keep_channels(module, norm, kept)
    _read(module, chain.reader, _spread(kept, places), inputs)


def _read(module: nn.Module, name: str, kept: Tensor, inputs: Inputs) -> None:
    """Leave a layer some of its inputs; fit a linear one to answer from them as it did from all."""
    import torch

    weight = cast("Tensor", module.get_submodule(name).weight).detach()
    linear.keep_inputs(module, name, kept)
    products = inputs.products.get(name)
    if products is None:
        return
    seen, before = products.double(), weight.t().double()
    ridge = (seen.diagonal().mean() * _RIDGE).clamp_min(1e-12)
    left = seen[kept][:, kept] + torch.eye(len(kept), dtype=seen.dtype) * ridge
    # The ridge pulls to the weights as they were, not to zero: where examples say little, little is changed.
    right = seen[kept] @ before + before[kept] * ridge
    with torch.no_grad():
        cast("Tensor", module.get_submodule(name).weight).copy_(torch.linalg.solve(left, right).t())


def _best(scores: Tensor, amount: float) -> Tensor:
    """Return the numbers of the parts that stay, in order."""
    count = max(1, len(scores) - round(len(scores) * amount))
    return scores.topk(count).indices.sort().values


def _spread(parts: Tensor, size: int) -> Tensor:
    """Return the rows of parts of ``size`` rows each."""
    import torch

    return (parts.unsqueeze(1) * size + torch.arange(size)).reshape(-1)
