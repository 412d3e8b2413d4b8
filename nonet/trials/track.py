"""A track: candidates measured side by side on one copy of the data, all of it or a pool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from nonet.errors import Stopped, TrialError, TrialTimeout
from nonet.state import Json
from nonet.trials import racing, targets
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Scores, Target, Unit
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements
from nonet.trials.plans import StagePlan
from nonet.trials.worker import Limits


class Bench(Protocol):
    """What a race asks of a laboratory."""

    limits: Limits

    def within(self, seconds: float) -> Self:
        """Return the same with a shorter time limit of every call."""
        ...

    def stages(self, design: Mapping[str, Json]) -> Sequence[StagePlan]:
        """Return a design's stages and whether they are built."""
        ...

    def build(self, design: Mapping[str, Json]) -> object:
        """Build the stages of a design that are not built."""
        ...

    def outputs(self, design: Mapping[str, Json], units: Sequence[Unit]) -> list[Json]:
        """Return a design's output for each unit."""
        ...

    def resources(self, design: Mapping[str, Json]) -> dict[str, float]:
        """Return what was counted of a built design."""
        ...


class Over(Exception):
    """The budget or a signal ended the race: "time" or "signal"."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


@dataclass
class Track:
    """Measures candidates on growing prefixes of one order of the units, and knows who leads.

    Attributes:
        bench: the laboratory, on the copy of the data at hand.
        order: the selection units, in measuring order.
        bars: targets and constraints; a candidate shown to miss one ranks behind.
        whole: whether the copy is all of the data.
        scores: candidate → what it scored.
        took: seconds of every measuring so far.
    """

    bench: Bench
    evaluator: Evaluator
    units: Sequence[Unit]
    order: tuple[int, ...]
    clock: Clock
    stop: threading.Event
    bars: Sequence[Target]
    seed: int
    whole: bool
    told: Callable[[Candidate, Track], None]
    scores: dict[str, Scores] = field(default_factory=dict[str, Scores])
    took: list[float] = field(default_factory=list[float])

    def measure(self, candidate: Candidate, count: int) -> None:
        """Build a candidate and measure it on the first ``count`` units; what goes wrong is noted on the candidate.

        Raises:
            Over: a signal came, or the time ended on a candidate that had been measured before.
        """
        if self.stop.is_set():
            raise Over("signal")
        indexes, left = self.order[:count], self.clock.left()
        bench = self.bench if left is None else self.bench.within(left)
        try:
            bench.build(candidate.design)
            began = time.monotonic()
            outputs = bench.outputs(candidate.design, [self.units[i] for i in indexes])
            self.took.append(time.monotonic() - began)
            resources = bench.resources(candidate.design)
            table = self.evaluator.table(outputs, indexes)
        except Stopped as error:
            raise Over("signal") from error
        except TrialTimeout as error:
            self._timed_out(candidate, error, shortened=bench.limits != self.bench.limits)
            return
        except TrialError as error:
            candidate.failed = error.message
            return
        self.scores[candidate.key] = Scores(indexes, table, outputs, resources=resources)
        if self.whole:
            candidate.measured = count
        else:
            candidate.screened = count
        self.told(candidate, self)

    def recall(self, candidate: Candidate, count: int) -> None:
        """Take in what an earlier race measured of a candidate on the first ``count`` units: the bench's store has it.

        Raises:
            TrialError: the store has lost it, and it cannot be made again.
        """
        indexes = self.order[:count]
        outputs = self.bench.outputs(candidate.design, [self.units[i] for i in indexes])
        table = self.evaluator.table(outputs, indexes)
        resources = self.bench.resources(candidate.design)
        self.scores[candidate.key] = Scores(indexes, table, outputs, resources=resources)

    def _timed_out(self, candidate: Candidate, error: TrialTimeout, *, shortened: bool) -> None:
        if not shortened:
            candidate.failed = error.message
        elif self.count(candidate):
            raise Over("time") from error
        else:
            candidate.not_measured = "it did not end within the time left of the budget"

    def count(self, candidate: Candidate) -> int:
        """Return how many units a candidate has been measured on here."""
        scores = self.scores.get(candidate.key)
        return len(scores.units) if scores else 0

    def measurements(self, running: Sequence[Candidate]) -> Measurements:
        """What the candidates scored on the units that all of them have been measured on."""
        count = min(self.count(each) for each in running)
        return Measurements(
            self.evaluator, {each.key: first(self.scores[each.key], count) for each in running}, self.seed
        )

    def ranked(self, running: Sequence[Candidate]) -> list[Candidate]:
        """Return candidates by the objective, best first, those shown to miss a bar last, equals cheaper first."""
        measured, metric = self.measurements(running), self.evaluator.objective.metric
        order = racing.ranking(measured, metric, self.missed(measured), self.costs())
        place = {key: number for number, key in enumerate(order)}
        return sorted(running, key=lambda each: place.get(each.key, len(place)))

    def leader(self, running: Sequence[Candidate]) -> Candidate:
        """Return the best so far."""
        return self.ranked(running)[0]

    def missed(self, measured: Measurements) -> dict[str, str]:
        """Return candidate → the bar it is shown to miss."""
        missed: dict[str, str] = {}
        for bar in (*self.evaluator.objective.subject_to, *self.bars):
            for key in measured.keys:
                interval = measured.interval(key, bar.metric)
                if interval is not None and targets.judge(bar, interval) is False:
                    missed.setdefault(key, str(bar))
        return missed

    def costs(self) -> dict[str, float]:
        """Return candidate → the declared cost, where it is counted; or what guides the race before it is timed."""
        name = self.evaluator.objective.guide or self.evaluator.objective.cost
        return {key: scores.resources[name] for key, scores in self.scores.items() if name in scores.resources}


def first(scores: Scores, count: int) -> Scores:
    """Return the scores on the first ``count`` units."""
    table = {name: values[:count] for name, values in scores.table.items()}
    outputs = scores.outputs[:count]
    return Scores(
        scores.units[:count], table, outputs, scores.latency_ms, scores.resources, baseline_ms=scores.baseline_ms
    )
