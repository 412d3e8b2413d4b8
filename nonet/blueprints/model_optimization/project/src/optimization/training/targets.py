"""What each output of a module is, and so how a student is held to it: classes by soft targets, numbers by distance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from optimization.training import losses
from optimization.training.errors import TrainingError

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["auto", "classes", "numbers"]


@dataclass(frozen=True)
class Task:
    """One output: whether it scores classes, and the label column it answers, if any does."""

    output: str
    classes: bool
    label: str | None

    def loss(self, student: Tensor, teacher: Tensor, label: Tensor | None, mask: Tensor | None, hard: float) -> Tensor:
        """Return a weighted sum: ``hard`` of the labels' loss, the rest of the distance to the teacher."""
        from torch.nn import functional

        taught = losses.soft(student, teacher, mask) if self.classes else losses.near(student, teacher, mask)
        if label is None or not hard:
            return taught
        if self.classes:
            told = functional.cross_entropy(student, label)
        else:
            told = functional.mse_loss(student.reshape(label.shape), label.to(student.dtype))
        return hard * told + (1 - hard) * taught


def tasks(outputs: Mapping[str, Tensor], labels: Mapping[str, Tensor], kind: Kind = "auto") -> list[Task]:
    """Return the tasks of a module by its answers.

    An output scores classes where the caller says so, where it is called logits, or where it has a score per class of
    an integer label column. Labels go to outputs of their name, else in order.

    Args:
        outputs: the module's answers by name.
        labels: label columns by name.
        kind: what the outputs are, where it is known.

    Raises:
        TrainingError: a label column that no output answers.
    """
    matched = _matched(outputs, labels, kind)
    return [
        Task(
            name,
            kind == "classes"
            or (kind == "auto" and ("logit" in name or _scores(output, labels.get(matched.get(name, ""))))),
            matched.get(name),
        )
        for name, output in outputs.items()
    ]


def _matched(outputs: Mapping[str, Tensor], labels: Mapping[str, Tensor], kind: Kind) -> dict[str, str]:
    found = {name: name for name in outputs if name in labels}
    free = [name for name in outputs if name not in found]
    for column in (each for each in labels if each not in found):
        place = next((name for name in free if _fits(outputs[name], labels[column], kind)), None)
        if place is None:
            shapes = ", ".join(f"{name} of shape {tuple(each.shape[1:])}" for name, each in outputs.items())
            raise TrainingError(
                f"No output of the module answers the labels {column}: it has {shapes}. Leave them out."
            )
        free.remove(place)
        found[place] = column
    return found


def _fits(output: Tensor, label: Tensor, kind: Kind) -> bool:
    one = output[0].numel() == 1
    return (kind != "classes" and one) or (kind != "numbers" and _scores(output, label))


def _scores(output: Tensor, label: Tensor | None) -> bool:
    """Whether an output has a score per class of a label column."""
    if label is None or label.is_floating_point() or output.ndim != 2 or output.shape[1] < 2:
        return False
    return int(label.min()) >= 0 and int(label.max()) < output.shape[1]
