"""The same again gives the same; another seed opens the same holdout a second time."""

from __future__ import annotations

import shutil
from pathlib import Path

import records
from threshold_workflow import BUDGET, WORKFLOW

import nonet
from nonet.runs.result import Run


def test_the_same_inputs_seed_and_evidence_give_the_same_numbers(
    settings: nonet.Settings, table: Path, finished: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    again = nonet.run(WORKFLOW, "Classify", table=table, budget=BUDGET, out=out, settings=settings)
    first, second = records.outcome(finished.folder), records.outcome(again.folder)
    assert first.pop("isolation") != second.pop("isolation")
    assert second == first
    assert again.holdout["times_opened"] == 1


def test_another_seed_opens_the_same_holdout_again_and_looking_back_opens_nothing(
    finished: Run, table: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(finished.folder.parent / "home", home, symlinks=True)
    settings = nonet.Settings(home=str(home), isolation="none")
    other = nonet.run(
        WORKFLOW, "Classify", table=table, budget="1 trials", seed=7, out=tmp_path / "seven", settings=settings
    )
    assert records.read(other.folder, "split.json") == records.read(finished.folder, "split.json")
    raced = [records.read(run.folder, "measurements.json")["order"] for run in (finished, other)]
    assert raced[0] != raced[1]
    assert sorted(raced[0]) == sorted(raced[1])
    assert other.holdout["times_opened"] == 2
    assert nonet.verify(other.folder, workflow=WORKFLOW, settings=settings).passed
    assert nonet.resume(other.folder, workflow=WORKFLOW, settings=settings).holdout["times_opened"] == 2
    third = nonet.run(
        WORKFLOW, "Classify", table=table, budget="1 trials", seed=8, out=tmp_path / "eight", settings=settings
    )
    assert third.holdout["times_opened"] == 3
