"""The stages of a design: its graph, the model that ships, what it is asked, and the examples of the parity test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from optimization import data, examples, export, footprint, opened, quantize
from optimization.design import Design
from optimization.models import ModelError
from optimization.original import TORCH

PARITY = 32
"""Fit examples whose outputs of the original ship with the model."""
_TECHNIQUE = ("technique", "amount", "epochs")
_GRAPHS = ("onnxruntime", "openvino")


@dataclass(frozen=True)
class Stage:
    """One stage: the design fields and the stages it depends on."""

    name: str
    fields: tuple[str, ...]
    parents: tuple[str, ...] = ()


def of(design: Design) -> Sequence[Stage]:
    """Return a design's stages in build order."""
    rest = tuple(field.name for field in fields(Design) if field.name not in _TECHNIQUE)
    first = [Stage("examples", ()), Stage("parity", ())]
    if design.runtime in _GRAPHS:
        return [*first, Stage("graph", _TECHNIQUE), Stage("model", rest, ("graph",))]
    return [*first, Stage("model", tuple(field.name for field in fields(Design)))]


def build(stage: str, design: Design, folder: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Build one stage; return what was counted.

    Args:
        stage: its name.
        design: what is built.
        folder: the data folder.
        parents: folders of the stages it depends on.
        out: where it goes.

    Raises:
        OptimizationError: the design cannot be built of this model.
    """
    if stage == "examples":
        examples.save({name: np.array(each) for name, each in examples.load(folder / data.EXAMPLES).items()}, out)
        return {}
    if stage == "parity":
        _parity(folder, out)
        return {}
    if stage == "graph":
        export.graph(design, folder, out)
        return {}
    counted = _model(design, folder, parents, out)
    return {**counted, **footprint.measured(out, folder / data.EXAMPLES, data.meta(folder))}


def _model(design: Design, folder: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    told, counted = data.meta(folder), dict[str, float]()
    if design.runtime in ("torch", "inductor") and told.format != TORCH:
        raise ModelError(f"the runtime {design.runtime} needs a PyTorch module; this model is {told.format}")
    if design.runtime == "onnxruntime":
        counted = quantize.graph(design, parents["graph"], folder, out)
    elif design.runtime == "openvino":
        from optimization import openvino_model

        openvino_model.convert(parents["graph"] / export.GRAPH, design.precision, out)
    elif design.runtime == "inductor":
        from optimization import compiled

        compiled.build(folder, told, out)
    else:
        shutil.copytree(folder / data.MODEL, out / data.MODEL)
    described = {"meta": told.json(), "design": asdict(design), "names": {}}
    (out / opened.TOLD).write_text(json.dumps(described), encoding="utf-8")
    if design.runtime in (*_GRAPHS, "inductor"):
        described["names"] = _names(folder, out, told)
        (out / opened.TOLD).write_text(json.dumps(described), encoding="utf-8")
    return counted


def _names(folder: Path, out: Path, told: data.Meta) -> dict[str, str]:
    """Return which output of the optimised model is which of the original's: they come in the same order."""
    one = {name: np.array(each) for name, each in examples.row(examples.load(folder / data.EXAMPLES), 0).items()}
    mine = list(opened.load(out).raw(one))
    wanted = [name for name in (told.main.label, told.main.name) if name]
    if all(name in mine for name in wanted):
        return {}
    originals = list(data.load_original(folder).predict(one))
    if len(mine) != len(originals):
        raise ModelError(f"the graph gives {', '.join(mine)}, the original {', '.join(originals)}")
    return dict(zip(mine, originals, strict=True))


def _parity(folder: Path, out: Path) -> None:
    """Write some fit examples and the original's outputs on them: what the shipped project's parity test compares."""
    told = data.meta(folder)
    arrays, _ = export.fit_examples(folder, PARITY)
    original = data.load_original(folder)
    answers = [original.predict(examples.row(arrays, place)) for place in range(examples.count(arrays))]
    names = [name for name in (told.main.label, told.main.name) if name]
    examples.save(arrays, out / "inputs")
    examples.save(
        {name: np.concatenate([np.asarray(each[name]) for each in answers]) for name in names}, out / "outputs"
    )
