"""The worker's side of this blueprint: the shipped project, stage by stage, as it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from optimization import data, examples, opened, outputs
from optimization import design as designs
from optimization import stages as parts


def ingest(source: Path, out: Path, inputs: dict[str, Any]) -> dict[str, float]:
    """Load the model, hold the examples against its inputs, and ask it for the reference."""
    return data.ingest(source, out, inputs)


def stages(design: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the design's stages in build order."""
    return [
        {"name": stage.name, "fields": list(stage.fields), "parents": list(stage.parents), "data": True}
        for stage in parts.of(designs.parse(design))
    ]


def build(stage: str, design: dict[str, Any], data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Build one stage; return what was counted."""
    return parts.build(stage, designs.parse(design), data, parents, out)


class System:
    """A model opened for measuring."""

    def __init__(self, model: opened.Optimized, arrays: examples.Arrays) -> None:
        self._model, self._arrays = model, arrays

    def run(self, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the compared output on each example, asked one by one."""
        main = self._model.meta.main
        return [outputs.written(self._model.raw(self._example(unit)), main) for unit in units]

    def time(self, units: list[dict[str, Any]], repeat: int) -> list[list[float]]:
        """Time one prediction of each example, at its own shape; milliseconds."""
        from time import perf_counter

        times: list[list[float]] = [[] for _ in units]
        asked = [self._example(unit) for unit in units]
        for _ in range(repeat):
            for inputs, row in zip(asked, times, strict=True):
                began = perf_counter()
                self._model.raw(inputs)
                row.append((perf_counter() - began) * 1000)
        return times

    def _example(self, unit: dict[str, Any]) -> examples.Arrays:
        place = int(unit["features"]["row"])
        return {name: np.array(each) for name, each in examples.row(self._arrays, place).items()}


def open(design: dict[str, Any], stages: dict[str, Path]) -> System:
    """Open the built stages of a design."""
    return System(opened.load(stages["model"]), examples.load(stages["examples"]))


__all__ = ["System", "build", "data", "ingest", "open", "stages"]
