"""Timing designs side by side, so that a busy minute of the machine falls on all of them alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nonet.errors import Stopped, TrialError
from nonet.trials.contract import Unit
from nonet.trials.handover import blind
from nonet.trials.worker import Worker


@dataclass(frozen=True)
class Latency:
    """Milliseconds per unit key.

    Attributes:
        median_ms: median over the interleaved passes.
        cold_ms: the first pass after opening, kept apart.
        passes: interleaved passes.
    """

    median_ms: Mapping[str, float]
    cold_ms: Mapping[str, float]
    passes: int


def interleaved(
    workers: Mapping[str, Worker], units: Sequence[Unit], passes: int, failed: Callable[[str, TrialError], None]
) -> dict[str, Latency]:
    """Time open systems in passes A B C A B C …, after a cold pass of each.

    Args:
        workers: design key → worker with its system open.
        units: timed one by one.
        passes: interleaved passes.
        failed: told of a worker that fails; the others go on without it.

    Raises:
        Stopped: a drain was asked for.
    """
    times: dict[str, list[list[float]]] = {name: [] for name in workers}
    for _ in range(1 + passes):
        for name in list(times):
            try:
                reply = workers[name].call("time", units=blind(units), repeat=1)
                times[name].append([float(row[0]) for row in reply["milliseconds"]])
            except Stopped:
                raise
            except TrialError as error:
                del times[name]
                failed(name, error)
    return {
        name: Latency(
            {unit.key: statistics.median(row[place] for row in rows[1:]) for place, unit in enumerate(units)},
            {unit.key: rows[0][place] for place, unit in enumerate(units)},
            passes,
        )
        for name, rows in times.items()
    }
