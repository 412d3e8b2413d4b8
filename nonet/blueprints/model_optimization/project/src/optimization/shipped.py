"""The shipped model held against the original's outputs that ship beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optimization import examples, opened, original

if TYPE_CHECKING:
    from optimization.serving import Compared


@dataclass(frozen=True)
class Parity:
    """How near the shipped model is to the original.

    Attributes:
        examples: how many were compared.
        fidelity: mean over them: the share decided alike, the mean cosine, or 1 − the relative difference.
        standard_error: of that mean.
        largest_difference: of any number.
        worst: the example that is farthest.
    """

    examples: int
    fidelity: float
    standard_error: float
    largest_difference: float
    worst: int


def parity(artifacts: Path) -> Parity:
    """Ask the shipped model for the parity examples and compare."""
    model = opened.load(artifacts / "model")
    inputs = examples.load(artifacts / "parity" / "inputs")
    reference = examples.load(artifacts / "parity" / "outputs")
    count, main = examples.count(inputs), model.meta.main
    near = np.empty(count)
    largest = 0.0
    numbers = np.asarray(reference[main.name], dtype=np.float64) if main.name else None
    scale = float(np.abs(numbers - numbers.mean()).mean()) if numbers is not None and main.kind == "number" else 1.0
    for place in range(count):
        one = {name: np.array(each) for name, each in examples.row(inputs, place).items()}
        found = model.raw(one)
        if main.name:
            mine, theirs = (
                np.asarray(found[main.name], dtype=np.float64).ravel(),
                np.asarray(reference[main.name][place]).ravel(),
            )
            largest = max(largest, float(np.abs(mine - theirs).max()))
        near[place] = _near(main, found, reference, place, scale or 1.0)
    error = float(near.std(ddof=1) / np.sqrt(count)) if count > 1 else 0.0
    return Parity(count, float(near.mean()), error, largest, int(near.argmin()))


def beside(artifacts: Path, original_path: Path, rows: Path, trusted: bool = False) -> list[Compared]:
    """Ask both the shipped model and the original for other examples; one comparison for each shared output.

    Raises:
        OptimizationError: the original or the examples cannot be used.
    """
    from optimization.serving import compare

    model = opened.load(artifacts / "model")
    meta = model.meta
    first = original.load(original.kind_of(original_path), original_path, threads=meta.threads, pickle=trusted)
    inputs = examples.fitted(examples.read(rows), model.ports)
    ones = [examples.row(inputs, place) for place in range(examples.count(inputs))]
    answers = [_joined([asked.predict(one) for one in ones]) for asked in (first, model)]
    expected = {name: each for name, each in answers[0].items() if name in answers[1]}
    return compare(expected, answers[1], [meta.main.name] if meta.main.kind == "decision" else [])


def _joined(answers: list[examples.Arrays]) -> examples.Arrays:
    return {name: np.concatenate([np.asarray(each[name]) for each in answers]) for name in answers[0]}


def _near(main: Any, found: examples.Arrays, reference: examples.Arrays, place: int, scale: float) -> float:
    if main.label:
        return float(np.asarray(found[main.label]).ravel()[0] == reference[main.label][place])
    mine: NDArray[Any] = np.asarray(found[main.name], dtype=np.float64).ravel()
    theirs: NDArray[Any] = np.asarray(reference[main.name][place], dtype=np.float64).ravel()
    if main.kind == "decision":
        return float(mine.argmax() == theirs.argmax())
    if main.kind == "number":
        return 1.0 - min(1.0, float(np.abs(mine - theirs).max()) / scale)
    norms = float(np.linalg.norm(mine) * np.linalg.norm(theirs))
    return float(mine @ theirs) / norms if norms else float(not mine.any() and not theirs.any())
