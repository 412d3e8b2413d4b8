"""Smaller modules with the inputs and outputs of a given one: an encoder of fewer layers, or an MLP."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimization.training import encoder
from optimization.training.errors import TrainingError
from optimization.training.examples import Examples, answers
from optimization.training.fitting import seeded
from optimization.training.inner import Inner
from optimization.training.losses import near

if TYPE_CHECKING:
    from torch import Tensor, nn

_ASKED = 48
"""Examples on which it is measured which layers are missed least."""
_LEAST_WIDTH = 4


@dataclass(frozen=True)
class Student:
    """A module that is to be taught, and which of its layers answer which of its teacher's."""

    module: nn.Module
    pairs: tuple[Inner, ...] = ()


def make(module: nn.Module, examples: Examples, size: float, seed: int) -> Student:
    """Return an untaught student.

    Args:
        module: the teacher.
        examples: what it is asked.
        size: the share of layers (of an encoder) or of widths (of an MLP) that the student has.
        seed: of an MLP's first weights.

    Raises:
        TrainingError: a size out of (0, 1), an encoder of one layer, or inputs that are no floating-point numbers.
    """
    if not 0 < size < 1:
        raise TrainingError(f"The size of a student must be between 0 and 1, not {size}.")
    found = encoder.layer_list(module)
    return _fewer_layers(module, found[0], examples, size) if found else _mlp(module, examples, size, seed)


def _fewer_layers(module: nn.Module, path: str, examples: Examples, size: float) -> Student:
    from torch import nn

    count = len(_list(module, path))
    if count < 2:
        raise TrainingError("This encoder has one layer: no student of fewer layers can be made of it.")
    kept = least_missed(module, path, examples, min(count - 1, max(1, round(count * size))))
    student = copy.deepcopy(module)
    _set_list(student, path, nn.ModuleList([_list(student, path)[place] for place in kept]))
    # The last layer that was dropped after a layer that stayed is what that layer now has to stand for.
    ends = [*(later - 1 for later in kept[1:]), count - 1]
    pairs = tuple(Inner(f"{path}.{place}", f"{path}.{end}") for place, end in enumerate(ends))
    return Student(student, pairs)


def least_missed(module: nn.Module, path: str, examples: Examples, count: int) -> list[int]:
    """Return which layers to keep: again and again the one goes without which the answers change least.

    Args:
        module: the encoder.
        path: where its layers are.
        examples: what it is asked.
        count: how many stay.
    """
    from torch import nn

    asked = examples.take(range(min(len(examples), _ASKED)))
    told = answers(module, asked)
    trial = copy.deepcopy(module)
    whole = list(_list(trial, path))
    kept = list(range(len(whole)))
    while len(kept) > count:
        changes: list[tuple[float, int]] = []
        for place in kept:
            _set_list(trial, path, nn.ModuleList([whole[each] for each in kept if each != place]))
            said = answers(trial, asked)
            changes.append((sum(float(near(said[name], told[name], asked.mask)) for name in told), place))
        kept.remove(min(changes)[1])
    return kept


def _list(module: nn.Module, path: str) -> Any:
    return module.get_submodule(path)


def _set_list(module: nn.Module, path: str, layers: nn.ModuleList) -> None:
    parent, _, own = path.rpartition(".")
    setattr(module.get_submodule(parent), own, layers)
    config = getattr(module, "config", None)
    for name in ("num_hidden_layers", "n_layers"):
        if isinstance(getattr(config, name, None), int):
            setattr(config, name, len(layers))


def _mlp(module: nn.Module, examples: Examples, size: float, seed: int) -> Student:
    if not all(each.is_floating_point() for each in examples.inputs.values()):
        raise TrainingError(
            "No student can be made of this module: its inputs are whole numbers and it is no encoder known here."
        )
    told = answers(module, examples)
    inputs = {name: each[0].numel() for name, each in examples.inputs.items()}
    from optimization.training.mlp import Mlp

    with seeded(seed):
        student = Mlp(
            list(inputs),
            sum(inputs.values()),
            [max(_LEAST_WIDTH, round(width * size)) for width in _widths(module, sum(inputs.values()))],
            {name: tuple(each.shape[1:]) for name, each in told.items()},
        )
    student.normalise(_rows(examples))
    return Student(student)


def _rows(examples: Examples) -> Tensor:
    import torch

    return torch.cat([each.reshape(len(each), -1) for each in examples.inputs.values()], dim=1)


def _widths(module: nn.Module, inputs: int) -> list[int]:
    """Return the widths of a teacher's hidden layers; of one that has no linear ones, one as wide as its inputs."""
    from torch import nn

    found = [each.out_features for each in module.modules() if isinstance(each, nn.Linear)][:-1]
    return found or [max(16, inputs)]
