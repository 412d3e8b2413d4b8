"""A run's desk: typed access to its run folder, its blueprint and its settings.

Nodes keep nothing in memory between one another: each opens the desk anew, so a run resumes in another process.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from nonet.errors import InputError, storage
from nonet.graphs.steps.control import drain
from nonet.settings import Settings
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Metric, Nomination, Split, Unit, UnitSet

Emit = Callable[[Mapping[str, Json]], None]


def _silent(_: Mapping[str, Json]) -> None:
    """Nobody listens."""


@dataclass
class Desk:
    """Everything a step may touch of its run."""

    folder: Path
    settings: Settings
    blueprint: Blueprint[Any, Any]
    emit: Emit = field(default=_silent)

    @property
    def stop(self) -> threading.Event:
        """Set when the run should decide on what it has."""
        return drain(self.folder).stop

    @property
    def run_id(self) -> str:
        """The run's name."""
        return str(self.read("run.json")["run_id"])

    def blueprint_metric(self, name: str) -> Metric:
        """Return a metric of the blueprint by name."""
        return next(metric for metric in self.blueprint.metrics if metric.name == name)

    # ---- files ------------------------------------------------------------------------------------------------

    def write(self, name: str, value: object) -> None:
        """Write a JSON file of the run folder, aside and renamed into place."""
        self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text file of the run folder, aside and renamed into place."""
        path = self.folder / name
        with storage(path, len(text)):
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
            try:
                aside.write_text(text, encoding="utf-8")
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)

    def read(self, name: str) -> Any:
        """Read a JSON file of the run folder."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def has(self, name: str) -> bool:
        """Whether the run folder holds a file of that name."""
        return (self.folder / name).exists()

    def append(self, name: str, rows: Iterable[Mapping[str, Json]]) -> None:
        """Append JSON lines to a file of the run folder."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if not text:
            return
        path = self.folder / name
        with storage(path, len(text)), path.open("a", encoding="utf-8") as file:
            file.write(text)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Read JSON lines; a last line torn by a kill is left out."""
        path = self.folder / name
        if not path.exists():
            return []
        found: list[dict[str, Any]] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    # ---- what the steps left ----------------------------------------------------------------------------------

    @cached_property
    def brief(self) -> Brief:
        """The brief, once its step has run."""
        return Brief.model_validate(self.read("brief.json"))

    @cached_property
    def inputs(self) -> BaseModel:
        """The blueprint's inputs, validated."""
        return validated(self.blueprint, self.brief.inputs)

    def evidence(self) -> list[Evidence]:
        """All evidence, each once, in an order that does not depend on which agent was faster."""
        unique = {row["id"]: Evidence.model_validate(row) for row in self.rows("evidence.jsonl")}
        return sorted(unique.values(), key=lambda item: item.step)

    def nominations(self) -> list[Nomination]:
        """Every nomination on record, in order, each design and seat once."""
        rows = (row for row in self.rows("opinions.jsonl") if "design" in row)
        unique = {json.dumps([row["seat"], row["design"]], sort_keys=True): row for row in rows}
        return [
            Nomination(row["design"], row["seat"], row["reason"], tuple(row["evidence"])) for row in unique.values()
        ]

    def nominate(self, nominations: Iterable[Nomination]) -> None:
        """Put nominations on record."""
        self.append("opinions.jsonl", (asdict(nomination) for nomination in nominations))

    @cached_property
    def units(self) -> UnitSet:
        """The units with their labels; they lie in the run folder, out of every worker's reach."""
        meta = self.read("units.json")
        units = [Unit(**row) for row in self.rows("units.jsonl")]
        timing = [Unit(**row) for row in self.rows("timing.jsonl")]
        return UnitSet(units, meta["notes"], meta["hidden"], timing, meta["seal"], meta.get("warnings", ()))

    def keep_units(self, units: UnitSet) -> None:
        """Write the units, aside and renamed into place."""
        self.write_text("units.jsonl", "".join(json.dumps(asdict(u), ensure_ascii=False) + "\n" for u in units.units))
        self.write_text("timing.jsonl", "".join(json.dumps(asdict(u), ensure_ascii=False) + "\n" for u in units.timing))
        meta = {"notes": list(units.notes), "hidden": units.hidden, "seal": units.seal}
        self.write("units.json", {**meta, "warnings": list(units.warnings)})

    @cached_property
    def split(self) -> Split:
        """The split of the units."""
        return Split(**{part: tuple(indexes) for part, indexes in self.read("split.json").items()})

    @property
    def environment(self) -> Path | None:
        """The interpreter of the blueprint's environment, once prepared: what can run is what it has installed."""
        return Path(self.read("environment.json")["python"]) if self.has("environment.json") else None

    @property
    def data(self) -> dict[str, Any]:
        """The data's fingerprint, counts and skipped files."""
        return self.read("data.json")


def validated(blueprint: Blueprint[Any, Any], inputs: Mapping[str, Json]) -> BaseModel:
    """Validate inputs against the blueprint.

    Raises:
        InputError: a field is unknown or its value does not fit.
    """
    from pydantic import ValidationError

    try:
        return blueprint.Inputs.model_validate(dict(inputs))
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        known = ", ".join(blueprint.Inputs.model_fields)
        said = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{blueprint.name}: {where}{said}.", f"Inputs: {known}.") from error


def says(inputs: type[BaseModel], field: str, what: str) -> bool:
    """Whether a blueprint declares an input to be ``what``: "path", "labels", "repository" or "model"."""
    extra = inputs.model_fields[field].json_schema_extra
    return isinstance(extra, dict) and bool(cast("Mapping[str, object]", extra).get(what))


def alternative(inputs: type[BaseModel], field: str) -> str:
    """Return the name of the group of inputs of which one must be given, "" where a field is in none."""
    extra = inputs.model_fields[field].json_schema_extra
    return str(cast("Mapping[str, object]", extra).get("alternative") or "") if isinstance(extra, dict) else ""
