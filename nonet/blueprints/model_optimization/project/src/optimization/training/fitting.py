"""The one training loop: seeded, bounded by epochs and by time; the best state, the first among them, is what stays."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimization.training.encoder import layer_list
from optimization.training.errors import TrainingError
from optimization.training.examples import Examples

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_HELD_SHARE = 0.1
_HELD_LEAST = 8
"""Examples held out to tell which epoch was best; where there would be fewer, the fitted ones themselves tell."""
_WARM_UP = 0.1
_WARM_STEPS = 10
"""Steps of the warm-up at least: the first ones of Adam move every weight by the whole rate, whatever its gradient."""
_CLIP = 1.0
_SMALL = 1_000_000
"""Parameters under which a module is small, if it is no transformer: its steps take milliseconds."""
_LEAST_STEPS = 500
_RATE, _SMALL_RATE = 2e-4, 2e-3


@dataclass(frozen=True)
class Progress:
    """Where a training is after an epoch: mean training loss, the loss on examples held out, and seconds so far."""

    epoch: int
    epochs: int
    steps: int
    loss: float
    held_loss: float | None
    seconds: float


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        epochs: times through the examples; 0 trains nothing. A module of under a million parameters that is no
            transformer trains in seconds, and goes through them as often as makes five hundred steps.
        seed: of the shuffling, the split and any fresh weights.
        rate: learning rate at its highest; it warms up over a tenth of the steps and then falls linearly. ``None``
            takes 2e-4, and 2e-3 for such a small module.
        batch: examples per step.
        seconds: time limit; the training ends with the step that passes it. ``None`` for none.
        progress: told after every epoch.
    """

    epochs: int = 3
    seed: int = 0
    rate: float | None = None
    batch: int = 32
    seconds: float | None = None
    progress: Callable[[Progress], None] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be trained by."""
        if self.epochs < 0 or self.batch < 1 or (self.rate is not None and self.rate <= 0):
            raise TrainingError("Epochs must be 0 or more, the batch 1 or more and the learning rate above 0.")
        if self.seconds is not None and self.seconds <= 0:
            raise TrainingError("The time limit of a training must be more than 0 seconds.")


@contextmanager
def seeded(seed: int) -> Generator[torch.Generator]:
    """Seed torch inside, and put its state back after; the generator is for shuffles."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield torch.Generator().manual_seed(seed)


def fit(
    module: nn.Module,
    examples: Examples,
    loss: Callable[[nn.Module, Examples], Tensor],
    plan: Plan,
    extra: Sequence[nn.Parameter] = (),
    after_step: Callable[[nn.Module], None] | None = None,
) -> None:
    """Train a module in place.

    Dropout stays off and the running statistics of batch normalisation stay as they are: the target is what a model
    answers in production, and a short training cannot learn statistics anew. Embedding tables are not trained: few
    examples show few of the words, and the others have to keep their place among them.

    Args:
        module: what is trained.
        examples: what it is trained on; a tenth is held out to choose the epoch.
        loss: of the module on a batch.
        plan: how.
        extra: parameters outside the module that are trained too.
        after_step: called after each step, to keep a constraint such as weights that stay zero.

    Raises:
        TrainingError: the loss left the finite numbers.
    """
    if not plan.epochs:
        return
    with seeded(plan.seed) as order, _frozen_tables(module):
        module.eval()
        fitted, held = _split(examples, order)
        parameters = [each for each in module.parameters() if each.requires_grad] + list(extra)
        if not parameters:
            raise TrainingError("This module has no parameter that could be trained.")
        run = _Run(module, loss, plan, parameters, len(fitted), after_step)
        judges = fitted if held is None else held
        # What the training begins with may be better than all that it makes.
        best = _mean_loss(module, judges, loss, plan.batch), copy.deepcopy(module.state_dict())
        for epoch in range(run.epochs):
            mean = run.epoch(fitted, order)
            judged = _mean_loss(module, judges, loss, plan.batch)
            if judged < best[0]:
                best = judged, copy.deepcopy(module.state_dict())
            if plan.progress is not None:
                told = None if held is None else judged
                plan.progress(Progress(epoch + 1, run.epochs, run.steps, mean, told, run.seconds))
            if run.late:
                break
        module.load_state_dict(best[1])


class _Run:
    """The optimizer, its schedule, and how far it is."""

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[[nn.Module, Examples], Tensor],
        plan: Plan,
        parameters: list[nn.Parameter],
        count: int,
        after_step: Callable[[nn.Module], None] | None,
    ) -> None:
        import torch

        self.module, self.loss, self.plan, self.after_step = module, loss, plan, after_step
        self.parameters = parameters
        small = sum(each.numel() for each in parameters) < _SMALL and not layer_list(module)
        in_epoch = -(-count // plan.batch)
        self.epochs = max(plan.epochs, -(-_LEAST_STEPS // in_epoch)) if small else plan.epochs
        rate = plan.rate or (_SMALL_RATE if small else _RATE)
        self.optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
        whole = self.epochs * in_epoch
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: _factor(step, whole))
        self.steps, self._began = 0, time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return self.plan.seconds is not None and self.seconds > self.plan.seconds

    def epoch(self, examples: Examples, order: torch.Generator) -> float:
        """Go through the examples once, or until the time is over; return the mean loss."""
        import torch

        total, count = 0.0, 0
        for batch in examples.batches(self.plan.batch, order):
            value = self.loss(self.module, batch)
            if not torch.isfinite(value):
                raise TrainingError(f"The training diverged at step {self.steps + 1}: give a lower learning rate.")
            self.optimizer.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, _CLIP)
            self.optimizer.step()
            self.schedule.step()
            if self.after_step is not None:
                self.after_step(self.module)
            self.steps, total, count = self.steps + 1, total + float(value.detach()) * len(batch), count + len(batch)
            if self.late:
                break
        return total / count


@contextmanager
def _frozen_tables(module: nn.Module) -> Generator[None]:
    from torch import nn

    tables = [each.weight for each in module.modules() if isinstance(each, nn.Embedding) and each.weight.requires_grad]
    for each in tables:
        each.requires_grad_(requires_grad=False)
    try:
        yield
    finally:
        for each in tables:
            each.requires_grad_(requires_grad=True)


def _split(examples: Examples, order: torch.Generator) -> tuple[Examples, Examples | None]:
    import torch

    count = int(len(examples) * _HELD_SHARE)
    if count < _HELD_LEAST:
        return examples, None
    rows = torch.randperm(len(examples), generator=order).numpy()
    return examples.take(rows[count:]), examples.take(rows[:count])


def _mean_loss(
    module: nn.Module, examples: Examples, loss: Callable[[nn.Module, Examples], Tensor], batch: int
) -> float:
    import torch

    with torch.no_grad():
        total = sum(float(loss(module, part)) * len(part) for part in examples.batches(batch))
    return total / len(examples)


def _factor(step: int, steps: int) -> float:
    warm = max(_WARM_STEPS, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.02, (steps - step) / max(1, steps - warm))
