"""Killed at any moment, resumed, the run is what it would have been."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import records
from processes import Nonet, gone
from threshold_workflow import BUDGET

import nonet
from nonet.runs.result import Run
from nonet.trials.ledger import Ledger

Point = Callable[[Path], bool]
POINTS: dict[str, Point] = {
    "preparing": lambda run: any(row.get("what", "").startswith("reading") for row in records.rows(run, "log.jsonl")),
    "recalling": lambda run: "recall" in records.steps(run),
    "building the first design": lambda run: records.running(run, "build") == 1,
    "running the first design": lambda run: records.running(run, "outputs") == 1,
    "between two trials": lambda run: records.trials(run) == 2,
    "building a later design": lambda run: records.running(run, "build") >= 3,
    "timing": lambda run: records.running(run, "latency") >= 1,
    "deciding": lambda run: "decide" in records.steps(run),
    "beginning to deliver": lambda run: "deliver" in records.steps(run),
    "the project half written": lambda run: (run / "project.new").exists() or (run / "project").exists(),
    "opening the holdout": lambda run: (run.parent / "home" / "memory" / "openings.sqlite").exists(),
    "reporting": lambda run: "report" in records.steps(run),
}


def test_killed_at_every_point_in_turn_it_ends_as_if_undisturbed(
    tmp_path: Path, home: Path, table: Path, finished: Run
) -> None:
    folder = tmp_path / "run"
    words = ["run", "threshold", "Classify", f"--table={table}", f"--budget={BUDGET}", f"--out={folder}"]
    ledger, spent = Ledger(folder / "spent.jsonl"), 0.0
    for name, reached in POINTS.items():
        kept = records.stored(folder)
        with Nonet(tmp_path, home, *words) as run:
            run.until(partial(reached, folder))
            below = run.send(signal.SIGKILL)
            run.end()
        assert gone(below), f"{name}: {below} live on"
        after = records.stored(folder)
        assert kept.items() <= after.items(), f"{name}: what was stored was made again"
        assert ledger.spent_seconds() >= spent, f"{name}: what was spent is forgotten"
        spent = ledger.spent_seconds()
        words = ["resume", str(folder)]
    with Nonet(tmp_path, home, *words, "--json") as run:
        assert run.end() == 0, run.error()
        result = run.output()
    assert result["status"] == finished.status
    assert result["budget"]["spent"]["seconds"] > 0
    assert records.outcome(folder) == records.outcome(finished.folder)
    assert records.done(folder) <= records.done(finished.folder)
    assert result["holdout"]["times_opened"] == 1
    assert not list((folder / "trials" / ".aside").glob("*"))
    assert nonet.show(folder).status == finished.status


def test_a_killed_run_is_shown_as_what_it_is(tmp_path: Path, home: Path, table: Path) -> None:
    folder = tmp_path / "run"
    with Nonet(tmp_path, home, "run", "threshold", "Classify", f"--table={table}", f"--out={folder}") as run:
        run.until(lambda: "prepare" in records.steps(folder))
        assert nonet.show(folder).status == "running"
        run.send(signal.SIGKILL)
        run.end()
    killed = nonet.show(folder)
    assert killed.status == "failed"
    assert killed.json()["error"]["code"] == "stopped"
    assert "nonet resume" in killed.json()["error"]["remedy"]
