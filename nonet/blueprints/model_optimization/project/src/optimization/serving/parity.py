"""How near the optimised model is to the original, example by example, with the worst example named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.serving.errors import ServingError

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Compared:
    """One output of the two models.

    Attributes:
        output: its name.
        examples: that were compared.
        max_difference: the largest absolute difference of two numbers; ``None`` for texts.
        cosine: the mean over examples of the cosine of the two answers; ``None`` for single numbers and texts.
        least_cosine: the least of them.
        agreement: share of examples of the same decision (the largest of several scores, or the same label); ``None``
            where the output is no decision.
        worst: number of the example that differs most: by decision first, then by cosine or difference.
    """

    output: str
    examples: int
    max_difference: float | None
    cosine: float | None
    least_cosine: float | None
    agreement: float | None
    worst: int


def compare(expected: Arrays, got: Arrays, scores: Collection[str] = ()) -> list[Compared]:
    """Compare two models' outputs on the same examples, one result per output.

    Args:
        expected: the original's outputs by name, the first axis being the example.
        got: the optimised model's.
        scores: names of the outputs that score classes, so that the largest number is the decision.

    Raises:
        ServingError: outputs are missing, shapes differ, there are no examples, or a number is NaN.
    """
    if not expected:
        raise ServingError("there is no output to compare")
    if missing := [name for name in expected if name not in got]:
        raise ServingError(f"the optimised model gives no output {missing[0]!r}; it gives {', '.join(got)}")
    return [_compared(name, np.asarray(each), np.asarray(got[name]), name in scores) for name, each in expected.items()]


def _compared(name: str, expected: NDArray[Any], got: NDArray[Any], scores: bool) -> Compared:
    if expected.shape != got.shape or not expected.ndim or not len(expected):
        raise ServingError(f"the output {name!r} has the shape {got.shape}, the original's has {expected.shape}")
    count = len(expected)
    if expected.dtype.kind not in "fiub":
        same = (expected.reshape(count, -1) == got.reshape(count, -1)).all(axis=1)
        return Compared(name, count, None, None, None, float(same.mean()), int(np.argmin(same)))
    mine, theirs = (each.reshape(count, -1).astype(np.float64) for each in (got, expected))
    if not np.isfinite(mine).all() or not np.isfinite(theirs).all():
        place = int(np.argmin(np.isfinite(mine).all(axis=1) & np.isfinite(theirs).all(axis=1)))
        raise ServingError(f"the output {name!r} holds NaN or infinity, first for example {place}")
    difference = np.abs(mine - theirs).max(axis=1)
    cosine = _cosines(mine, theirs) if mine.shape[1] > 1 else None
    same = _same(expected, mine, theirs, scores)
    order = (1 - cosine) if cosine is not None else difference
    worst = np.lexsort((-difference, -order, np.ones(count) if same is None else same))[0]
    return Compared(
        name,
        count,
        float(difference.max()),
        None if cosine is None else float(cosine.mean()),
        None if cosine is None else float(cosine.min()),
        None if same is None else float(same.mean()),
        int(worst),
    )


def _same(expected: NDArray[Any], mine: NDArray[Any], theirs: NDArray[Any], scores: bool) -> NDArray[np.bool_] | None:
    """Return which examples have the same decision; whole numbers are labels."""
    if expected.dtype.kind in "iub":
        return (mine == theirs).all(axis=1)
    return mine.argmax(axis=1) == theirs.argmax(axis=1) if scores else None


def _cosines(mine: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
    """Return the cosine per example; two zero vectors are alike, one is not like any other."""
    norms = np.linalg.norm(mine, axis=1) * np.linalg.norm(theirs, axis=1)
    alike = (np.linalg.norm(mine, axis=1) == 0) & (np.linalg.norm(theirs, axis=1) == 0)
    products = (mine * theirs).sum(axis=1)
    return np.where(alike, 1.0, np.clip(products / np.where(norms > 0, norms, 1.0), -1.0, 1.0))
