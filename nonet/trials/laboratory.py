"""The laboratory: builds designs, runs them on label-free units, times them, and keeps all of it in the trial store.

Every piece of work runs in a worker of its own that reads its environment, the project, and the stages or data that the
piece needs, and writes one scratch folder; what is left there is checked, hashed and renamed into the store. Work that
is in the store is never done again, whoever asks and whatever killed us in between.
"""

from __future__ import annotations

import copy
import shutil
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from nonet.errors import Stopped, TrialError, storage
from nonet.state import Json
from nonet.trials import access, code, failures, handover, space
from nonet.trials.building import Build, summed
from nonet.trials.confinement import Isolation, confinement
from nonet.trials.contract import Access, Unit
from nonet.trials.environment import Environment
from nonet.trials.handover import blind
from nonet.trials.ledger import Ledger
from nonet.trials.plans import Planner, StagePlan
from nonet.trials.shared_worker import SharedWorker
from nonet.trials.store import StageRecord, TrialStore, check_plain, contents, size
from nonet.trials.timing import Latency, interleaved
from nonet.trials.worker import Limits, Worker

Design = Mapping[str, Json]


class Laboratory:
    """Builds and measures designs of one blueprint on one data folder of one run.

    Thread-safe: builds and runs of one laboratory queue; laboratories are independent of one another.

    Args:
        blueprint_folder: holds ``measure.py`` and ``project/``.
        environment: the blueprint's, prepared.
        folder: the run folder; ``data/…`` is read and ``trials/…`` written there.
        limits: of every worker.
        ledger: where time spent is booked.
        stop: set to end the running call with its descendants; it then raises ``Stopped``.
        isolation: "auto", "require" or "none".
        reach: what a design may reach besides its stages; nothing by default.
        offline: refuse designs that name a host which is not this machine.
        chat: grants the chat models that designs ask; none by default.
        embed: grants the embedding services that designs ask; none by default.

    Raises:
        PreparationError: isolation is required and the kernel cannot confine.
    """

    def __init__(
        self,
        blueprint_folder: Path,
        environment: Environment,
        folder: Path,
        limits: Limits,
        ledger: Ledger,
        stop: threading.Event,
        isolation: Isolation = "auto",
        reach: Callable[[Design], Access] = access.nothing,
        offline: bool = False,
        chat: access.Granting = access.no_chat,
        embed: access.Granting = access.no_embedding,
    ) -> None:
        self.environment = environment
        self.folder = folder.absolute()
        self.limits = limits
        self.store = TrialStore(self.folder / "trials")
        self.store.sweep()
        self.confinement = confinement(isolation)
        self.data = self.folder / "data" / "measuring"
        self.project = blueprint_folder.absolute() / "project"
        self._measure = blueprint_folder.absolute() / "measure.py"
        self._ledger = ledger
        self._stop = stop
        self._reach = access.Reach(reach, offline, chat, embed)
        self._turn = threading.RLock()
        self._data_key: str | None = None
        self._shared: SharedWorker | None = None
        self._set_project(self.project)

    @property
    def isolation(self) -> str:
        """How workers are confined, for the record: "sandlock (Landlock ABI N)", or "none" and why."""
        return self.confinement.kind

    def on(self, data: Path) -> Laboratory:
        """Return the same laboratory on another data folder."""
        other = copy.copy(self)
        other.data = data.absolute()
        other._data_key = None
        return other

    def with_project(self, folder: Path) -> Laboratory:
        """Return the same laboratory on another project folder: an emitted one, to score what ships."""
        other = copy.copy(self)
        other._set_project(folder.absolute())
        return other

    def within(self, seconds: float) -> Laboratory:
        """Return the same laboratory with a shorter time limit of every call."""
        other = copy.copy(self)
        other.limits = replace(self.limits, seconds=min(self.limits.seconds, max(seconds, 0.1)))
        other._start = partial(self._start, limits=other.limits)
        return other

    def close(self) -> None:
        """End the worker that names stages; dropping the laboratory does the same."""
        self._planner.close()

    def _set_project(self, folder: Path) -> None:
        self.project = folder
        self._code_key = code.key(self._measure, folder)
        start = partial(Worker, self.environment, self._measure, folder, self.confinement)
        self._start = partial(start, limits=self.limits, stop=self._stop)
        self._planner = Planner(self._start, self.store)

    # ---- data -------------------------------------------------------------------------------------------------

    def ingest(self, inputs: Mapping[str, Json]) -> dict[str, float]:
        """Parse ``data/source`` into ``data/parsed``; return what was counted.

        Raises:
            TrialError: the files cannot be parsed.
        """
        source, parsed = self.folder / "data" / "source", self.folder / "data" / "parsed"
        with self._turn, self.store.aside() as scratch:
            out = scratch / "files"
            with storage(out):
                out.mkdir()
            with self._start([source], scratch) as worker:
                reply = worker.call("ingest", source=str(source), out=str(out), inputs=dict(inputs))
            check_plain(out)
            with storage(parsed):
                shutil.rmtree(parsed, ignore_errors=True)
                parsed.parent.mkdir(parents=True, exist_ok=True)
                out.rename(parsed)
        return dict(reply["counts"])

    # ---- building ---------------------------------------------------------------------------------------------

    def stages(self, design: Design) -> list[StagePlan]:
        """Return a design's stages in build order, their keys, and whether they are built.

        Raises:
            TrialError: ``measure.py`` cannot name them.
        """
        if self._data_key is None:
            self._data_key = contents(self.data)
        context = [self._code_key, self.environment.key]
        return self._planner.plan(design, context, self._data_key, self._reach.folders(design))

    def artifacts(self, design: Design) -> dict[str, Path]:
        """Return stage name → folder of a built design's stages."""
        return {stage.name: self.store.stage_files(stage.key) for stage in self.stages(design)}

    def build(self, design: Design) -> Build:
        """Build the stages of a design that are not built.

        Raises:
            TrialError: a stage failed, now or before; it is not tried twice under the same limits.
            Stopped, StorageError: the run ends here and can be resumed.
        """
        charged = 0.0
        with self._turn:
            plan = self.stages(design)
            if all(stage.built for stage in plan):
                return self._built(plan, 0.0)
            name = space.key(dict(design))
            self.store.describe(name, design)
            with self._tried_once(design, plan), self._ledger.operation("build", name):
                charged = self._build_stages(design, plan)
            return self._built(plan, charged)

    def _build_stages(self, design: Design, plan: Sequence[StagePlan]) -> float:
        """Build what is missing in one worker (starting one costs more than most stages), then seal it.

        A stage that has been built is hashed before the next begins: a worker that changes it afterwards is found out.
        """
        missing = [stage for stage in plan if self.store.stage(stage.key) is None]
        sealed = {stage.name: self.store.stage_files(stage.key) for stage in plan if stage not in missing}
        with self.store.aside() as scratch:
            places = {**sealed, **{stage.name: scratch / stage.key / "files" for stage in missing}}
            needed = [*sealed.values(), *([self.data] if any(stage.data for stage in missing) else [])]
            records: dict[str, StageRecord] = {}
            with self._granted(needed, scratch, self._reach.granted(design)) as worker:
                for stage in missing:
                    records[stage.key] = self._build_stage(worker, design, stage, plan, places)
            self._check_sealed(stage.key for stage in plan if stage.name in sealed)
            for stage in missing:
                check_plain(places[stage.name])
                if contents(places[stage.name]) != records[stage.key].hash:
                    raise TrialError(f"The worker changed the stage {stage.name!r} after it was built.")
            for stage in missing:
                self.store.seal(stage.key, scratch / stage.key, records[stage.key])
        return sum(record.seconds for record in records.values())

    def _build_stage(
        self, worker: Worker, design: Design, stage: StagePlan, plan: Sequence[StagePlan], places: Mapping[str, Path]
    ) -> StageRecord:
        out = places[stage.name]
        with storage(out):
            out.mkdir(parents=True)
        reply = worker.call(
            "build",
            stage=stage.name,
            design=dict(design),
            data=str(self.data),
            parents={name: str(places[name]) for name in stage.parents},
            out=str(out),
        )
        check_plain(out)
        return StageRecord(
            name=stage.name,
            fields={field: design[field] for field in stage.fields},
            parents={each.name: each.key for each in plan if each.name in stage.parents},
            seconds=float(reply["seconds"]),
            resources=reply["resources"],
            bytes=size(out),
            peak_memory_bytes=float(reply["peak_memory_bytes"]),
            hash=contents(out),
        )

    def _built(self, plan: Sequence[StagePlan], charged: float) -> Build:
        return summed(self._records(plan), charged)

    def _records(self, plan: Sequence[StagePlan]) -> list[StageRecord]:
        return [record for stage in plan if (record := self.store.stage(stage.key)) is not None]

    def _check_sealed(self, keys: Iterable[str]) -> None:
        """Without confinement nothing stops a worker from writing into a shared stage: look, and say so."""
        if self.confinement.enforced:
            return
        for key in keys:
            if not self.store.intact(key):
                self.store.discard(key)
                raise TrialError(f"The worker wrote into the shared stage {key}; it is discarded.")

    # ---- measuring --------------------------------------------------------------------------------------------

    def outputs(self, design: Design, units: Sequence[Unit]) -> list[Json]:
        """Return a design's output for each unit; labels are never handed over, and only new units are run.

        Raises:
            TrialError: the design fails, now or before.
            Stopped, StorageError: the run ends here and can be resumed.
        """
        name = space.key(dict(design))
        wanted = [(unit.key, space.key(dict(unit.features))) for unit in units]
        with self._turn:
            self.build(design)
            plan = self.stages(design)
            measuring = self._measuring_key(design, plan)
            known = self.store.outputs(name, measuring).values
            new = {key: unit for key, unit in zip(wanted, units, strict=True) if key not in known}
            if new:
                self.store.describe(name, design)
                with self._tried_once(design, plan), self._ledger.operation("outputs", name, units=len(new)):
                    values, peak = self._run(design, plan, list(new.values()))
                self.store.keep_outputs(name, measuring, list(new), values, peak)
                known = {**known, **dict(zip(new, values, strict=True))}
        return [known[key] for key in wanted]

    def _run(self, design: Design, plan: Sequence[StagePlan], units: Sequence[Unit]) -> tuple[list[Json], float]:
        with ExitStack() as stack:
            lender = self._shared or stack.enter_context(SharedWorker(self.store.aside))
            worker, scratch = stack.enter_context(self._opened(lender, design, plan))
            path = scratch / "outputs.jsonl"
            reply = worker.call("run", units=blind(units), out=str(path))
            self._check_sealed(stage.key for stage in plan)
            return handover.outputs(path, len(units)), float(reply["peak_memory_bytes"])

    @contextmanager
    def sharing(self) -> Generator[None]:
        """Run designs that read the same stages and reach the same places in one worker, as long as this lasts."""
        with SharedWorker(self.store.aside) as shared:
            self._shared = shared
            try:
                yield
            finally:
                self._shared = None

    def latency(self, designs: Sequence[Design], units: Sequence[Unit], passes: int = 3) -> dict[str, Latency]:
        """Time designs side by side: a cold pass apart, then ``passes`` interleaved ones (A B C A B C …).

        Designs that are not built are built first.

        Returns:
            Design key → latency. A design that fails is left out, and remembered as failed.

        Raises:
            Stopped, StorageError: the run ends here and can be resumed.
        """
        with self._turn:
            keyed = {space.key(dict(design)): design for design in designs}
            plans = {name: self.stages(design) for name, design in keyed.items()}
            units_key = space.key([[unit.key, space.key(dict(unit.features))] for unit in units])
            together = sorted(self._measuring_key(keyed[name], plan) for name, plan in plans.items())
            note = space.key([units_key, passes, [*together]])
            stored = {name: self.store.note(name, "latency", note) for name in keyed}
            if all(stored.values()):
                return {name: Latency(**each) for name, each in stored.items() if each}
            with ExitStack() as stack:
                workers: dict[str, Worker] = {}
                for name, design in keyed.items():
                    with failures.left_out():
                        self.build(design)
                        with self._tried_once(design, plans[name]):
                            lender = stack.enter_context(SharedWorker(self.store.aside))
                            workers[name], _ = stack.enter_context(self._opened(lender, design, plans[name]))
                with self._ledger.operation("latency", units=len(units), designs=len(workers)):
                    keys = {name: self._failure_key(keyed[name], plan) for name, plan in plans.items()}
                    failed = partial(failures.remember, self.store)
                    measured = interleaved(workers, units, passes, lambda name, error: failed(name, keys[name], error))
            for name, latency in measured.items():
                self.store.keep_note(name, "latency", note, asdict(latency))
            return measured

    def resources(self, design: Design) -> dict[str, float]:
        """Return a built design's counted numbers, and ``build_seconds``, ``index_bytes``, ``peak_memory_bytes``."""
        name, plan = space.key(dict(design)), self.stages(design)
        built = self._built(plan, 0.0)
        run = self.store.outputs(name, self._measuring_key(design, plan))
        return {
            **built.resources,
            "build_seconds": built.seconds,
            "index_bytes": float(built.bytes),
            "peak_memory_bytes": max(built.peak_memory_bytes, run.peak_memory_bytes),
        }

    def tests(self, design: Design, module: Sequence[str], seconds: float, longest: int = 4000) -> dict[str, Json]:
        """Run the project's own tests in its environment, confined like a trial of its design.

        Args:
            design: what the project ships; its tests reach what the design names and nothing else.
            module: of Python, with its arguments: ``("pytest", "tests")``.
            seconds: time limit.
            longest: how many characters of the output's end are kept.

        Returns:
            ``passed``, ``command``, ``output_tail``, ``seconds``.

        Raises:
            Stopped: the run ends here and can be resumed.
        """
        with (
            self._turn,
            self.store.aside() as scratch,
            self._granted([self.project], scratch, self._reach.granted(design)) as worker,
        ):
            try:
                reply = worker.call(
                    "tests", timeout=seconds + 5, project=str(self.project), module=list(module), seconds=seconds
                )
            except Stopped:
                raise
            except TrialError as error:
                return {"passed": False, "command": " ".join(module), "output_tail": error.message, "seconds": seconds}
        output = str(reply["output"])[-longest:]
        passed = reply["exit"] == 0
        return {"passed": passed, "command": reply["command"], "output_tail": output, "seconds": reply["seconds"]}

    # ---- workers ----------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(
        self, lender: SharedWorker, design: Design, plan: Sequence[StagePlan]
    ) -> Generator[tuple[Worker, Path]]:
        """Open a design's system in a worker that reaches what the design names; lend it with its scratch folder."""
        stages = {stage.name: self.store.stage_files(stage.key) for stage in plan}
        given = self._reach.granted(design)

        def start(scratch: Path) -> Worker:
            return self._granted([*stages.values()], scratch, given)

        with lender.opened((self.project, [*stages.values()], given), start, design, stages) as lent:
            yield lent

    def _granted(self, paths: Sequence[Path], scratch: Path, given: access.Grant) -> Worker:
        readable = [*paths, *given.readable]
        return self._start(readable, scratch, hosts=given.hosts, variables=given.variables, system_v=given.system_v)

    def _measuring_key(self, design: Design, plan: Sequence[StagePlan]) -> str:
        context = [self._code_key, self.environment.key, *sorted(self._reach.folders(design).values())]
        return space.key([space.key(dict(design)), [stage.key for stage in plan], *context])

    def _failure_key(self, design: Design, plan: Sequence[StagePlan]) -> str:
        conditions = [asdict(self.limits), self.confinement.kind, *self._reach.passing(design)]
        return space.key([self._measuring_key(design, plan), *conditions])

    def _tried_once(self, design: Design, plan: Sequence[StagePlan]) -> AbstractContextManager[None]:
        return failures.once(self.store, space.key(dict(design)), self._failure_key(design, plan))
