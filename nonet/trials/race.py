"""The race: candidates are built, measured on growing samples and dropped; what survives is measured on the whole.

Where a pool of the data serves, the first rungs are run on it and only the finalists are built on all the data. The
rungs and the drop rule are in ``racing``; which survivor ships is for ``ship`` to say. A budget in candidates makes the
race a function of its inputs; a budget in time makes the clock part of it, and the outcome says so.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from nonet.errors import BudgetError, Stopped, TrialError
from nonet.state import Json
from nonet.trials import racing, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock, readable
from nonet.trials.contract import Target, Unit
from nonet.trials.entering import RESERVE, SCREENING, TIMING, Entrance
from nonet.trials.estimate import Estimator
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import allowance
from nonet.trials.pool import Pool, Purse
from nonet.trials.track import Bench, Over, Track

NEIGHBOUR_SHARE = 0.25
"""Share of a budget in candidates that is kept for the neighbours of the first rung's leader."""
MOST_NEIGHBOURS = 4

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


@dataclass
class Race:
    """One race over a laboratory.

    Attributes:
        order: the selection units, in measuring order.
        bars: targets and constraints; a candidate shown to miss one ranks behind.
        stop: set from outside to end the race on what it has.
        screen: makes the pool and the laboratory on it, once the baseline is measured.
        listen: told after every measurement.
        lacking: what a design needs that is not there; neighbours that lack something are not nominated.
        whole_at_once: whether the first rung is all units.
    """

    blueprint: Blueprint[Any, Any]
    laboratory: Bench
    evaluator: Evaluator
    units: Sequence[Unit]
    order: tuple[int, ...]
    clock: Clock
    stop: threading.Event
    bars: Sequence[Target] = ()
    tolerance: float | None = None
    seed: int = 0
    estimator: Estimator | None = None
    screen: Callable[[], tuple[Pool, Bench] | None] = lambda: None
    listen: Listener = lambda _: None
    lacking: Callable[[Mapping[str, Json]], str] = lambda _: ""
    whole_at_once: bool = False
    _candidates: list[Candidate] = field(default_factory=list[Candidate], init=False)
    _compared: int = field(default=0, init=False)

    def run(self, candidates: Sequence[Candidate]) -> Outcome:
        """Race the candidates; the first must be the baseline.

        Raises:
            BudgetError: the budget cannot hold the baseline.
            TrialError: the baseline itself cannot be built or run.
        """
        self._candidates = list(candidates)
        baseline, rungs = self._candidates[0], self._rungs(len(self.order))
        whole, bound = self._track(self.laboratory, whole=True), None
        try:
            self._measure_baseline(whole, baseline, rungs[0])
            self._compared = rungs[0]
            screened = self.screen()
            if screened is None:
                entrance = Entrance(whole, self.clock, self.estimator, reserve=RESERVE)
                running = self._start(entrance, [baseline], rungs[0])
                self._halve(whole, running, rungs[1:])
            else:
                self._screened(whole, baseline, *screened)
        except Over as over:
            bound = over.bound
        except Stopped:  # between two measurements, while stages were named or a sample was built
            bound = "signal"
        if bound == "signal" and not self._compared:
            raise Stopped("The run was stopped before its baseline was measured.", "Go on: nonet resume RUN")
        left_out = self._name_the_unmeasured(bound)
        return Outcome(self._candidates, self.order, self._compared, bound or left_out)

    def more(self, known: Sequence[Candidate], compared: int, newcomers: Sequence[Candidate]) -> Outcome:
        """Race newcomers against the leader and the baseline of a race that is over, on the units it compared.

        Nothing of that race is measured again or goes out by this one: only newcomers are dropped.

        Args:
            known: the candidates of that race; newcomers may be among them, if they were never tried.
            compared: how many units its finalists are compared on.
            newcomers: in the order in which to build.
        """
        seen = {each.key for each in known}
        self._candidates = [*known, *(each for each in newcomers if each.key not in seen)]
        self._compared, bound = compared, None
        for each in newcomers:
            each.not_measured = ""
        whole, rungs = self._track(self.laboratory, whole=True), self._rungs(compared)
        try:
            standing = self._standing(whole, [each for each in known if each.compared_on(compared)], compared)
            entrance, places = Entrance(whole, self.clock, self.estimator, reserve=TIMING), self.clock.budget.candidates
            left = None if places is None else places - self._counted()
            running = entrance.enter(newcomers, rungs[0], left)
            for rung in rungs[1:]:
                running = self._advance(whole, self._challengers(whole, standing, running), rung)
        except Over as over:
            bound = over.bound
        except Stopped:
            bound = "signal"
        left_out = self._name_the_unmeasured(bound)
        return Outcome(self._candidates, self.order, compared, bound or left_out)

    # ---- phases -----------------------------------------------------------------------------------------------

    def _screened(self, whole: Track, baseline: Candidate, pool: Pool, bench: Bench) -> None:
        """Run the first rungs on the pool, then build the best of it on all the data."""
        track = self._track(bench, whole=False)
        entrance = Entrance(track, self.clock, self.estimator, pool.share, SCREENING)
        try:
            track.measure(baseline, pool.rungs[0])
            running = self._start(entrance, [baseline], pool.rungs[0])
            for rung in pool.rungs[1:]:
                running = self._advance(track, self._survivors(track, running), rung)
        except Over as over:
            # What the pool showed up to now still says whom to build on all the data, if it was the time that ended.
            if over.bound != "time":
                raise
        rest = [rung for rung in self._rungs(len(self.order)) if rung > pool.rungs[-1]] or [len(self.order)]
        ranked = self._by_screening(track, baseline)
        purse = Purse(bench, [each.design for each in (baseline, *ranked)], self.blueprint.objective.cost)
        purse.pays(baseline.design, always=True)
        finalists = self._finalists(whole, baseline, ranked, rest[0], pool.finalists, purse)
        self._halve(whole, finalists, rest[1:])

    def _finalists(
        self,
        whole: Track,
        baseline: Candidate,
        ranked: Sequence[Candidate],
        rung: int,
        most: int,
        purse: Purse,
    ) -> list[Candidate]:
        """Build the best of a screening on all the data; where one is too dear or does not fit, the next is built."""
        whole.measure(baseline, rung)
        self._compared = rung
        entrance = Entrance(whole, self.clock, self.estimator, reserve=TIMING)
        entered = [baseline]
        for candidate in ranked:
            if len(entered) > most:
                break
            if not purse.pays(candidate.design, always=len(entered) == 1):
                candidate.dropped = candidate.dropped or "the finalists before it share more of what must be built"
                continue
            was = candidate.dropped
            candidate.dropped = ""
            entered += entrance.enter([candidate], rung)
            if not candidate.measured:
                candidate.dropped = was
        return entered

    def _by_screening(self, track: Track, baseline: Candidate) -> list[Candidate]:
        """Order what was screened: by how far it came, then by what it scored there; the baseline left out."""
        order: list[Candidate] = []
        found = [each for each in self._candidates if track.count(each) and each is not baseline and not each.failed]
        for count in sorted({each.screened for each in found}, reverse=True):
            group = [each for each in found if each.screened == count]
            kept, gone = [e for e in group if not e.dropped], [e for e in group if e.dropped]
            order += [*(track.ranked(kept) if kept else ()), *(track.ranked(gone) if gone else ())]
        return order

    def _start(self, entrance: Entrance, running: list[Candidate], rung: int) -> list[Candidate]:
        """Let in the nominated, then the neighbours of whoever leads them."""
        places = self.clock.budget.candidates
        first = places if places is None or places <= 2 else places - math.ceil(places * NEIGHBOUR_SHARE)
        newcomers = [each for each in self._candidates if each not in running]
        running = [*running, *entrance.enter(newcomers, rung, None if first is None else first - self._counted())]
        found = self._neighbours(entrance.track, running)
        neighbours = [each for each in found if entrance.fits(each)]
        self._candidates += neighbours
        return [*running, *entrance.enter(neighbours, rung, None if places is None else places - self._counted())]

    def _halve(self, track: Track, running: list[Candidate], rungs: Sequence[int]) -> None:
        for rung in rungs:
            running = self._advance(track, self._survivors(track, running), rung)
            self._compared = rung

    def _rungs(self, count: int) -> tuple[int, ...]:
        """The numbers of units to measure after one another, the last being all of them."""
        return (count,) if self.whole_at_once else racing.rungs(count)

    # ---- parts of them ----------------------------------------------------------------------------------------

    def _track(self, bench: Bench, *, whole: bool) -> Track:
        return Track(
            bench,
            self.evaluator,
            self.units,
            self.order,
            self.clock,
            self.stop,
            self.bars,
            self.seed,
            whole,
            self._tell,
        )

    def _measure_baseline(self, whole: Track, baseline: Candidate, rung: int) -> None:
        left = self.clock.left()
        needed = Entrance(whole, self.clock, self.estimator).needed(baseline)
        if left is not None and (left <= 0 or (needed or 0) > left):
            raise self._too_small(needed or 1)
        whole.measure(baseline, rung)
        if baseline.failed:
            reason = f"The baseline cannot be measured: {baseline.failed}"
            raise TrialError(reason, "See log.jsonl in the run folder.")
        if not baseline.measured:
            raise self._too_small(max(needed or 1, left or 1))

    def _too_small(self, needed: float) -> BudgetError:
        """Say how long the budget has to be for ``needed`` more seconds of the baseline; at least, where it was cut."""
        seconds = math.ceil((self.clock.spent() + needed) / self.clock.budget.share) + 1
        return BudgetError(
            f"The budget of {self.clock.budget.text} cannot hold the baseline.",
            f"About {readable(seconds)} are needed: --budget {seconds}s.",
        )

    def _neighbours(self, track: Track, running: Sequence[Candidate]) -> list[Candidate]:
        """Nominate single-field changes of the leader: those with the least left to build, by counted cost, first."""
        most, budget = MOST_NEIGHBOURS, self.clock.budget
        if budget.candidates is not None:
            most = min(most, budget.candidates - self._counted())
        leader, second = track.leader(running), self.blueprint.second
        known = {each.key for each in self._candidates}
        costs = self._stage_costs(track, running)
        found: list[tuple[float, int, int, Candidate]] = []
        designs = space.neighbours(self.blueprint.Design, leader.design, second.fields if second else ())
        for place, design in enumerate(designs if most > 0 else ()):
            name = space.key(design)
            if name in known or self.lacking(design):
                continue
            unbuilt = [stage.name for stage in track.bench.stages(design) if not stage.built]
            changed = ", ".join(name for name in design if design[name] != leader.design.get(name))
            reason = f"one choice away from the first rung's leader ({changed})"
            cost = sum(costs.get(stage, 0.0) for stage in unbuilt)
            found.append((cost, len(unbuilt), place, Candidate(name, design, ["neighbours"], [reason])))
        return [item[-1] for item in sorted(found, key=lambda item: item[:3])[:most]]

    def _stage_costs(self, track: Track, running: Sequence[Candidate]) -> dict[str, float]:
        """Return stage name → the largest counted cost that such a stage had here."""
        name, found = self.blueprint.objective.cost, dict[str, float]()
        for stage in chain.from_iterable(track.bench.stages(each.design) for each in running):
            found[stage.name] = max(found.get(stage.name, 0.0), stage.resources.get(name, 0.0))
        return found

    def _survivors(self, track: Track, running: list[Candidate]) -> list[Candidate]:
        """Drop by the racing rule; where the objective is counted or timed, only bars shown to be missed drop.

        A counted value is known exactly from the first unit on, so halving by it would throw out the dear candidates
        before it is known whether the cheap ones reach the bar.
        """
        measured = track.measurements(running)
        metric = measured.metric(self.blueprint.objective.metric)
        missed = track.missed(measured)
        baseline = next(each.key for each in running if each.baseline)
        if metric.source != "score":
            dropped = {k: f"misses {bar}" for k, bar in missed.items() if k != baseline and len(missed) < len(running)}
        else:
            costs = track.costs()
            best = racing.ranking(measured, metric.name, missed, costs)[0]
            allowed = allowance(metric, measured.value(best, metric.name) or 0.0, self.tolerance)
            dropped = racing.survivors(measured, metric.name, baseline, allowed, missed, costs).dropped
        for each in running:
            each.dropped = dropped.get(each.key, "")
        return [each for each in running if not each.dropped]

    def _standing(self, track: Track, finalists: Sequence[Candidate], count: int) -> list[Candidate]:
        """Take in what the finalists of a race scored; return the baseline and their leader."""
        for each in finalists:
            track.recall(each, count)
        chosen = {each.key: each for each in finalists if each.baseline}
        leader = track.leader(finalists)
        return list({**chosen, leader.key: leader}.values())

    def _challengers(self, track: Track, standing: list[Candidate], running: list[Candidate]) -> list[Candidate]:
        """Drop newcomers by the racing rule, beside those that stand whatever it says."""
        if not running:
            return []
        self._survivors(track, [*standing, *running])
        for each in standing:
            each.dropped = ""
        return [each for each in running if not each.dropped]

    def _advance(self, track: Track, running: list[Candidate], rung: int) -> list[Candidate]:
        for candidate in running:
            left = self.clock.left()
            if left is not None and left <= TIMING * (self.clock.budget.seconds or 0.0):
                raise Over("time")
            track.measure(candidate, rung)
        return [each for each in running if track.count(each) == rung]

    def _counted(self) -> int:
        return sum(each.tried for each in self._candidates)

    def _name_the_unmeasured(self, bound: str | None) -> str | None:
        """Give every candidate that was never tried its reason; return the bound that kept it out."""
        reason = "the run was stopped first" if bound == "signal" else "the budget in time ended first"
        for candidate in self._candidates:
            if not (candidate.tried or candidate.not_measured):
                candidate.not_measured = reason
        if not any(each.not_measured and not each.measured for each in self._candidates):
            return None
        return "trials" if self.clock.budget.seconds is None else "time"

    def _tell(self, candidate: Candidate, track: Track) -> None:
        left, running = self.clock.left(), [c for c in self._candidates if track.count(c) and not c.dropped]
        best = track.leader(running)
        metric = self.blueprint.objective.metric
        self.listen(
            {
                "event": "trial",
                "candidate": candidate.key,
                "design": self.blueprint.describe(candidate.design),
                "units": track.count(candidate),
                "screening": not track.whole,
                "done": self._counted(),
                "planned": self.clock.budget.candidates or sum(not each.not_measured for each in self._candidates),
                "left": None if left is None else readable(max(0.0, left)),
                "best": best.key,
                "metric": metric,
                "value": track.measurements(running).value(best.key, metric),
            }
        )
