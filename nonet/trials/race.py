"""The race: candidates are built, measured on growing samples and dropped; what survives is measured on the whole.

The rungs and the drop rule are in ``racing``; which survivor ships is for ``ship`` to say. A budget in candidates makes
the race a function of its inputs; a budget in time makes the clock part of it, and the outcome says so.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nonet.errors import BudgetError, Stopped, TrialError
from nonet.state import Json
from nonet.trials import racing, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.budget import Budget
from nonet.trials.candidates import Candidate
from nonet.trials.contract import Unit
from nonet.trials.evaluator import Evaluator
from nonet.trials.estimate import Estimator
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger

NEIGHBOUR_SHARE = 0.25
"""Share of a budget in candidates that is kept for the neighbours of the first rung's leader."""
RESERVE = 0.25
"""Share of the time left that building leaves for the later rungs, the whole sample and the latencies."""
MOST_NEIGHBOURS = 6

Listener = Callable[[Mapping[str, Json]], None]


@dataclass
class Outcome:
    """How a race ended.

    Attributes:
        candidates: all of them, in the order they joined.
        order: the selection units in measuring order.
        compared: length of the prefix of ``order`` on which the survivors can be compared.
        bound: what ended it: ``None`` (all was measured), "trials", "time" or "signal".
    """

    candidates: list[Candidate]
    order: tuple[int, ...]
    compared: int
    bound: str | None = None
    notes: list[str] = field(default_factory=list[str])

    def finalists(self) -> list[Candidate]:
        """The candidates measured on the whole compared prefix; the baseline is among them."""
        return [each for each in self.candidates if each.measured >= self.compared and not each.failed]


class _Over(Exception):
    """The budget or a signal ended the race."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


class Race:
    """One race over a laboratory.

    Args:
        order: the selection units, in measuring order.
        stop: set from outside to end the race on what it has.
        listen: told after every measurement.
    """

    def __init__(
        self,
        blueprint: Blueprint[Any, Any],
        laboratory: Laboratory,
        evaluator: Evaluator,
        units: Sequence[Unit],
        order: Sequence[int],
        budget: Budget,
        ledger: Ledger,
        stop: threading.Event,
        *,
        tolerance: float | None = None,
        estimator: Estimator | None = None,
        listen: Listener | None = None,
    ) -> None:
        self._blueprint = blueprint
        self._laboratory = laboratory
        self._evaluator = evaluator
        self._units = units
        self._order = tuple(order)
        self._budget = budget
        self._ledger = ledger
        self._stop = stop
        self._estimator = estimator
        self._listen = listen or (lambda _: None)
        self._metric = next(m for m in blueprint.metrics if m.name == blueprint.objective.metric)
        self._tolerance = self._metric.tolerance if tolerance is None else tolerance
        self._began = time.monotonic()
        self._spent_before = ledger.spent_seconds()
        self._values: dict[str, list[float]] = {}
        self._candidates: list[Candidate] = []

    def run(self, candidates: Sequence[Candidate]) -> Outcome:
        """Race the candidates; the first must be the baseline.

        Raises:
            BudgetError: the budget cannot hold the baseline.
            TrialError: the baseline itself cannot be built or run.
        """
        self._candidates = list(candidates)
        baseline = self._candidates[0]
        rungs = [rung for rung in racing.RUNGS if rung < len(self._order)] + [len(self._order)]
        compared = 0
        bound: str | None = None
        try:
            self._measure_baseline(baseline, rungs[0])
            compared = baseline.measured
            entered = self._enter(self._candidates[1:], rungs[0], self._first_limit())
            entered += self._enter(self._neighbours([baseline, *entered]), rungs[0], self._budget.candidates)
            field_ = [baseline, *entered]
            for place, rung in enumerate(rungs[1:], start=1):
                field_ = self._survivors(field_, rungs[place - 1])
                field_ = self._advance(field_, rung)
                compared = rung
        except _Over as over:
            bound = over.bound
        for candidate in self._candidates:
            if not (candidate.measured or candidate.dropped or candidate.failed or candidate.not_measured):
                candidate.not_measured = {"signal": "the run was stopped first"}.get(bound or "", "the budget ended first")
        if bound is None and any(each.not_measured for each in self._candidates):
            bound = "time" if self._budget.seconds else "trials"
        return Outcome(self._candidates, self._order, compared, bound)

    # ---- entering -----------------------------------------------------------------------------------------------

    def _measure_baseline(self, baseline: Candidate, rung: int) -> None:
        left = self._left()
        if left is not None:
            needed = self._estimate(baseline)
            if needed is not None and needed > left:
                raise BudgetError(
                    f"The budget of {self._budget.text} cannot hold the baseline.",
                    f"It needs about {_readable(needed + (self._budget.seconds or 0) - left)}: --budget "
                    f"{math.ceil(needed + (self._budget.seconds or 0) - left) + 1}s.",
                )
        try:
            self._measure(baseline, rung)
        except Stopped as error:
            raise _Over("signal") from error
        if baseline.failed:
            raise TrialError(f"The baseline cannot be measured: {baseline.failed}", "See the log in the run folder.")

    def _enter(self, newcomers: Sequence[Candidate], rung: int, limit: int | None) -> list[Candidate]:
        """Build newcomers and measure them on the first rung, as far as the budget goes."""
        entered: list[Candidate] = []
        for candidate in newcomers:
            if candidate not in self._candidates:
                self._candidates.append(candidate)
            if limit is not None and self._counted() >= limit:
                candidate.not_measured = "the budget in trials ended first"
                continue
            left = self._left()
            if left is not None:
                candidate.estimate = self._estimate(candidate)
                if left <= 0 or (candidate.estimate or 0) > left * (1 - RESERVE):
                    candidate.not_measured = _would_need(candidate.estimate, left)
                    continue
            self._measure(candidate, rung)
            if not candidate.failed:
                entered.append(candidate)
        return entered

    def _neighbours(self, measured: Sequence[Candidate]) -> list[Candidate]:
        """Nominate single-field changes of the leader: those that share most built stages first."""
        most = MOST_NEIGHBOURS
        if self._budget.candidates is not None:
            most = min(most, self._budget.candidates - self._counted())
        if most <= 0:
            return []
        leader = self._leader(measured)
        known = {each.key for each in self._candidates}
        found: list[tuple[int, int, Candidate]] = []
        for place, design in enumerate(space.neighbours(self._blueprint.Design, leader.design)):
            name = space.key(design)
            if name in known:
                continue
            unbuilt = sum(not stage.built for stage in self._laboratory.stages(design))
            changed = [field for field in design if design[field] != leader.design.get(field)]
            reason = f"one field from the first rung's leader ({', '.join(changed)})"
            found.append((unbuilt, place, Candidate(name, design, ["neighbours"], [reason])))
        return [candidate for _, _, candidate in sorted(found, key=lambda item: item[:2])[:most]]

    def _first_limit(self) -> int | None:
        if self._budget.candidates is None:
            return None
        kept = math.ceil(self._budget.candidates * NEIGHBOUR_SHARE) if self._budget.candidates > 2 else 0
        return self._budget.candidates - kept

    def _counted(self) -> int:
        return sum(bool(each.measured or each.failed) for each in self._candidates)

    # ---- rungs --------------------------------------------------------------------------------------------------

    def _survivors(self, field_: list[Candidate], rung: int) -> list[Candidate]:
        baseline = next(each for each in self._candidates if each.baseline)
        if not (self._metric.mean and self._metric.source == "score"):
            return field_
        values = {each.key: np.asarray(self._values[each.key][:rung]) for each in field_}
        kept, dropped = racing.survivors(values, baseline.key, self._tolerance, self._metric.direction)
        for each in field_:
            if each.key in dropped:
                each.dropped = f"after {rung} units: {dropped[each.key]}"
        return [each for each in field_ if each.key in kept]

    def _advance(self, field_: list[Candidate], rung: int) -> list[Candidate]:
        for candidate in field_:
            left = self._left()
            if left is not None and left <= 0:
                raise _Over("time")
            self._measure(candidate, rung)
        return [each for each in field_ if not each.failed]

    def _leader(self, measured: Sequence[Candidate]) -> Candidate:
        sign = 1 if self._metric.direction == "maximise" else -1
        if self._metric.source == "score" and self._metric.mean:
            return max(measured, key=lambda each: sign * float(np.mean(self._values[each.key])))
        return measured[0]

    def _measure(self, candidate: Candidate, count: int) -> None:
        if self._stop.is_set():
            raise _Over("signal")
        indexes = self._order[:count]
        try:
            self._laboratory.build(candidate.design)
            outputs = self._laboratory.outputs(candidate.design, [self._units[i] for i in indexes])
            if self._metric.source == "score" and self._metric.mean:
                self._values[candidate.key] = list(self._evaluator.table(outputs, indexes)[self._metric.name])
        except Stopped as error:
            raise _Over("signal") from error
        except TrialError as error:
            candidate.failed = error.message
            return
        candidate.measured = count
        self._tell(candidate)

    # ---- time ---------------------------------------------------------------------------------------------------

    def _left(self) -> float | None:
        if self._budget.seconds is None:
            return None
        return self._budget.seconds - self._spent_before - (time.monotonic() - self._began)

    def _estimate(self, candidate: Candidate) -> float | None:
        return self._estimator.seconds(candidate.design) if self._estimator else None

    def _tell(self, candidate: Candidate) -> None:
        left = self._left()
        running = [each for each in self._candidates if each.key in self._values]
        event: dict[str, Json] = {
            "event": "trial",
            "candidate": candidate.key,
            "design": self._blueprint.describe(candidate.design),
            "units": candidate.measured,
            "done": self._counted(),
            "planned": self._budget.candidates or sum(not each.not_measured for each in self._candidates),
            "left": None if left is None else _readable(max(0.0, left)),
            "metric": self._metric.name,
        }
        if running:
            best = self._leader(running)
            event |= {"best": best.key, "value": float(np.mean(self._values[best.key]))}
        self._listen(event)


def _would_need(estimate: float | None, left: float) -> str:
    if estimate is None:
        return "the budget in time ended first"
    return f"its build would need about {_readable(estimate)}; {_readable(max(0.0, left))} of the budget were left"


def _readable(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


