"""What was measured, by where its labels come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from run_folder import METRICS, Routing

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.measured import by_kind
from nonet.settings import Settings
from nonet.trials.contract import LabelKind, Scores, Unit, UnitSet
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements

KINDS: tuple[LabelKind, ...] = ("given", "made", "made", "given", "made")


def _measured(folder: Path, kinds: tuple[LabelKind, ...], order: list[int]) -> tuple[Desk, Measurements]:
    units = [Unit(f"u{i}", {"text": f"{i}"}, i, f"{i}", kind=kind) for i, kind in enumerate(kinds)]
    desk = Desk(folder, Settings(home=str(folder / "home")), Routing())
    desk.keep_units(UnitSet(units, seal=False))
    assert Desk(folder, desk.settings, desk.blueprint).units.seal is False
    values = [float(10 * i) for i in order]
    scores = {"a": Scores(tuple(order), {"hit": values}, values), "b": Scores(tuple(order), {"hit": [0.0] * 5}, values)}
    return desk, Measurements(Evaluator(desk.blueprint, units), scores)


def test_every_scored_metric_is_told_for_each_kind_of_label(tmp_path: Path) -> None:
    desk, measurements = _measured(tmp_path, KINDS, [4, 3, 2, 1, 0])
    found = by_kind(desk, measurements, ["a"])
    assert {kind: list(each) for kind, each in found.items()} == {"given": ["a"], "made": ["a"]}
    scored = {metric.name for metric in METRICS if metric.source == "score"}
    for kind, places in (("given", (0, 3)), ("made", (1, 2, 4))):
        assert found[kind]["a"].keys() == scored
        hit = found[kind]["a"]["hit"]
        assert isinstance(hit, dict)
        assert hit["value"] == pytest.approx(np.mean([10 * place for place in places]))
        assert hit["n"] == len(places)


def test_labels_of_one_kind_are_not_told_apart(tmp_path: Path) -> None:
    assert by_kind(*_measured(tmp_path, ("made",) * 5, [0, 1, 2, 3, 4]), ["a"]) == {}
