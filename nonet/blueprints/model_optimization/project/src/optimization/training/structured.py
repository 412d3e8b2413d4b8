"""Structured pruning: the least important heads, neurons and channels are taken out, so that the module is smaller.

An attention head or a neuron matters by how much of the loss or the output it carries: the absolute product of its
activation and the gradient there (Michel et al. 2019; Molchanov et al. 2019), summed over the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from optimization.training import chains as chained
from optimization.training import encoder, linear
from optimization.training.errors import TrainingError
from optimization.training.examples import Examples, named

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_EXAMPLES = 256
"""Examples that importance is measured on; more change the order of the parts little and cost time."""


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
    scores = _importance(module, examples, {each.reader: each.reader for each in chain}, batch)
    for each in chain:
        _chain(module, each, scores[each.reader], amount)


def _encoder(module: nn.Module, layers: list[encoder.Layer], examples: Examples, amount: float, batch: int) -> None:
    import torch

    names = {f"{each.path}.{part}": part for each in layers for part in (each.joined, each.narrowed)}
    scores = _importance(module, examples, names, batch)
    for each in layers:
        heads = scores[f"{each.path}.{each.joined}"].reshape(each.heads, each.head_size).sum(1)
        kept = _best(heads, amount)
        rows = (kept.unsqueeze(1) * each.head_size + torch.arange(each.head_size)).reshape(-1)
        for part in (each.query, each.key, each.value):
            linear.keep_outputs(module, f"{each.path}.{part}", rows)
        linear.keep_inputs(module, f"{each.path}.{each.joined}", rows)
        holder = module.get_submodule(f"{each.path}.{each.query}".rpartition(".")[0])
        _recount(holder, len(kept), each.head_size)
        neurons = _best(scores[f"{each.path}.{each.narrowed}"], amount)
        linear.keep_outputs(module, f"{each.path}.{each.widened}", neurons)
        linear.keep_inputs(module, f"{each.path}.{each.narrowed}", neurons)


def _recount(holder: nn.Module, heads: int, size: int) -> None:
    """Tell an attention how many heads it has left, by each name that transformers has for it."""
    for name, value in (
        ("num_attention_heads", heads),
        ("n_heads", heads),
        ("all_head_size", heads * size),
        ("dim", heads * size),
    ):
        if isinstance(getattr(holder, name, None), int):
            setattr(holder, name, value)


def _chain(module: nn.Module, chain: chained.Chain, scores: Tensor, amount: float) -> None:
    import torch

    source = module.get_submodule(chain.source)
    outputs = cast("Tensor", source.weight).shape[0]
    places = len(scores) // outputs  # values of one channel that a flattened reader takes
    kept = _best(scores.reshape(outputs, places).sum(1), amount)
    linear.keep_outputs(module, chain.source, kept)
    for norm in chain.norms:
        linear.keep_channels(module, norm, kept)
    rows = (kept.unsqueeze(1) * places + torch.arange(places)).reshape(-1)
    linear.keep_inputs(module, chain.reader, rows)


def _best(scores: Tensor, amount: float) -> Tensor:
    """Return the numbers of the parts that stay, in order."""
    count = max(1, len(scores) - round(len(scores) * amount))
    return scores.topk(count).indices.sort().values


def _importance(module: nn.Module, examples: Examples, names: Mapping[str, str], batch: int) -> dict[str, Tensor]:
    """Return, for the named layers, how much each of their inputs matters: shape (inputs,) each."""
    import torch

    taken: dict[str, Tensor] = {}
    sums: dict[str, Tensor] = {}
    hooks = [module.get_submodule(name).register_forward_pre_hook(_taking(taken, name)) for name in names]
    training = module.training
    module.eval()
    try:
        for part in examples.take(range(min(len(examples), _EXAMPLES))).batches(batch):
            taken.clear()
            with torch.enable_grad():
                outputs = named(part.call(module))
                # What the answers carry: half their squared norm, whose gradient is the answers themselves.
                carried = sum((each.square().mean() for each in outputs.values()), torch.zeros(())) / 2
                gradients = torch.autograd.grad(carried, list(taken.values()), allow_unused=True)
            for name, gradient in zip(taken, gradients, strict=True):
                values = taken[name].detach()
                product = (values * gradient).abs() if gradient is not None else torch.zeros_like(values)
                if product.ndim == 4:  # images: the channel is the second axis
                    product = product.movedim(1, -1)
                total = product.reshape(-1, product.shape[-1]).sum(0)
                sums[name] = sums.get(name, torch.zeros_like(total)) + total
    finally:
        for hook in hooks:
            hook.remove()
        module.train(training)
    return sums


def _taking(taken: dict[str, Tensor], name: str) -> Callable[[nn.Module, tuple[Any, ...]], Any]:
    def take(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        first = inputs[0]
        if not first.requires_grad:  # frozen weights before it leave no gradient
            first = first.detach().requires_grad_()
        taken[name] = first
        return (first, *inputs[1:])

    return take
