"""Designs that read the same stages share a worker; whoever fails takes it along, and what comes out is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import TrialError

PROCESS = """
import os

def stages(design):
    return [{"name": "columns", "fields": ["features"], "parents": [], "data": True}]

class Telling:
    def __init__(self, design):
        self.design = design

    def run(self, units):
        if self.design["model"] == "knn":
            raise ValueError("no neighbours here")
        return [[os.getpid(), self.design["model"]] for _ in units]

def open(design, stages):
    return Telling(design)
"""
MEAN = {"model": "mean_threshold", "features": 4, "work": 1}
LOGISTIC = {**MEAN, "model": "logistic"}
WORKING = {**LOGISTIC, "work": 2}
FAILING = {**MEAN, "model": "knn"}
NARROW = {**MEAN, "features": 2}


def test_designs_of_the_same_stages_share_a_process_and_others_have_their_own(
    bench: Callable[..., Any], altered: Callable[..., Path]
) -> None:
    it = bench(blueprint=altered(PROCESS))
    before = it.laboratory.outputs(WORKING, it.units[:2])
    with it.laboratory.sharing():
        first, second = it.laboratory.outputs(MEAN, it.units[:2]), it.laboratory.outputs(LOGISTIC, it.units[:2])
        with pytest.raises(TrialError, match="no neighbours here"):
            it.laboratory.outputs(FAILING, it.units[:2])
        third, other = it.laboratory.outputs(MEAN, it.units[:4]), it.laboratory.outputs(NARROW, it.units[:2])
    processes = [said[-1][0] for said in (before, first, third, other)]
    assert first[0][0] == second[0][0]
    assert len(set(processes)) == 4
    assert third[:2] == first, "what is measured stays"
    assert [said[0][1] for said in (before, first, second)] == ["logistic", "mean_threshold", "logistic"]
    assert not any((it.folder / "trials" / ".aside").glob("*-*/outputs.jsonl"))
    assert it.laboratory.outputs(LOGISTIC, it.units[2:3])[0][0] != second[0][0], "afterwards each has its own"


def test_a_shared_worker_measures_what_one_of_its_own_does(bench: Callable[..., Any]) -> None:
    alone, together = bench("alone"), bench("together")
    with together.laboratory.sharing():
        shared = [together.laboratory.outputs(design, together.units) for design in (MEAN, LOGISTIC, WORKING)]
    assert shared == [alone.laboratory.outputs(design, alone.units) for design in (MEAN, LOGISTIC, WORKING)]
