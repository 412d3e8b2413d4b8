"""Strengths of options from paired comparisons: the Bradley-Terry model, P(i beats j) = s_i / (s_i + s_j).

Fitted by the MM algorithm (Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 2004).
Every pair is given ``PRIOR`` virtual wins each way, so that a finite maximum exists where an option won or lost all.
Intervals are Wald's, from the information of the log strengths, whose mean is set to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRIOR = 0.1
"""Virtual wins of each option over each other one."""
QUANTILE = 1.959963984540054
"""Of the normal distribution, for intervals of 95 %."""
_STEPS, _CLOSE = 10_000, 1e-10


@dataclass(frozen=True)
class Ranking:
    """The fit.

    Attributes:
        strengths: log strength of each option, in the order given; their mean is 0.
        low, high: ends of their 95 % intervals.
        order: positions of the options, strongest first; ties keep the order given.
        leader: position of the option whose lead over every other one excludes 0; ``None`` where there is none.
    """

    strengths: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    order: tuple[int, ...]
    leader: int | None


def fit(options: int, wins: Sequence[tuple[int, int]]) -> Ranking:
    """Fit the model.

    Args:
        options: how many there are, at least 2.
        wins: (winner, loser) of each comparison, by position.
    """
    import numpy as np

    won = np.full((options, options), PRIOR)
    np.fill_diagonal(won, 0.0)
    for winner, loser in wins:
        won[winner, loser] += 1.0
    shown = won + won.T
    strength = _maximum(won.sum(axis=1), shown)
    logs = np.log(strength)
    logs -= logs.mean()
    covariance = _covariance(strength, shown)
    spread = QUANTILE * np.sqrt(np.diag(covariance))
    order = sorted(range(options), key=lambda i: (-round(float(logs[i]), 6), i))
    first = order[0]
    leads = [
        float(logs[first] - logs[i])
        > QUANTILE * float(np.sqrt(covariance[first, first] + covariance[i, i] - 2 * covariance[first, i]))
        for i in order[1:]
    ]
    return Ranking(
        tuple(map(float, logs)),
        tuple(map(float, logs - spread)),
        tuple(map(float, logs + spread)),
        tuple(order),
        first if all(leads) else None,
    )


def _maximum(won: NDArray[np.float64], shown: NDArray[np.float64]) -> NDArray[np.float64]:
    """Iterate s_i = W_i / sum_j n_ij / (s_i + s_j) until it stands still."""
    import numpy as np

    strength = np.ones(len(won))
    for _ in range(_STEPS):
        following = won / (shown / np.add.outer(strength, strength)).sum(axis=1)
        following /= np.exp(np.log(following).mean())
        still = np.abs(np.log(following / strength)).max() < _CLOSE
        strength = following
        if still:
            break
    return strength


def _covariance(strength: NDArray[np.float64], shown: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance of the log strengths: the pseudo-inverse of their information, which fixes their mean."""
    import numpy as np

    weight = shown * np.multiply.outer(strength, strength) / np.add.outer(strength, strength) ** 2
    np.fill_diagonal(weight, 0.0)
    information = np.diag(weight.sum(axis=1)) - weight
    return np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
