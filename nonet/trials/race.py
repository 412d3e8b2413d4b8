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
from itertools import chain
from typing import Any

from nonet.errors import BudgetError, Stopped, TrialError, TrialTimeout
from nonet.state import Json
from nonet.trials import racing, space, targets
from nonet.trials.blueprint import Blueprint
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock, readable
from nonet.trials.contract import Scores, Target, Unit
from nonet.trials.estimate import Estimator
from nonet.trials.evaluator import Evaluator
from nonet.trials.laboratory import Laboratory
from nonet.trials.measurements import Measurements, allowance

NEIGHBOUR_SHARE = 0.25
"""Share of a budget in candidates that is kept for the neighbours of the first rung's leader."""
RESERVE = 0.3
"""Share of a budget in time that entering leaves for the later rungs, the whole sample and the latencies."""
TIMING = 0.15
"""Share of a budget in time that the rungs leave for the latencies."""
MOST_NEIGHBOURS = 6

Listener = Callable[[Mapping[str, Json]], None]


@dataclass(frozen=True)
class Outcome:
    """How a race ended.

    Attributes:
        candidates: all of them, in the order they joined.
        order: the selection units in measuring order.
        compared: length of the prefix of ``order`` on which the finalists can be compared.
        bound: what ended it: ``None`` (all was measured), "trials", "time" or "signal".
    """

    candidates: Sequence[Candidate]
    order: tuple[int, ...]
    compared: int
    bound: str | None = None

    def finalists(self) -> list[Candidate]:
        """The candidates measured on the whole compared prefix; the baseline is among them."""
        return [each for each in self.candidates if each.compared_on(self.compared)]


class _Over(Exception):
    """The budget or a signal ended the race."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


@dataclass
class Race:
    """One race over a laboratory.

    Attributes:
        order: the selection units, in measuring order.
        bars: targets and constraints; a candidate shown to miss one ranks behind.
        stop: set from outside to end the race on what it has.
        listen: told after every measurement.
    """

    blueprint: Blueprint[Any, Any]
    laboratory: Laboratory
    evaluator: Evaluator
    units: Sequence[Unit]
    order: tuple[int, ...]
    clock: Clock
    stop: threading.Event
    bars: Sequence[Target] = ()
    tolerance: float | None = None
    seed: int = 0
    estimator: Estimator | None = None
    listen: Listener = lambda _: None
    _scores: dict[str, Scores] = field(default_factory=dict[str, Scores], init=False)
    _candidates: list[Candidate] = field(default_factory=list[Candidate], init=False)
    _took: list[float] = field(default_factory=list[float], init=False)

    def run(self, candidates: Sequence[Candidate]) -> Outcome:
        """Race the candidates; the first must be the baseline.

        Raises:
            BudgetError: the budget cannot hold the baseline.
            TrialError: the baseline itself cannot be built or run.
        """
        self._candidates = list(candidates)
        baseline, rungs = self._candidates[0], racing.rungs(len(self.order))
        compared, bound = 0, None
        try:
            self._measure_baseline(baseline, rungs[0])
            compared = rungs[0]
            running = [baseline, *self._enter(self._candidates[1:], rungs[0], self._first_places())]
            neighbours = [each for each in self._neighbours(running) if self._fits(each)]
            running += self._enter(neighbours, rungs[0], self.clock.budget.candidates)
            for rung in rungs[1:]:
                running = self._advance(self._survivors(running), rung)
                compared = rung
        except _Over as over:
            bound = over.bound
        except Stopped:  # between two measurements, while stages were named or a sample was built
            bound = "signal"
        if bound == "signal" and not compared:
            raise Stopped("The run was stopped before its baseline was measured.", "Go on: nonet resume RUN")
        left_out = self._name_the_unmeasured(bound)
        return Outcome(self._candidates, self.order, compared, bound or left_out)

    def _name_the_unmeasured(self, bound: str | None) -> str | None:
        """Give every candidate that was never built its reason; return the bound that kept it out."""
        reason = "the run was stopped first" if bound == "signal" else "the budget in time ended first"
        for candidate in self._candidates:
            if not (candidate.measured or candidate.failed or candidate.not_measured):
                candidate.not_measured = reason
        if not any(each.not_measured for each in self._candidates):
            return None
        return "trials" if self.clock.budget.seconds is None else "time"

    # ---- entering -----------------------------------------------------------------------------------------------

    def _measure_baseline(self, baseline: Candidate, rung: int) -> None:
        left, needed = self.clock.left(), self._estimate(baseline)
        if left is not None and (left <= 0 or (needed or 0) > left):
            whole = math.ceil(self.clock.spent() + (needed or 1)) + 1
            raise BudgetError(
                f"The budget of {self.clock.budget.text} cannot hold the baseline.",
                f"About {readable(whole)} are needed: --budget {whole}s.",
            )
        self._measure(baseline, rung)
        if not baseline.measured:
            reason = baseline.failed or baseline.not_measured
            raise TrialError(f"The baseline cannot be measured: {reason}", "See log.jsonl in the run folder.")

    def _enter(self, newcomers: Sequence[Candidate], rung: int, places: int | None) -> list[Candidate]:
        """Build newcomers and measure them on the first rung, as far as the budget goes.

        Where the clock counts, a candidate that would take more than half of the time there is waits for the others.
        """
        self._candidates += [each for each in newcomers if each not in self._candidates]
        entered: list[Candidate] = []
        dear: list[Candidate] = []
        for candidate in chain(newcomers, dear):
            if candidate not in dear and self._is_dear(candidate):
                dear.append(candidate)
                continue
            if places is not None and self._counted() >= places:
                candidate.not_measured = "the budget in trials ended first"
                continue
            if self._fits(candidate):
                self._measure(candidate, rung)
            if candidate.measured:
                entered.append(candidate)
        return entered

    def _room(self) -> float | None:
        """Seconds left for entering; ``None`` when candidates are counted."""
        left, whole = self.clock.left(), self.clock.budget.seconds or 0.0
        if left is None:
            return None
        # Halving from rung to rung measures about as often again as entering did.
        rungs = sum(self._took) + TIMING * whole
        return left - max(RESERVE * whole, rungs)

    def _is_dear(self, candidate: Candidate) -> bool:
        room = self._room()
        return room is not None and room > 0 and (self._estimate(candidate) or 0.0) > room / 2

    def _fits(self, candidate: Candidate) -> bool:
        """Whether the time left for entering holds the candidate's build; if not, say what it would need."""
        room = self._room()
        if room is None:
            return True
        candidate.estimate = self._estimate(candidate) if room > 0 else None
        if room > 0 and (candidate.estimate or 0.0) <= room:
            return True
        candidate.not_measured = _would_need(candidate.estimate, room)
        return False

    def _neighbours(self, running: Sequence[Candidate]) -> list[Candidate]:
        """Nominate single-field changes of the leader: those that share most of what is built come first."""
        most, budget = MOST_NEIGHBOURS, self.clock.budget
        if budget.candidates is not None:
            most = min(most, budget.candidates - self._counted())
        leader = self._leader(running)
        known = {each.key for each in self._candidates}
        found: list[tuple[int, int, Candidate]] = []
        for place, design in enumerate(space.neighbours(self.blueprint.Design, leader.design) if most > 0 else ()):
            name = space.key(design)
            if name in known:
                continue
            unbuilt = sum(not stage.built for stage in self.laboratory.stages(design))
            changed = ", ".join(name for name in design if design[name] != leader.design.get(name))
            reason = f"one choice away from the first rung's leader ({changed})"
            found.append((unbuilt, place, Candidate(name, design, ["neighbours"], [reason])))
        return [candidate for _, _, candidate in sorted(found, key=lambda item: item[:2])[:most]]

    def _first_places(self) -> int | None:
        places = self.clock.budget.candidates
        return places if places is None or places <= 2 else places - math.ceil(places * NEIGHBOUR_SHARE)

    def _counted(self) -> int:
        return sum(bool(each.measured or each.failed) for each in self._candidates)

    # ---- rungs --------------------------------------------------------------------------------------------------

    def _survivors(self, running: list[Candidate]) -> list[Candidate]:
        """Drop by the racing rule; where the objective is counted or timed, only bars shown to be missed drop.

        A counted value is known exactly from the first unit on, so halving by it would throw out the dear candidates
        before it is known whether the cheap ones reach the bar.
        """
        measured, objective = self._measurements(running), self.blueprint.objective
        metric = measured.metric(objective.metric)
        missed = self._missed(measured, running)
        baseline = next(each.key for each in running if each.baseline)
        if metric.source != "score":
            dropped = {k: f"misses {bar}" for k, bar in missed.items() if k != baseline and len(missed) < len(running)}
        else:
            best = self._leader(running).key
            allowed = allowance(metric, measured.value(best, metric.name) or 0.0, self.tolerance)
            costs = {key: scores.resources.get(objective.cost, math.inf) for key, scores in self._scores.items()}
            dropped = racing.survivors(measured, metric.name, baseline, allowed, missed, costs).dropped
        for each in running:
            each.dropped = dropped.get(each.key, "")
        return [each for each in running if not each.dropped]

    def _missed(self, measured: Measurements, running: Sequence[Candidate]) -> dict[str, str]:
        missed: dict[str, str] = {}
        for bar in (*self.blueprint.objective.subject_to, *self.bars):
            for each in running:
                interval = measured.interval(each.key, bar.metric)
                if interval is not None and targets.judge(bar, interval) is False:
                    missed.setdefault(each.key, str(bar))
        return missed

    def _advance(self, running: list[Candidate], rung: int) -> list[Candidate]:
        for candidate in running:
            left = self.clock.left()
            if left is not None and left <= TIMING * (self.clock.budget.seconds or 0.0):
                raise _Over("time")
            self._measure(candidate, rung)
        return [each for each in running if each.measured == rung]

    def _leader(self, running: Sequence[Candidate]) -> Candidate:
        """The best so far among the candidates, by the objective, bars missed last."""
        measured = self._measurements(running)
        cut = racing.survivors(measured, self.blueprint.objective.metric, "", math.inf, self._missed(measured, running))
        return next(each for each in running if each.key == cut.kept[0])

    def _measurements(self, running: Sequence[Candidate]) -> Measurements:
        """What the candidates scored on the units that all of them have been measured on."""
        count = min(each.measured for each in running)
        return Measurements(
            self.evaluator, {each.key: first(self._scores[each.key], count) for each in running}, self.seed
        )

    def _measure(self, candidate: Candidate, count: int) -> None:
        if self.stop.is_set():
            raise _Over("signal")
        indexes, left = self.order[:count], self.clock.left()
        laboratory = self.laboratory if left is None else self.laboratory.within(left)
        try:
            laboratory.build(candidate.design)
            began = time.monotonic()
            outputs = laboratory.outputs(candidate.design, [self.units[i] for i in indexes])
            self._took.append(time.monotonic() - began)
            resources = laboratory.resources(candidate.design)
            table = self.evaluator.table(outputs, indexes)
        except Stopped as error:
            raise _Over("signal") from error
        except TrialTimeout as error:
            if laboratory.limits == self.laboratory.limits:
                candidate.failed = error.message
            elif candidate.measured:
                raise _Over("time") from error
            else:
                candidate.not_measured = "it did not end within the time left of the budget"
            return
        except TrialError as error:
            candidate.failed = error.message
            return
        self._scores[candidate.key] = Scores(indexes, table, outputs, resources=resources)
        candidate.measured = count
        self._tell(candidate)

    def _estimate(self, candidate: Candidate) -> float | None:
        return self.estimator.seconds(candidate.design) if self.estimator else None

    def _tell(self, candidate: Candidate) -> None:
        left, running = self.clock.left(), [c for c in self._candidates if c.key in self._scores and not c.dropped]
        best = self._leader(running)
        metric = self.blueprint.objective.metric
        self.listen(
            {
                "event": "trial",
                "candidate": candidate.key,
                "design": self.blueprint.describe(candidate.design),
                "units": candidate.measured,
                "done": self._counted(),
                "planned": self.clock.budget.candidates or sum(not each.not_measured for each in self._candidates),
                "left": None if left is None else readable(max(0.0, left)),
                "best": best.key,
                "metric": metric,
                "value": self._measurements(running).value(best.key, metric),
            }
        )


def first(scores: Scores, count: int) -> Scores:
    """Return the scores on the first ``count`` units."""
    table = {name: values[:count] for name, values in scores.table.items()}
    return Scores(scores.units[:count], table, scores.outputs[:count], scores.latency_ms, scores.resources)


def _would_need(estimate: float | None, left: float) -> str:
    if estimate is None:
        return "the budget in time ended first"
    return f"its build would need about {readable(estimate)}; {readable(max(0.0, left))} were left for building"
