"""Techniques that change a module before it is exported, by the names that designs give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from optimization import training
from optimization.design import Design
from optimization.examples import Arrays
from optimization.training.targets import Kind

if TYPE_CHECKING:
    from torch import nn

SECONDS = 600.0
"""A technique's training ends with the step that passes this."""


def apply(module: nn.Module, design: Design, inputs: Arrays, labels: Any, kind: str) -> nn.Module:
    """Return a changed copy of a module.

    Args:
        module: as it was given.
        design: its technique, amount and epochs.
        inputs: examples to learn from, by name.
        labels: of them, or ``None``.
        kind: what the output is: "decision", "vector" or "number".

    Raises:
        OptimizationError: the technique does not fit the module or the examples.
    """
    plan = training.Plan(epochs=design.epochs, seconds=SECONDS)
    means: Kind = "classes" if kind == "decision" else "numbers"
    share = design.amount
    makers: dict[str, Callable[[], nn.Module]] = {
        "prune_unstructured": lambda: training.prune(
            module, inputs, labels, amount=share, structure="unstructured", plan=plan, kind=means
        ),
        "prune_structured": lambda: training.prune(module, inputs, labels, amount=share, plan=plan, kind=means),
        "prune_iterative": lambda: training.iterative(module, inputs, labels, amount=share, plan=plan, kind=means),
        "quantization_aware": lambda: training.quantization_aware(module, inputs, labels, plan=plan, kind=means),
        "distil": lambda: training.distil(module, inputs, labels, size=1 - share, plan=plan, kind=means),
        "multi_task": lambda: training.multi_task(module, inputs, labels, size=1 - share, plan=plan),
        "self_distil": lambda: training.self_distil(module, inputs, labels, plan=plan, kind=means),
    }
    return makers[design.technique]()
