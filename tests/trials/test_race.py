"""The race on a laboratory whose scores are written down: who is screened, who is built on all the data, who is not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np
import pytest
from pydantic import BaseModel, Field
from sample_scorer import SampleScorer, units

from nonet.errors import BudgetError, Stopped, TrialError, TrialTimeout
from nonet.state import Json
from nonet.trials import budget, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Objective, Second, Unit
from nonet.trials.estimate import Estimator
from nonet.trials.evaluator import Evaluator
from nonet.trials.ledger import Ledger
from nonet.trials.plans import StagePlan
from nonet.trials.pool import BUILT, Pool
from nonet.trials.race import MOST_NEIGHBOURS, Outcome, Race
from nonet.trials.worker import Limits

QUALITY = {"a": 0.5, "b": 0.6, "c": 0.7, "d": 0.8}
READING = {"words": 0.0, "dear": 0.08, "dearest": 0.1}
COST = {"words": 1.0, "dear": 100.0, "dearest": 150.0}
WHOLE, POOL = "whole", "pool"
PLENTY = budget.parse("100 trials")


class Design(BaseModel):
    """A cut, a reading of it, and a packing that no score depends on."""

    cut: Literal["a", "b", "c", "d"] = Field(default="a", description="How.")
    read: Literal["words", "dear", "dearest"] = Field(default="words", description="By what.")
    shade: Literal["v", "w", "x", "y", "z"] = Field(default="v", description="How exactly.")
    pack: int = Field(default=1, description="Decided second.", json_schema_extra={"choices": [1, 2]})


class Written(SampleScorer):
    """What a race reads of a blueprint."""

    Design = Design
    second = Second(("pack",), Objective("quality", "operations"))

    def describe(self, design: Mapping[str, Json]) -> str:
        return "·".join(str(value) for value in design.values())


@dataclass
class Bench:
    """Builds nothing and knows every score; what it was asked is on record."""

    data: str = WHOLE
    built: dict[str, set[str]] = field(default_factory=lambda: {WHOLE: set(), POOL: set()})
    measured: dict[str, dict[str, int]] = field(default_factory=lambda: {WHOLE: {}, POOL: {}})
    refuses: Callable[[Mapping[str, Json], str], str] = lambda design, data: ""
    stop: threading.Event = field(default_factory=threading.Event)
    stop_after: int = 10**9
    limits: Limits = field(default_factory=lambda: Limits(seconds=60))

    def within(self, seconds: float) -> Self:
        return self

    def stages(self, design: Mapping[str, Json]) -> Sequence[StagePlan]:
        names = {f"cut {design['cut']}": 1.0, f"{design['cut']} {design['read']}": COST[str(design["read"])]}
        return [
            StagePlan(name, f"{self.data} {name}", (), (), True, name in self.built[self.data], {"operations": cost})
            for name, cost in names.items()
        ]

    def build(self, design: Mapping[str, Json]) -> None:
        if why := self.refuses(design, self.data):
            raise TrialError(why)
        self.built[self.data] |= {stage.name for stage in self.stages(design)}

    def outputs(self, design: Mapping[str, Json], units: Sequence[Unit]) -> list[Json]:
        if sum(len(found) for found in self.measured.values()) >= self.stop_after:
            self.stop.set()
            raise Stopped("Stopped.")
        self.measured[self.data][space.key(dict(design))] = len(units)
        quality = (
            QUALITY[str(design["cut"])] + READING[str(design["read"])] + 0.001 * "vwxyz".index(str(design["shade"]))
        )
        noise = np.random.default_rng(7).normal(0, 0.01, 1000)
        own = np.random.default_rng(int(space.key(dict(design)), 16)).normal(0, 1e-5, 1000)
        found: list[Json] = []
        for unit in units:
            place = cast(int, unit.features["x"])
            value = float(np.clip(quality + noise[place] + own[place], 0, 1))
            found.append(value if unit.label else 1 - value)
        return found

    def resources(self, design: Mapping[str, Json]) -> dict[str, float]:
        return {"operations": sum(stage.resources["operations"] for stage in self.stages(design))}

    def on(self, data: str) -> Bench:
        return Bench(data, self.built, self.measured, self.refuses, self.stop, self.stop_after, self.limits)


def candidates(*designs: Mapping[str, Json]) -> list[Candidate]:
    found = [space.canonical(Design, design) for design in ({}, *designs)]
    return [
        Candidate(space.key(each), each, ["rules"], ["why"], baseline=place == 0) for place, each in enumerate(found)
    ]


EVERY = [{"cut": cut, "read": read} for cut in "abcd" for read in READING if (cut, read) != ("a", "words")]


def raced(
    bench: Bench,
    nominated: Sequence[Candidate],
    n: int = 120,
    pool: Pool | None = None,
    text: str = "100 trials",
    estimator: Any = None,
    tmp_path: Path = Path("/nonexistent"),
) -> Outcome:
    return race(bench, n, pool, budget.parse(text), estimator, tmp_path).run(nominated)


def race(
    bench: Bench,
    n: int = 120,
    pool: Pool | None = None,
    allowed: budget.Budget = PLENTY,
    estimator: Any = None,
    tmp_path: Path = Path("/nonexistent"),
) -> Race:
    everything = units(200)
    written = Written()
    return Race(
        cast("Blueprint[Any, Any]", written),
        bench,
        Evaluator(written, everything),
        everything,
        tuple(range(n)),
        Clock(allowed, Ledger(tmp_path / "spent.jsonl")),
        bench.stop,
        estimator=cast(Estimator, estimator),
        screen=lambda: (pool, bench.on(POOL)) if pool else None,
    )


def screened(rungs: tuple[int, ...] = (15, 30), finalists: int = 4) -> Pool:
    return Pool(Path("pool"), rungs, finalists, 0.2)


def names(found: Sequence[Candidate]) -> set[tuple[Any, Any]]:
    return {(each.design["cut"], each.design["read"]) for each in found}


def test_without_a_pool_everything_is_built_and_the_better_half_goes_on():
    bench = Bench()
    outcome = raced(bench, candidates(*EVERY))
    assert outcome.compared == 120
    assert outcome.bound is None
    assert len({each.key for each in outcome.candidates}) == len(EVERY) + 1 + MOST_NEIGHBOURS
    assert all(each.measured >= 15 for each in outcome.candidates)
    assert ("d", "dearest") in names(outcome.finalists())
    assert any(each.baseline for each in outcome.finalists())
    assert not bench.measured[POOL]


def test_on_a_pool_all_are_screened_and_only_finalists_are_built_on_all_the_data():
    bench = Bench()
    outcome = raced(bench, candidates(*EVERY), pool=screened())
    assert all(each.screened >= 15 for each in outcome.candidates)
    finalists = outcome.finalists()
    assert {each.measured for each in finalists} == {120}
    assert sum(each.measured > 0 for each in outcome.candidates) <= 5
    assert ("d", "dearest") in names(finalists)
    assert sum(each.baseline for each in finalists) == 1
    dear = sum(COST[name.split()[1]] for name in bench.built[WHOLE] if not name.startswith("cut"))
    everything = sum(COST[name.split()[1]] for name in bench.built[POOL] if not name.startswith("cut"))
    assert dear <= BUILT * everything
    gone = next(each for each in outcome.candidates if each.design["cut"] == "a" and each.design["read"] == "dear")
    assert gone.dropped
    assert not gone.measured


def test_the_best_of_the_screening_is_built_however_dear_it_is():
    outcome = raced(Bench(), candidates({"cut": "d", "read": "dearest"}), pool=screened())
    assert ("d", "dearest") in names(outcome.finalists())


def test_where_a_finalist_fails_on_all_the_data_the_next_takes_its_place():
    def refuses(design: Mapping[str, Json], data: str) -> str:
        return "out of memory" if data == WHOLE and design["read"] == "dearest" else ""

    outcome = raced(Bench(refuses=refuses), candidates(*EVERY), pool=screened())
    failed = [each for each in outcome.candidates if each.failed]
    assert failed
    assert all(each.failed == "out of memory" and not each.measured for each in failed)
    assert ("d", "dear") in names(outcome.finalists())


def test_neighbours_change_no_field_that_is_decided_second():
    outcome = raced(Bench(), candidates(*EVERY))
    added = [each for each in outcome.candidates if each.seats == ["neighbours"]]
    assert len(added) == MOST_NEIGHBOURS
    assert {each.design["pack"] for each in added} == {1}


def test_a_neighbour_that_lacks_something_takes_no_place():
    def shades(lacking: Callable[[Mapping[str, Json]], str]) -> set[str]:
        running = race(Bench())
        running.lacking = lacking
        found = [each.design for each in running.run(candidates(*EVERY)).candidates if each.seats == ["neighbours"]]
        return {str(design["shade"]) for design in found}

    assert shades(lambda design: "") == {"w", "x", "y", "z"}
    assert shades(lambda design: "a darker room" if design["shade"] in ("w", "x") else "") == {"y", "z"}


@pytest.mark.parametrize("n", [10, 15, 16, 31, 61, 150])
def test_every_finalist_has_the_whole_sample_whatever_its_size(n: int):
    rungs = tuple(rung for rung in (15, 30) if rung <= n) or (n,)
    outcome = raced(Bench(), candidates(*EVERY), n=n, pool=screened(rungs))
    assert outcome.compared == n
    assert len(outcome.finalists()) > 1
    assert all(each.measured == n for each in outcome.finalists())


class Needs:
    """Estimates: what a dear design's build on all the data takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def seconds(self, design: Mapping[str, Json]) -> float:
        return 0.0 if design["read"] == "words" else self._seconds


def test_what_cannot_be_built_in_time_is_named_with_its_estimate_and_the_best_that_can_be_is_compared(tmp_path: Path):
    # A fifth of 400 s is screened in time; 400 s are not there for the whole.
    outcome = raced(Bench(), candidates(*EVERY), pool=screened(), text="300s", estimator=Needs(400), tmp_path=tmp_path)
    assert outcome.bound == "time"
    named = [each for each in outcome.candidates if each.not_measured]
    assert named
    assert all("its build would need about 7 min" in each.not_measured and not each.measured for each in named)
    assert {read for _, read in names(outcome.finalists())} == {"words"}
    assert ("d", "words") in names(outcome.finalists())


def test_a_signal_while_screening_leaves_the_baseline_to_decide_on():
    outcome = raced(Bench(stop_after=6), candidates(*EVERY), pool=screened())
    assert outcome.bound == "signal"
    assert [each.baseline for each in outcome.finalists()] == [True]


def test_a_signal_before_the_baseline_is_measured_is_no_outcome():
    with pytest.raises(Stopped, match="before its baseline"):
        raced(Bench(stop_after=0), candidates(*EVERY), pool=screened())


class Cut(Bench):
    """Ends every build at the time left, as a worker whose call takes too long."""

    def within(self, seconds: float) -> Cut:
        return Cut(limits=Limits(seconds=seconds))

    def build(self, design: Mapping[str, Json]) -> None:
        raise TrialTimeout("build: more than that.")


def test_a_baseline_that_the_clock_cuts_off_says_that_the_budget_is_too_small(tmp_path: Path) -> None:
    with pytest.raises(BudgetError, match="The budget of 30s cannot hold the baseline") as error:
        raced(Cut(), candidates(), text="30s", tmp_path=tmp_path)
    match = re.search(r"--budget (\d+)s", error.value.remedy)
    assert match
    assert int(match[1]) > 30
