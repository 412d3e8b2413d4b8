"""Rows that are added to an index which can take them: nothing that is built already is built again.

Words are indexed anew, which takes less than a copy of the vectors. Where a row is replaced or deleted, where a payload
has a new field, where the engine is a server that is given, or where the index has grown by more than ``MOST`` since it
was built, it is built in full: cells, codes and directions were fitted to the rows of then.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vectordb import data, multivector, reduction, scaling, stages
from vectordb.conditions import Columns
from vectordb.design import Design
from vectordb.engines import contract

MOST = 0.25
KEPT = (stages.ENCODER, "scaling", "serving")
"""Stages that stay: the model that was measured, whose pairs are not here, and what only measured the chosen index."""


def build(design: Design, source: Path, before: Mapping[str, Path], aside: Path, added: int) -> int:
    """Build a design over a data folder into ``aside``; return how many rows were indexed for it.

    Args:
        design: what is built.
        source: the data folder, its vectors made.
        before: stage → folder of the index before.
        aside: an empty folder.
        added: rows at the end that the index before lacks, its others being these; 0 where it is another.
    """
    rows = data.read_meta(source).rows
    grows = bool(added) and _can_grow(design, source, before, rows - added)
    built: dict[str, Path] = {}
    indexed = rows
    for stage in stages.of(design):
        out = built[stage.name] = aside / stage.name
        if stage.name in KEPT and stage.name in before:
            shutil.copytree(before[stage.name], out)
            continue
        if grows and stage.name == "reduced":
            shutil.copytree(before["reduced"], out)
            _reduced(before["reduced"], built["vectors"], out, rows - added)
        elif grows and stage.name == "index":
            shutil.copytree(before["index"], out)
            grows = _indexed(design, built, out, rows - added)
            indexed = added if grows else rows
            if not grows:
                shutil.rmtree(out)
        if not grows or stage.name not in ("reduced", "index"):
            out.mkdir(parents=True)
            if stage.name == multivector.STAGE:
                multivector.build(stages.passages(source), out, before[stage.name])
            else:
                stages.build(stage.name, design, source, built, out)
    return indexed


def _can_grow(design: Design, source: Path, before: Mapping[str, Path], held: int) -> bool:
    """Whether the index before is of the first rows of the source, and not too small for all of them."""
    told = json.loads((before["index"] / scaling.BUILT).read_text(encoding="utf-8"))
    if design.server_at or data.read_meta(source).rows > (1 + MOST) * told["rows"]:
        return False
    payloads = data.read_rows(source / "payloads.jsonl")
    return _kinds(payloads) == _kinds(data.read_rows(before["records"] / "payloads.jsonl")) == _kinds(payloads[held:])


def _kinds(payloads: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    columns = Columns(payloads)
    return sorted(columns.numbers), sorted(columns.texts)


def _reduced(before: Path, vectors: Path, out: Path, held: int) -> None:
    """Map the new rows as the old ones were."""
    new = np.load(vectors / "vectors.npy", mmap_mode="r")[held:]
    whole = np.concatenate([np.load(before / "vectors.npy"), reduction.load(before).apply(new)])
    np.save(out / "vectors.npy", whole)


def _indexed(design: Design, built: Mapping[str, Path], out: Path, held: int) -> bool:
    searched = built.get("reduced") or built["vectors"]
    new = np.load(searched / "vectors.npy", mmap_mode="r")[held:]
    payloads = data.read_rows(built["records"] / "payloads.jsonl")[held:] or None
    return contract.add(design, np.ascontiguousarray(new), held, payloads, out)
