"""Techniques that change a module before it is exported, by the names that designs give them."""

from __future__ import annotations

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
    if design.technique == "prune_unstructured":
        return training.prune(
            module, inputs, labels, amount=design.amount, structure="unstructured", plan=plan, kind=means
        )
    if design.technique == "prune_structured":
        return training.prune(module, inputs, labels, amount=design.amount, plan=plan, kind=means)
    if design.technique == "prune_iterative":
        return training.iterative(module, inputs, labels, amount=design.amount, plan=plan, kind=means)
    if design.technique == "quantization_aware":
        return training.quantization_aware(module, inputs, labels, plan=plan, kind=means)
    if design.technique == "distil":
        return training.distil(module, inputs, labels, size=1 - design.amount, plan=plan, kind=means)
    if design.technique == "multi_task":
        return training.multi_task(module, inputs, labels, size=1 - design.amount, plan=plan)
    return training.self_distil(module, inputs, labels, plan=plan, kind=means)
