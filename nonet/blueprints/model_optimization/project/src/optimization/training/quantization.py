"""Quantization-aware training: linear layers learn with the rounding of INT8 in their way (Jacob et al. 2018).

Weights are rounded to signed 8-bit numbers with a scale per output (symmetric), activations to unsigned 8-bit numbers
with one scale and zero point (affine), whose range is followed while training. The rounding lets gradients through
(straight-through estimator, Bengio et al. 2013). What comes out holds 8-bit weights and, exported to ONNX, has
QuantizeLinear and DequantizeLinear around each product: the static INT8 path of ONNX Runtime, without a calibration.
Embedding tables are rounded before the training, with a scale per row, so that the file is a quarter of the size.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from optimization.training.distillation import teach
from optimization.training.encoder import layer_list
from optimization.training.errors import TrainingError
from optimization.training.examples import Arrays, Examples, Labels, answers, prepare
from optimization.training.fitting import Plan, seeded
from optimization.training.targets import Kind

if TYPE_CHECKING:
    from torch import nn

    from optimization.training.quantized import Rounded

_RATE = 5e-5
"""Of a transformer: its weights are right already, and have only to move by parts of a rounding step."""
_CALIBRATED = 256
"""Examples that the ranges of activations begin with."""


def quantization_aware(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    plan: Plan | None = None,
    kind: Kind = "auto",
    hard: float = 0.0,
) -> nn.Module:
    """Return a copy whose linear layers compute with 8-bit numbers, trained so to answer as the given module.

    Args:
        module: the module; it stays as it is.
        examples: inputs by name, one example per row.
        labels: a label per row, or columns of them.
        plan: how to train; with 0 epochs the ranges are measured and nothing is trained.
        kind: what the outputs are, where it is known.
        hard: the weight of labels beside the module's own answers.

    Raises:
        TrainingError: the module has no linear layer.
    """
    given = prepare(module, examples, labels)
    student = copy.deepcopy(module).eval()
    rounded = _replace(student)
    if not rounded:
        raise TrainingError("This module has no linear layer that could be quantized: use static INT8 of ONNX Runtime.")
    with seeded((plan or Plan()).seed):
        _calibrate(student, rounded, given)
    how = plan or Plan()
    if how.rate is None and layer_list(module):
        how = replace(how, rate=_RATE)
    teach(module, student, given, how, kind=kind, hard=hard)
    for name, each in rounded.items():
        _put(student, name, each.frozen())
    return student


def _replace(module: nn.Module) -> dict[str, Rounded]:
    """Put rounded layers in place of the linear ones, each used once however often it is named."""
    from torch import nn

    from optimization.training.quantized import QuantizedEmbedding, Rounded

    found = {name: Rounded(each) for name, each in module.named_modules() if type(each) is nn.Linear}
    tables = [(name, each) for name, each in module.named_modules() if type(each) is nn.Embedding and not each.max_norm]
    for name, each in [*found.items(), *((name, QuantizedEmbedding(each)) for name, each in tables if found)]:
        _put(module, name, each)
    return found


def _calibrate(module: nn.Module, rounded: dict[str, Rounded], examples: Examples) -> None:
    for each in rounded.values():
        each.observing = True
    answers(module, examples.take(range(min(len(examples), _CALIBRATED))))
    for name, each in rounded.items():
        each.observing = False
        if not each.seen:
            _put(module, name, each.plain())  # a layer that no example reaches, such as an unused head
    for name in [name for name, each in rounded.items() if not each.seen]:
        del rounded[name]


def _put(module: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(module.get_submodule(parent), own, new)
