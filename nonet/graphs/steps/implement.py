"""Building and measuring: the race over the candidates, then the finalists' latencies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nonet.errors import Stopped, TrialError
from nonet.graphs.steps import bench, control, refine
from nonet.graphs.steps.decide import bars, baseline_of, first_of, measured_of
from nonet.graphs.steps.design import candidates
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import State
from nonet.trials import budget, pool, splits
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.estimate import Estimator
from nonet.trials.laboratory import Laboratory
from nonet.trials.pool import Pool
from nonet.trials.race import Outcome, Race

KEPT = 0.25
"""Share of the budget that a council after building has for what it nominates."""
PASSES = 3
FEWEST_TIMED = 59
"""Distinct units timed whatever the clock says: a p95 needs them, and the rungs left time for it."""
MOST_TIMED = 300
"""Distinct units timed at most: p99 needs 299."""


async def implement(desk: Desk, state: State) -> Update:
    """Race the candidates and time the finalists; what was measured stays in the trial store."""
    return await asyncio.to_thread(_implement, desk, kept=0.0)


async def first_round(desk: Desk, state: State) -> Update:
    """Race on three quarters of the budget where the council has a seat to ask; ``second_round`` races on the rest.

    Where nobody can be asked it is ``implement``: nothing is kept.
    """
    from nonet.graphs.steps.consult.step import askable

    return await asyncio.to_thread(lambda: _implement(desk, kept=KEPT if askable(desk) else 0.0))


def _implement(desk: Desk, kept: float) -> Update:
    with control.measuring(desk.settings.runs_at_once):
        laboratory, brief = bench.laboratory(desk), desk.brief
        whole = budget.parse(brief.budget)
        clock = Clock(whole.less(kept) if kept else whole, bench.ledger(desk))
        order = splits.order(desk.split.selection, desk.units.units, brief.seed)
        screening = Screening(desk, laboratory, order)
        race = entered(desk, laboratory, clock, order, screening)
        outcome = race.run(candidates(desk))
        record = _record(laboratory, outcome, screening.made)
        if kept:
            desk.write("measurements.json", {**record, "open": True})
            return {"trial_keys": [each.key for each in outcome.candidates if each.tried]}
        note = finished(desk, laboratory, outcome, record, clock)
    return {"trial_keys": [each.key for each in outcome.candidates if each.tried], "notes": note}


def entered(
    desk: Desk, laboratory: Laboratory, clock: Clock, order: tuple[int, ...], screening: Screening | None = None
) -> Race:
    """Return the run's race on a laboratory, not yet begun."""
    return Race(
        blueprint=desk.blueprint,
        laboratory=laboratory,
        evaluator=bench.evaluator(desk),
        units=desk.units.units,
        order=order,
        clock=clock,
        stop=desk.stop,
        bars=refine.bars_of_the_first(desk, bars(desk)),
        tolerance=desk.brief.tolerance,
        seed=desk.brief.seed,
        estimator=_estimator(desk, laboratory, clock),
        screen=screening.make if screening else lambda: None,
        listen=desk.emit,
        lacking=lambda design: desk.blueprint.lacking(design, desk.inputs, desk.data["fingerprint"]),
        whole_at_once=desk.blueprint.whole_at_once,
    )


def finished(desk: Desk, laboratory: Laboratory, outcome: Outcome, record: dict[str, Any], clock: Clock) -> list[str]:
    """Time the finalists, refine the winner and write the record of all trials; return what must be said."""
    record["timed"], notes = _time(desk, laboratory, outcome, clock)
    refined = record | _refined(desk, laboratory, record, clock)
    refined["bound"] = "signal" if desk.stop.is_set() else outcome.bound
    control.drain(desk.folder).trials_over()
    desk.write("measurements.json", refined)
    return notes


def _estimator(desk: Desk, laboratory: Laboratory, clock: Clock) -> Estimator | None:
    in_time = clock.budget.seconds is not None
    return Estimator(desk.blueprint, laboratory, desk.folder / "data" / "samples") if in_time else None


@dataclass
class Screening:
    """Makes the pool of a run, and remembers it for the record."""

    desk: Desk
    laboratory: Laboratory
    order: Sequence[int]
    made: Pool | None = None

    def make(self) -> tuple[Pool, Laboratory] | None:
        """Return the pool and the laboratory on it, or nothing where none is small enough."""
        bench, folder = self.laboratory, self.desk.folder / "data" / "pool"
        self.made = pool.make(self.desk.blueprint, bench, bench.data, self.desk.units.units, self.order, folder)
        return (self.made, bench.on(self.made.folder)) if self.made else None


def _record(laboratory: Laboratory, outcome: Outcome, screened: Pool | None) -> dict[str, Any]:
    return {
        "open": False,
        "order": list(outcome.order),
        "compared": outcome.compared,
        "bound": outcome.bound,
        "timed": [],
        "retimed": [],
        "resources": {each.key: laboratory.resources(each.design) for each in outcome.finalists()},
        "candidates": [asdict(each) for each in outcome.candidates],
        "pool": screened
        and {"units": screened.rungs[-1], "share": round(screened.share, 4), "finalists": screened.finalists},
    }


def _refined(desk: Desk, laboratory: Laboratory, raced: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """Measure the refinements of whoever wins the race; time the one that ships beside the winner and the baseline."""
    if raced["bound"] == "signal":
        return {}
    measurements = measured_of(desk, laboratory, raced)
    first = first_of(desk, raced, measurements)
    row = next(row for row in raced["candidates"] if row["key"] == first.winner)
    units = raced["order"][: raced["compared"]]
    refined = refine.measure(desk, laboratory, Candidate(**row), units, clock)
    counted = {each.key: laboratory.resources(each.design) for each in refined if each.measured}
    more: dict[str, Any] = {
        "candidates": [*raced["candidates"], *(asdict(each) for each in refined)],
        "resources": {**raced["resources"], **counted},
    }
    with_them = {**raced, **more}
    second = refine.decide(desk, with_them, measured_of(desk, laboratory, with_them), first, bars(desk))
    if second is None or second.winner == first.winner or not raced["timed"]:
        return more
    together = list(dict.fromkeys((baseline_of(raced)["key"], first.winner, second.winner)))
    designs = {row["key"]: row["design"] for row in more["candidates"]}
    timeable = desk.units.timeable
    timed: list[int] = raced["timed"]
    laboratory.latency([designs[key] for key in together], [timeable[i] for i in timed], PASSES)
    return {**more, "retimed": together}


def _time(desk: Desk, laboratory: Laboratory, outcome: Outcome, clock: Clock) -> tuple[list[int], list[str]]:
    """Time the finalists, interleaved, on distinct units; return the positions of the units timed."""
    if not any(metric.source == "latency" for metric in desk.blueprint.metrics):
        return [], []
    if outcome.bound == "signal":
        return [], ["No latency was measured: the run was stopped first."]
    finalists = outcome.finalists()
    timeable = desk.units.timeable
    pool = [*outcome.order, *range(len(desk.units.units), len(timeable))]
    chosen = pool[: _affordable(desk, finalists, len(pool), clock)]
    try:
        laboratory.latency([each.design for each in finalists], [timeable[i] for i in chosen], PASSES)
    except Stopped:
        return [], ["No latency was measured: the run was stopped first."]
    except TrialError as error:
        return [], [f"No latency was measured: {error.message}"]
    return chosen, []


def _affordable(desk: Desk, finalists: Sequence[Candidate], available: int, clock: Clock) -> int:
    """How many units can be timed in the time left, from how long the finalists' outputs took; p95's at the least."""
    wanted, left = min(available, MOST_TIMED), clock.left()
    if left is None:
        return wanted
    entries = [entry for entry in bench.ledger(desk).entries() if entry.what == "outputs"]
    spent = sum(e.seconds for e in entries if e.key in {f.key for f in finalists})
    per_unit = spent / max(1, sum(each.measured for each in finalists)) * len(finalists)
    return max(min(wanted, FEWEST_TIMED), min(wanted, int(left / max(per_unit * (PASSES + 1), 1e-4))))
