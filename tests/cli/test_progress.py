"""Progress: what a terminal sees, and that nothing else does."""

from __future__ import annotations

import io
import os
import pty
import re
from pathlib import Path

import pytest
import threshold_workflow

import nonet
from nonet.cli.progress import Progress

TRIAL = {
    **{"event": "trial", "candidate": "c1", "design": "a", "units": 30, "done": 3, "planned": 8, "left": "42 s"},
    **{"best": "c0", "metric": "f1", "value": 0.71234},
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What stands there in the end: a rewritten line is its last writing."""
        return [line.rpartition("\x1b[2K")[2] for line in self.getvalue().split("\n")]


def test_a_terminal_sees_the_step_the_trials_the_time_left_and_the_best() -> None:
    terminal = Terminal()
    progress = Progress(terminal)
    progress.show({"event": "step", "step": "implement", "title": "Build and measure"})
    progress.show(TRIAL)
    assert terminal.lines() == ["· Build and measure", "  3/8 designs, 30 units · 42 s left · best c0 f1 0.712"]
    progress.show({**TRIAL, "done": 4, "left": None})
    assert terminal.lines()[-1] == "  4/8 designs, 30 units · best c0 f1 0.712"
    progress.show({"event": "step_done", "step": "implement", "seconds": 1.0})
    assert terminal.lines() == ["· Build and measure", ""]


def test_an_objective_without_a_value_yet_is_no_fault() -> None:
    terminal = Terminal()
    Progress(terminal).show({**TRIAL, "value": None})
    assert terminal.lines() == ["  3/8 designs, 30 units · 42 s left"]


def test_a_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    Progress(terminal).show(TRIAL)
    assert len(terminal.lines()[-1]) < 20


def test_nothing_is_said_where_there_is_no_terminal() -> None:
    quiet = io.StringIO()
    progress = Progress(quiet)
    progress.show({"event": "step", "step": "implement", "title": "Build and measure"})
    progress.show(TRIAL)
    assert quiet.getvalue() == ""


async def test_a_real_run_tells_a_real_terminal(tmp_path: Path, prepared: Path, table: Path) -> None:
    home = threshold_workflow.new_home(tmp_path / "home", prepared)
    settings = nonet.Settings(home=str(home), isolation="none")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        progress = Progress(terminal)
        workflow = threshold_workflow.WORKFLOW
        events = nonet.stream(
            workflow, "Classify", table=table, budget="1 trials", out=tmp_path / "r", settings=settings
        )
        async for event in events:
            progress.show(event)
        seen = os.read(ours, 1 << 16).decode()
    os.close(ours)
    for title in ("Read the request", "Prepare", "environment of threshold", "Measure", "Decide", "Report"):
        assert title in seen
    assert re.search(r"1/1 designs, \d+ units · best \w+ operations \d", seen)
