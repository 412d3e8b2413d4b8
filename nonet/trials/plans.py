"""Which stages a design is built from, and the keys that say when two designs share one."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nonet.errors import NonetError, TrialError
from nonet.state import Json
from nonet.trials import space
from nonet.trials.store import TrialStore
from nonet.trials.worker import Worker


@dataclass(frozen=True)
class StagePlan:
    """One stage of a design.

    Attributes:
        name: as ``measure.py`` calls it.
        key: names the stage's code, environment, design fields, parents and data; equal keys are built once.
        fields: the design fields it depends on.
        parents: names of the stages it is built from.
        data: whether it reads the data itself.
        built: whether the store has it.
        resources: what the worker counted when it was built; empty while it is not.
    """

    name: str
    key: str
    fields: tuple[str, ...]
    parents: tuple[str, ...]
    data: bool
    built: bool
    resources: Mapping[str, float] = field(default_factory=dict[str, float])


class Planner:
    """Asks ``measure.py`` for the stages of designs; one worker answers for all and ends with the planner.

    Args:
        start: starts a worker that reads the given folders and writes the given scratch folder.
    """

    def __init__(self, start: Callable[[Sequence[Path], Path], Worker], store: TrialStore) -> None:
        self._start = start
        self._store = store
        self._worker: Worker | None = None
        self._open = ExitStack()
        weakref.finalize(self, self._open.close)
        self._known: dict[str, list[dict[str, Any]]] = {}
        self._turn = threading.Lock()

    def plan(
        self, design: Mapping[str, Json], context: Sequence[str], data_key: str, folders: Mapping[Path, str]
    ) -> list[StagePlan]:
        """Return the stages of ``design``, parents first.

        Args:
            design: a canonical design.
            context: keys of the code and the environment.
            data_key: hash of the data folder; it counts for the stages that read it and for those built from them.
            folders: hashes of the folders that the design names; they count for the stages whose fields name them.

        Raises:
            TrialError: ``measure.py`` cannot say.
        """
        keys: dict[str, str] = {}
        plan: list[StagePlan] = []
        for stage in self._ask(design):
            name, fields, parents = str(stage["name"]), tuple(stage["fields"]), tuple(stage["parents"])
            data = bool(stage["data"])
            own: dict[str, Json] = {field: design[field] for field in fields}
            read = [folders[Path(value)] for value in own.values() if isinstance(value, str) and Path(value) in folders]
            keys[name] = space.key(
                {
                    "stage": name,
                    "fields": own,
                    "parents": [keys[parent] for parent in parents],
                    "data": data_key if data else "",
                    "context": [*context, *read],
                }
            )
            record = self._store.stage(keys[name])
            counted = record.resources if record else dict[str, float]()
            plan.append(StagePlan(name, keys[name], fields, parents, data, record is not None, counted))
        return plan

    def _ask(self, design: Mapping[str, Json]) -> list[dict[str, Any]]:
        name = space.key(dict(design))
        with self._turn:
            if name not in self._known:
                self._known[name] = self._worker_answers(design)
            return self._known[name]

    def close(self) -> None:
        """End the worker; the next question starts another."""
        self._worker = None
        self._open.close()

    def _worker_answers(self, design: Mapping[str, Json]) -> list[dict[str, Any]]:
        if self._worker is None:
            scratch = self._open.enter_context(self._store.aside())
            self._worker = self._open.enter_context(self._start([], scratch))
        try:
            stages = self._worker.call("stages", design=dict(design)).get("stages")
        except NonetError:
            self.close()
            raise
        if not isinstance(stages, list) or not stages:
            raise TrialError("stages: measure.py named no stage.")
        return stages  # pyright: ignore[reportUnknownVariableType]
