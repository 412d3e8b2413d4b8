"""What layers inside a module answer, taken as they run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimization.training import losses

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Inner:
    """A layer of the student and the one of the teacher it is to answer like, by their names in the modules."""

    student: str
    teacher: str


@contextmanager
def tapped(module: nn.Module, names: Sequence[str]) -> Generator[dict[str, Tensor]]:
    """Collect what the named layers answer while the block runs."""
    taken: dict[str, Tensor] = {}
    hooks = [module.get_submodule(name).register_forward_hook(_taking(taken, name)) for name in dict.fromkeys(names)]
    try:
        yield taken
    finally:
        for hook in hooks:
            hook.remove()


def both(pairs: Sequence[Inner], student: dict[str, Tensor], teacher: dict[str, Tensor], mask: Tensor | None) -> Tensor:
    """Return the mean loss over pairs of layers; 0 where there are none."""
    import torch

    if not pairs:
        return torch.zeros(())
    found = [losses.hidden(student[each.student], teacher[each.teacher], mask) for each in pairs]
    return torch.stack(found).mean()


def _taking(taken: dict[str, Tensor], name: str) -> Callable[[nn.Module, Any, Any], None]:
    def take(_: nn.Module, __: Any, output: Any) -> None:
        taken[name] = output[0] if isinstance(output, tuple | list) else output

    return take
