"""Building and measuring: the race over the candidates, then the finalists' latencies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from nonet.errors import Stopped, TrialError
from nonet.graphs.steps import bench, control
from nonet.graphs.steps.decide import bars
from nonet.graphs.steps.design import candidates
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.state import State
from nonet.trials import budget, splits
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.estimate import Estimator
from nonet.trials.laboratory import Laboratory
from nonet.trials.race import Outcome, Race

PASSES = 3
FEWEST_TIMED = 59
"""Distinct units timed whatever the clock says: a p95 needs them, and the rungs left time for it."""
MOST_TIMED = 300
"""Distinct units timed at most: p99 needs 299."""


async def implement(desk: Desk, state: State) -> Update:
    """Race the candidates and time the finalists; what was measured stays in the trial store."""
    return await asyncio.to_thread(_implement, desk)


def _implement(desk: Desk) -> Update:
    with control.measuring(desk.settings.runs_at_once):
        laboratory, brief = bench.laboratory(desk), desk.brief
        clock = Clock(budget.parse(brief.budget), bench.ledger(desk))
        in_time = clock.budget.seconds is not None
        race = Race(
            blueprint=desk.blueprint,
            laboratory=laboratory,
            evaluator=bench.evaluator(desk),
            units=desk.units.units,
            order=splits.order(desk.split.selection, desk.units.units, brief.seed),
            clock=clock,
            stop=desk.stop,
            bars=bars(desk),
            tolerance=brief.tolerance,
            seed=brief.seed,
            estimator=Estimator(desk.blueprint, laboratory, desk.folder / "data" / "samples") if in_time else None,
            listen=desk.emit,
        )
        outcome = race.run(candidates(desk))
        timed, note = _time(desk, laboratory, outcome, clock)
        bound = "signal" if desk.stop.is_set() else outcome.bound
        control.drain(desk.folder).trials_over()
        resources = {each.key: laboratory.resources(each.design) for each in outcome.finalists()}
    record = {
        "order": list(outcome.order),
        "compared": outcome.compared,
        "bound": bound,
        "timed": timed,
        "resources": resources,
        "candidates": [asdict(each) for each in outcome.candidates],
    }
    desk.write("measurements.json", record)
    return {"trial_keys": [each.key for each in outcome.candidates if each.measured], "notes": note}


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
