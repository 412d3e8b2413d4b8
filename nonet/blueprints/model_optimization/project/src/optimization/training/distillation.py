"""Distillation: a student learns the answers of its teacher, and of its inner layers where both have them.

Soft targets are of Hinton et al. 2015, hidden states of Jiao et al. 2020 (TinyBERT), a student of fewer layers that
starts as some of its teacher's of Sanh et al. 2019 (DistilBERT).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

from optimization.training import students
from optimization.training.errors import TrainingError
from optimization.training.examples import Arrays, Examples, Labels, answers, named, prepare
from optimization.training.fitting import Plan, fit
from optimization.training.inner import Inner, both, tapped
from optimization.training.targets import Kind, Task, tasks

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_FEW = 8
_NOISE = 0.02
"""Share of a weight's own spread that is added to a student which begins as its teacher, so that it has to learn."""


def distil(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    size: float = 0.5,
    plan: Plan | None = None,
    kind: Kind = "auto",
    hard: float = 0.3,
) -> nn.Module:
    """Return a smaller module that answers like the given one.

    Args:
        module: the teacher; it stays as it is.
        examples: inputs by name, one example per row.
        labels: a label per row, or columns of them.
        size: the share of the teacher's layers that a transformer keeps, or of the widths that an MLP has.
        plan: how to train.
        kind: what the outputs are, where it is known.
        hard: the weight of labels beside the teacher's answers; without labels it says nothing.

    Raises:
        TrainingError: a size out of (0, 1), or a module that no student can be made of.
    """
    given = prepare(module, examples, labels)
    made = students.make(module, given, size, (plan or Plan()).seed)
    teach(module, made.module, given, plan or Plan(), kind=kind, hard=hard, inner=made.pairs)
    return made.module


def self_distil(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    plan: Plan | None = None,
    kind: Kind = "auto",
    hard: float = 0.5,
) -> nn.Module:
    """Return a module of the same architecture taught by the given one's soft targets and the labels (Furlanello 2018).

    It is no smaller or faster: what it can win is the metric on the labels, so labels are needed.

    Raises:
        TrainingError: there are no labels.
    """
    given = prepare(module, examples, labels)
    if not given.labels:
        raise TrainingError("Self-distillation needs labels: without them the student can only become its teacher.")
    student = copy.deepcopy(module)
    _shake(student, (plan or Plan()).seed)
    teach(module, student, given, plan or Plan(), kind=kind, hard=hard)
    return student


def multi_task(
    module: nn.Module,
    examples: Arrays,
    labels: Labels = None,
    *,
    size: float = 0.5,
    plan: Plan | None = None,
    hard: float = 0.3,
) -> nn.Module:
    """Return one smaller module that answers all outputs of the given one, their losses weighed by what is learnt.

    Each task's weight is the inverse of a variance that is trained with the student (Kendall, Gal and Cipolla 2018).

    Raises:
        TrainingError: the module has one output only.
    """
    import torch

    given = prepare(module, examples, labels)
    todo = tasks(_told(module, given), given.labels)
    if len(todo) < 2:
        raise TrainingError(
            "Multi-task distillation needs a module of two outputs or more; this one has one: use distil."
        )
    made = students.make(module, given, size, (plan or Plan()).seed)
    variances = torch.nn.Parameter(torch.zeros(len(todo)))
    teach(module, made.module, given, plan or Plan(), hard=hard, inner=made.pairs, variances=variances)
    return made.module


def teach(
    teacher: nn.Module,
    student: nn.Module,
    examples: Examples,
    plan: Plan,
    *,
    kind: Kind = "auto",
    hard: float = 0.0,
    inner: tuple[Inner, ...] = (),
    variances: nn.Parameter | None = None,
    after_step: Callable[[nn.Module], None] | None = None,
) -> None:
    """Train a student in place to answer as a teacher.

    Args:
        teacher: it stays as it is.
        student: what is trained.
        examples: what both are asked.
        plan: how.
        kind: what the outputs are, where it is known.
        hard: the weight of labels beside the teacher's answers, from 0 to 1.
        inner: layers of the two that are to agree.
        variances: a trained log-variance per output, shape (outputs,), which weighs them; else all weigh the same.
        after_step: called after each step.
    """
    import torch

    if not 0 <= hard <= 1:
        raise TrainingError(f"The weight of labels must be from 0 to 1, not {hard}.")
    if not plan.epochs:
        return
    teacher = copy.deepcopy(teacher).eval()
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)
    todo = tasks(_told(teacher, examples), examples.labels if hard else {}, kind)

    def loss(trained: nn.Module, batch: Examples) -> torch.Tensor:
        with torch.no_grad(), tapped(teacher, [each.teacher for each in inner]) as theirs:
            told = named(batch.call(teacher))
        with tapped(trained, [each.student for each in inner]) as mine:
            said = named(batch.call(trained))
        total = both(inner, mine, theirs, batch.mask)
        for place, task in enumerate(todo):
            one = _of(task, said, told, batch, hard)
            total = total + (one if variances is None else one * torch.exp(-variances[place]) + variances[place])
        return total

    fit(student, examples, loss, plan, extra=() if variances is None else (variances,), after_step=after_step)


def _of(task: Task, said: dict[str, Tensor], told: dict[str, Tensor], batch: Examples, hard: float) -> Tensor:
    if task.output not in said or said[task.output].shape != told[task.output].shape:
        raise TrainingError(f"The student does not answer {task.output} in the shape of its teacher.")
    label = batch.labels[task.label] if task.label is not None else None
    return task.loss(said[task.output], told[task.output], label, batch.mask, hard)


def _told(module: nn.Module, examples: Examples) -> dict[str, Tensor]:
    """Return the answers on a few examples, which tell what outputs there are."""
    return answers(module, examples.take(range(min(len(examples), _FEW))))


def _shake(module: nn.Module, seed: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for each in module.parameters():
            if each.is_floating_point() and each.numel() > 1:
                each.add_(torch.randn(each.shape, generator=generator) * each.std() * _NOISE)
