"""The tensors of a checkpoint, whatever its format: how many parameters, of which types, in which parts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.described import most, shortened

GROUP_LIMIT = 40
RANK_LIMIT = 64
LARGEST = (1 << 63) - 1


@dataclass(frozen=True)
class Tensor:
    """A tensor's name, element type in the words of its format, and shape."""

    name: str
    kind: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of elements, at most what 64 bits hold."""
        return min(math.prod(self.shape), LARGEST)


def summary(tensors: Sequence[Tensor]) -> Facts:
    """Return what rules read of tensors: their number, their parameters in all and by type."""
    by_type: Counter[str] = Counter()
    for tensor in tensors:
        by_type[tensor.kind] += tensor.count
    return {
        "tensors": len(tensors),
        "parameters": min(by_type.total(), LARGEST),
        "parameters_by_type": most(by_type),
    }


def groups(tensors: Sequence[Tensor]) -> list[str]:
    """Return lines of tensors; those whose names differ in a number only, as layers do, stand in one line."""
    found: dict[tuple[str, str, tuple[int, ...]], int] = {}
    for tensor in tensors:
        name = re.sub(r"(?<![^\W_])\d+(?![^\W_])", "*", tensor.name)
        key = (name, tensor.kind, tensor.shape)
        found[key] = found.get(key, 0) + 1
    lines = [
        f"  {shortened(name, 120)}: {kind} [{', '.join(str(extent) for extent in shape[:16])}]"
        + (f" × {count}" if count > 1 else "")
        for (name, kind, shape), count in list(found.items())[:GROUP_LIMIT]
    ]
    return [*lines, f"  and {len(found) - GROUP_LIMIT} more shapes"] if len(found) > GROUP_LIMIT else lines
