"""How long a full build would take, from a small one: a stage is first built on a sample of the data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.laboratory import Laboratory

SHARES = (0.02, 0.1)
"""Samples tried in order: the next when the one before was built too fast to tell."""
TELLING = 1.0
"""Seconds from which a sample's build says something of the whole's."""
CHEAP = 2.0
"""A stage that never took longer than this (seconds) is not worth a sample."""


class Estimator:
    """Estimates builds on samples of the laboratory's data; each stage's sample is built once.

    Args:
        folder: where the samples go.
    """

    def __init__(self, blueprint: Blueprint[Any, Any], laboratory: Laboratory, folder: Path) -> None:
        self._blueprint = blueprint
        self._laboratory = laboratory
        self._folder = folder
        self._slowest: dict[str, float] = {}

    def seconds(self, design: Mapping[str, Json]) -> float | None:
        """Seconds that the stages not yet built would take; ``None`` where the data cannot be sampled."""
        self._learn(design)
        unbuilt = [plan for plan in self._laboratory.stages(design) if not plan.built]
        unknown = [plan for plan in unbuilt if self._slowest.get(plan.name, CHEAP + 1) > CHEAP]
        if not unknown:
            return sum(self._slowest[plan.name] for plan in unbuilt)
        for share in SHARES:
            try:
                sampled = self._sampled(design, share)
            except NotImplementedError:
                return None
            except TrialError:
                return None
            total = sum(sampled[plan.name] for plan in unbuilt)
            if total >= TELLING or share == SHARES[-1]:
                return total / share
        return None

    def _learn(self, design: Mapping[str, Json]) -> None:
        for plan in self._laboratory.stages(design):
            if plan.built:
                self._slowest[plan.name] = max(self._slowest.get(plan.name, 0.0), _seconds(self._laboratory, plan.key))

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
        return {plan.name: _seconds(small, plan.key) for plan in small.stages(design)}


def _seconds(laboratory: Laboratory, stage: str) -> float:
    record = laboratory.store.stage(stage)
    return record.seconds if record else 0.0
