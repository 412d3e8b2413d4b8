"""How long a full build would take, from what was built before and from small builds on samples of the data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials import space
from nonet.trials.blueprint import Blueprint
from nonet.trials.laboratory import Laboratory
from nonet.trials.plans import StagePlan

SHARES = (0.02, 0.1)
"""Samples: the second is built where the first was too quick to tell work from starting up."""
TELLING = 3.0
"""Seconds from which a sample's build is mostly work."""
CHEAP = 2.0
"""A kind of stage that never took longer than this (seconds) in full is not worth a sample."""

FIXED = "fixed_seconds"
"""What a stage may count of its own time: seconds that do not grow with the data (starting a library, an export)."""


class Estimator:
    """Estimates builds; a kind of stage (its name and its own fields) is sampled once a run.

    Args:
        folder: where the samples go.
    """

    def __init__(self, blueprint: Blueprint[Any, Any], laboratory: Laboratory, folder: Path) -> None:
        self._blueprint = blueprint
        self._laboratory = laboratory
        self._folder = folder
        self._known: dict[str, float] = {}
        self._slowest: dict[str, float] = {}
        self._fixed: dict[str, float] = {}

    def seconds(self, design: Mapping[str, Json]) -> float | None:
        """Seconds that the stages not yet built would take; ``None`` where the data cannot be sampled."""
        plan = self._laboratory.stages(design)
        for stage in plan:
            if stage.built:
                took = _seconds(self._laboratory, stage)
                self._known[_kind(stage, design)] = took
                self._slowest[stage.name] = max(self._slowest.get(stage.name, 0.0), took)
        missing = [stage for stage in plan if not stage.built]
        if any(self._guess(stage, design) is None for stage in missing):
            try:
                self._sample(design, missing)
            except (NotImplementedError, TrialError):
                return None
        return sum(self._guess(stage, design) or 0.0 for stage in missing)

    def _guess(self, stage: StagePlan, design: Mapping[str, Json]) -> float | None:
        known = self._known.get(_kind(stage, design))
        slowest = self._slowest.get(stage.name)
        return known if known is not None else slowest if slowest is not None and slowest <= CHEAP else None

    def _sample(self, design: Mapping[str, Json], missing: list[StagePlan]) -> None:
        """Build on a small sample; where that is too quick to tell, on a larger one, and extrapolate the difference."""
        small = self._sampled(design, SHARES[0])
        large = self._sampled(design, SHARES[1]) if sum(small.values()) < TELLING else None
        for stage in missing:
            if large is None:
                fixed = self._fixed.get(_kind(stage, design), 0.0)
                took = fixed + max(0.0, small[stage.name] - fixed) / SHARES[0]
            else:
                slope = max(0.0, large[stage.name] - small[stage.name]) / (SHARES[1] - SHARES[0])
                took = large[stage.name] + slope * (1 - SHARES[1])
            self._known.setdefault(_kind(stage, design), took)

    def _sampled(self, design: Mapping[str, Json], share: float) -> dict[str, float]:
        data = self._folder / f"{share:g}"
        if not data.exists():
            aside = data.with_name(f"{data.name}.new")
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            self._blueprint.sample(self._laboratory.data, share, aside)
            aside.replace(data)
        small = self._laboratory.on(data)
        small.build(design)
        plan = small.stages(design)
        self._fixed |= {_kind(stage, design): stage.resources.get(FIXED, 0.0) for stage in plan}
        return {stage.name: _seconds(small, stage) for stage in plan}


def _kind(stage: StagePlan, design: Mapping[str, Json]) -> str:
    return space.key([stage.name, {field: design[field] for field in stage.fields}])


def _seconds(laboratory: Laboratory, stage: StagePlan) -> float:
    record = laboratory.store.stage(stage.key)
    return record.seconds if record else 0.0
