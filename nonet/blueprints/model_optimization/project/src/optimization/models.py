"""What a loaded model offers, whoever runs it: named arrays in, named arrays out, the first axis the example."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from optimization.errors import OptimizationError
from optimization.examples import Arrays, Port


class ModelError(OptimizationError):
    """A model that cannot be loaded, run or converted; one line says why and what to do."""


class Model(Protocol):
    """A loaded model."""

    @property
    def ports(self) -> Sequence[Port]:
        """Its inputs."""
        ...

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name.

        Raises:
            ModelError: the model refuses the inputs.
        """
        ...


def cores(limit: int = 0) -> int:
    """Return how many threads a model may use: ``limit``, or this process's processors where it is 0."""
    return limit or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else limit or os.cpu_count() or 1


def first_line(error: BaseException) -> str:
    """Return the first line that an exception says something in."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
