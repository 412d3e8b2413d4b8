"""A laboratory of recorded scores: the product's own race, thousands of times, on what was measured once.

``Collection`` reads a collection as the product would (the project's parser, the blueprint's units). ``Recorded`` is
what a race asks of a laboratory: it answers from the record and books, for this race alone, which designs were measured
on which units and what building them took, stages shared. Builds on a pool are charged the full build's seconds and
operations times the pool's share of what was embedded.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from beir_folders import inputs

import nonet
from nonet import blueprints
from nonet.blueprints.rag_system import documents, question_files, questions
from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials import budget, pool, space
from nonet.trials.candidates import Candidate
from nonet.trials.clock import Clock
from nonet.trials.contract import Scores, Unit
from nonet.trials.decision import Decision
from nonet.trials.environment import prepare
from nonet.trials.evaluator import Evaluator
from nonet.trials.ledger import Ledger
from nonet.trials.measurements import Measurements
from nonet.trials.plans import StagePlan
from nonet.trials.pool import Pool
from nonet.trials.race import Outcome, Race
from nonet.trials.ship import ship
from nonet.trials.worker import Limits

BLUEPRINT = blueprints.load("rag_system")
METRIC = BLUEPRINT.objective.metric
Design = Mapping[str, Json]
LIMITS = Limits(seconds=36_000)


class Recorder:
    """The process in the blueprint's environment; one at a time asks it."""

    def __init__(self, work: Path, home: str | None = None) -> None:
        settings = nonet.Settings(home=home or str(work / "home"))
        environment = prepare(BLUEPRINT.folder / "project", settings.home_path)
        command = [str(environment.python), "-u", str(Path(__file__).with_name("recorder.py"))]
        command += [str(BLUEPRINT.folder / "project"), str(work / "stages")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._turn = threading.Lock()

    def ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps({"op": op, **arguments}) + "\n")
            self._process.stdin.flush()
            reply = json.loads(self._process.stdout.readline() or '{"ok": false, "error": "the recorder ended"}')
        if not reply.pop("ok"):
            raise TrialError(str(reply["error"]))
        return reply

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@dataclass
class Collection:
    """Documents and questions with known answers, and what designs returned on them.

    Attributes:
        folder: of the collection.
        work: where parsed documents, pools and records are kept.
        questions: whether the collection's own questions are the units; else made ones are, hidden in the documents.
    """

    folder: Path
    work: Path
    recorder: Recorder
    questions: bool = True
    _stages: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict, init=False)
    _plans: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict, init=False)
    _docs: dict[tuple[str, str, str], list[str]] = field(default_factory=dict, init=False)
    _written: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self._record.exists():
            whole_lines, _, _ = self._record.read_text().rpartition("\n")  # a last line may be torn by a kill
            for line in whole_lines.splitlines():
                design, unit, docs = json.loads(line)
                self._docs[self.whole, design, unit] = docs

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def place(self) -> Path:
        """Where what belongs to this collection and these questions is kept."""
        return self.work / (self.name if self.questions else f"{self.name}-made")

    @property
    def whole(self) -> str:
        """The data folder of all documents, in which made questions are hidden."""
        return str(self.place / "measuring")

    @property
    def _record(self) -> Path:
        return self.place / "record.jsonl"

    @cached_property
    def units(self) -> list[Unit]:
        """The questions, their labels with them; parsing happens once.

        Given questions stand alone here, however few: where they are fewer than 50 a run has made ones join them.
        """
        given = BLUEPRINT.Inputs(**inputs(self.folder, self.questions))
        parsed, source = self.place / "parsed", Path(given.corpus)
        if not (parsed / "documents.jsonl").exists():
            beir = source == self.folder or source.is_file()
            self.recorder.ask("ingest", source=str(source), collection=beir, out=str(parsed))
        if not self.questions:
            return list(BLUEPRINT.units(given, parsed, Path(self.whole)).units)
        pages, skipped = documents.read(parsed), documents.skipped(parsed)
        documents.write(pages, Path(self.whole))
        return questions.units(question_files.given(given), pages, skipped)[0]

    @cached_property
    def evaluator(self) -> Evaluator:
        """The product's evaluator over these units."""
        return Evaluator(BLUEPRINT, self.units)

    def plan(self, design: Design, data: str) -> dict[str, str]:
        """Return each stage's name and key; builds nothing."""
        name = space.key(dict(design))
        if (name, data) not in self._plans:
            self._plans[name, data] = self.recorder.ask("plan", design=_text(design), data=data)["keys"]
        return self._plans[name, data]

    def stages(self, design: Design, data: str) -> list[dict[str, Any]]:
        """Return each stage's name, key, counted resources, seconds and bytes; builds what is not built."""
        name = space.key(dict(design))
        if (name, data) not in self._stages:
            reply = self.recorder.ask("stages", design=_text(design), data=data, whole=self.whole)
            self._stages[name, data] = reply["stages"]
        return self._stages[name, data]

    def outputs(self, design: Design, data: str, units: Sequence[Unit]) -> list[Json]:
        """Return rankings as the product's worker does; contexts are left out, which no score here reads."""
        name = space.key(dict(design))
        new = [unit for unit in units if (data, name, unit.key) not in self._docs]
        if new:
            texts = [str(unit.features["text"]) for unit in new]
            reply = self.recorder.ask("search", design=_text(design), data=data, whole=self.whole, questions=texts)
            for unit, docs in zip(new, reply["docs"], strict=True):
                self._docs[data, name, unit.key] = docs
            if data == self.whole:
                with self._record.open("a") as file:
                    lines = zip(new, reply["docs"], strict=True)
                    file.writelines(json.dumps([name, unit.key, docs]) + "\n" for unit, docs in lines)
        return [
            {"docs": self._docs[data, name, unit.key], "chunks": [], "context": "", "context_tokens": 0}
            for unit in units
        ]

    def values(self, design: Design) -> np.ndarray:
        """Return the objective of a design on every unit, on all the data."""
        outputs = self.outputs(design, self.whole, self.units)
        return np.array(self.evaluator.table(outputs, range(len(self.units)))[METRIC])

    def forget(self, data: str) -> None:
        """Let go of what was built and measured on a pool."""
        self.recorder.ask("forget", data=data)
        for kept in (self._stages, self._plans):
            for name in [name for name in kept if name[1] == data]:
                del kept[name]
        for name in [name for name in self._docs if name[0] == data]:
            del self._docs[name]

    def resources(self, design: Design, data: str, share: float) -> dict[str, float]:
        """Return what building a design counted, on ``share`` of the data."""
        found = {"index_bytes": 0.0, "build_seconds": 0.0}
        for stage, whole in zip(self.stages(design, data), self.stages(design, self.whole), strict=True):
            for name, value in whole["resources"].items():
                found[name] = found.get(name, 0.0) + value * share
            found["build_seconds"] += whole["seconds"] * share
            found["index_bytes"] += stage["bytes"]
        return found


@dataclass
class Spent:
    """What one race spent: (data, design, unit) measured, and stage key → seconds of building."""

    measured: set[tuple[str, str, str]] = field(default_factory=set)
    built: dict[str, float] = field(default_factory=dict)


@dataclass
class Recorded:
    """What a race asks of a laboratory, answered from the record."""

    collection: Collection
    spent: Spent
    data: str
    share: float = 1.0
    limits: Limits = LIMITS

    def within(self, seconds: float) -> Self:
        """Nothing here takes time."""
        return self

    def stages(self, design: Design) -> list[StagePlan]:
        """Return a design's stages; built are those that this race built."""
        keys = self.collection.plan(design, self.data)
        if not all(key in self.spent.built for key in keys.values()):
            return [StagePlan(name, key, (), (), False, key in self.spent.built) for name, key in keys.items()]
        whole = {row["name"]: row["resources"] for row in self.collection.stages(design, self.collection.whole)}
        return [
            StagePlan(name, key, (), (), False, True, {n: v * self.share for n, v in whole[name].items()})
            for name, key in keys.items()
        ]

    def build(self, design: Design) -> None:
        """Charge what of a design this race has not built yet."""
        whole = self.collection.stages(design, self.collection.whole)
        for stage, full in zip(self.collection.stages(design, self.data), whole, strict=True):
            self.spent.built.setdefault(stage["key"], full["seconds"] * self.share)

    def outputs(self, design: Design, units: Sequence[Unit]) -> list[Json]:
        """Return rankings from the record and book them."""
        self.build(design)
        name = space.key(dict(design))
        self.spent.measured |= {(self.data, name, unit.key) for unit in units}
        return self.collection.outputs(design, self.data, units)

    def resources(self, design: Design) -> dict[str, float]:
        """Return what building a design counted."""
        return self.collection.resources(design, self.data, self.share)


@dataclass(frozen=True)
class Raced:
    """One race: what ships, by which decision, and what it took."""

    outcome: Outcome
    decision: Decision
    pool: Pool | None
    measurements: int
    build_seconds: float

    @property
    def design(self) -> Design:
        """What ships."""
        return self.decision.design


def race(
    collection: Collection, candidates: Sequence[Candidate], order: Sequence[int], seed: int = 0, trials: int = 1000
) -> Raced:
    """Race candidates (the baseline first) on the units in ``order`` and ship; all of it by the product's own code."""
    spent = Spent()
    whole = Recorded(collection, spent, collection.whole)
    made: list[Pool | None] = [None]

    def screen() -> tuple[Pool, Recorded] | None:
        place = collection.place / "pools" / _name(collection, order)
        found = pool.make(BLUEPRINT, whole, Path(collection.whole), collection.units, order, place)
        made[0] = found
        return (found, Recorded(collection, spent, str(found.folder), found.share)) if found else None

    stop = threading.Event()
    counted = budget.Budget(f"{trials} trials", candidates=trials)
    clock = Clock(counted, Ledger(collection.place / "no-ledger.jsonl"))
    runner = Race(
        BLUEPRINT, whole, collection.evaluator, collection.units, tuple(order), clock, stop, seed=seed, screen=screen
    )
    outcome = runner.run(candidates)
    if made[0] is not None:
        collection.forget(str(made[0].folder))
    finalists = {each.key: each.design for each in outcome.finalists()}
    units = tuple(outcome.order[: outcome.compared])
    rows = [collection.units[i] for i in units]
    scores: dict[str, Scores] = {}
    for name, design in finalists.items():
        outputs = collection.outputs(design, collection.whole, rows)
        table = collection.evaluator.table(outputs, units)
        scores[name] = Scores(units, table, outputs, resources=whole.resources(design))
    measurements = Measurements(collection.evaluator, scores, seed)
    baseline = next(each.key for each in outcome.candidates if each.baseline)
    return Raced(
        outcome,
        ship(measurements, finalists, baseline),
        made[0],
        len(spent.measured),
        sum(spent.built.values()),
    )


def candidates(designs: Sequence[Design]) -> list[Candidate]:
    """Make candidates of designs; the first is the baseline."""
    canonical = [space.canonical(BLUEPRINT.Design, dict(design)) for design in designs]
    return [
        Candidate(space.key(design), design, ["person"], ["given"], baseline=place == 0)
        for place, design in enumerate(canonical)
    ]


def _text(design: Design) -> str:
    return json.dumps(dict(design), sort_keys=True)


def _name(collection: Collection, order: Sequence[int]) -> str:
    """Name the pool of these first units: a pool is the same whatever units come later."""
    text = " ".join(collection.units[i].key for i in order[: max(pool.FINALISTS)])
    return hashlib.blake2b(f"{len(order) > max(pool.FINALISTS)} {text}".encode(), digest_size=8).hexdigest()
