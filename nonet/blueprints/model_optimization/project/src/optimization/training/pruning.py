"""Pruning, at once or step by step, with training between the steps that wins back what was lost."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from optimization.training import magnitude, structured
from optimization.training.distillation import teach
from optimization.training.errors import TrainingError
from optimization.training.examples import Arrays, Examples, Labels, prepare
from optimization.training.fitting import Plan, seeded
from optimization.training.targets import Kind

if TYPE_CHECKING:
    from torch import Tensor, nn

Structure = Literal["unstructured", "two_of_four", "structured"]


def prune(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    amount: float = 0.5,
    structure: Structure = "structured",
    plan: Plan | None = None,
    kind: Kind = "auto",
    hard: float = 0.0,
) -> nn.Module:
    """Return a pruned copy of a module, trained after to answer as the given one.

    Args:
        module: the module; it stays as it is.
        examples: inputs by name, one example per row.
        labels: a label per row, or columns of them.
        amount: the share that goes: of the weights, or of heads, neurons and channels. Two of four is always half.
        structure: "structured" takes parts out, so that the module is smaller and faster; the others make zeros.
        plan: how to train after; without one nothing is trained.
        kind: what the outputs are, where it is known.
        hard: the weight of labels beside the module's own answers.

    Raises:
        TrainingError: an amount out of (0, 1), or a module that cannot be pruned so.
    """
    return iterative(
        module, examples, labels, amount=amount, structure=structure, plan=plan, kind=kind, hard=hard, rounds=1
    )


def iterative(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    amount: float = 0.5,
    rounds: int = 3,
    structure: Structure = "structured",
    plan: Plan | None = None,
    kind: Kind = "auto",
    hard: float = 0.0,
) -> nn.Module:
    """Return a copy pruned in several rounds, trained after each; the plan's epochs and time are shared by the rounds.

    What stays shrinks by the same ratio each round, so that ``amount`` is gone at the end (Zhu and Gupta 2017 prune so
    by a schedule). Arguments are those of :func:`prune`.
    """
    if not 0 < amount < 1:
        raise TrainingError(f"The share to prune must be between 0 and 1, not {amount}.")
    if rounds < 1:
        raise TrainingError(f"Pruning needs 1 round or more, not {rounds}.")
    given = prepare(module, examples, labels)
    pruned = copy.deepcopy(module)
    if structure == "unstructured" and not magnitude.weights(pruned):
        raise TrainingError("This module has no linear or convolution layer whose weights could be pruned.")
    with seeded(plan.seed if plan is not None else 0):
        for place in range(rounds):
            kept = _once(pruned, given, amount, (place + 1) / rounds, structure, rounds)
            if plan is not None and plan.epochs:
                teach(
                    module, pruned, given, _share(plan, place, rounds), kind=kind, hard=hard, after_step=_keeping(kept)
                )
    return pruned


def _once(
    module: nn.Module, examples: Examples, amount: float, reached: float, structure: Structure, rounds: int
) -> dict[str, Tensor]:
    """Prune as far as a round goes; return the masks that training must keep."""
    if structure == "structured":
        structured.prune(module, examples, 1 - (1 - amount) ** (1 / rounds))
        return {}
    so_far = 1 - (1 - amount) ** reached
    kept = magnitude.two_of_four(module) if structure == "two_of_four" else magnitude.masks(module, so_far)
    magnitude.apply(module, kept)
    return kept


def _share(plan: Plan, place: int, rounds: int) -> Plan:
    epochs = plan.epochs // rounds + (place < plan.epochs % rounds)
    seconds = None if plan.seconds is None else plan.seconds / rounds
    return replace(plan, epochs=epochs, seconds=seconds, seed=plan.seed + place)


def _keeping(kept: dict[str, Tensor]) -> Callable[[nn.Module], None] | None:
    if not kept:
        return None
    return lambda module: magnitude.apply(module, kept)
