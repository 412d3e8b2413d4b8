"""SIGINT and SIGTERM: the best so far is decided and delivered; before there is one, the run can be resumed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import records
from processes import Nonet, gone
from threshold_workflow import BUDGET

import nonet
from nonet.runs.result import Run


@pytest.fixture
def words(tmp_path: Path, table: Path) -> list[str]:
    out = tmp_path / "run"
    return ["run", "threshold", "Classify", f"--table={table}", f"--budget={BUDGET}", f"--out={out}", "--json"]


@pytest.mark.parametrize(
    ("number", "reached"),
    [
        (signal.SIGINT, lambda run: records.trials(run) >= 1 and records.running(run, "build") >= 2),
        (signal.SIGTERM, lambda run: records.trials(run) >= 4 and records.running(run, "latency") >= 1),
    ],
    ids=["SIGINT in a later build", "SIGTERM while timing"],
)
def test_a_signal_while_measuring_ships_the_best_so_far(
    number: int, reached: Callable[[Path], bool], words: list[str], tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "run"
    with Nonet(tmp_path, home, *words) as run:
        run.until(lambda: reached(folder))
        below = run.send(number)
        assert below, "no trial was running"
        assert run.end() == 0, run.error()
        result = run.output()
    assert gone(below)
    assert (result["status"], result["budget"]["bound"]) == ("stopped_by_budget", "signal")
    assert result["decision"]["winner"]
    assert result["holdout"]["claim"] in ("better", "worse", "not shown")
    assert (Path(result["paths"]["project"]) / "settings.json").exists()
    assert "Stopped" in Path(result["paths"]["report"]).read_text()


def test_a_signal_before_the_baseline_is_measured_leaves_a_run_to_resume(
    words: list[str], tmp_path: Path, home: Path, finished: Run
) -> None:
    folder = tmp_path / "run"
    with Nonet(tmp_path, home, *words) as run:
        run.until(lambda: "prepare" in records.steps(folder))
        below = run.send(signal.SIGTERM)
        assert run.end() == 1, run.error()
        result = run.output()
    assert gone(below)
    assert (result["status"], result["error"]["code"]) == ("failed", "stopped")
    assert "nonet resume" in result["error"]["remedy"]
    assert "Traceback" not in run.error()
    with Nonet(tmp_path, home, "resume", str(folder)) as run:
        assert run.end() == 0, run.error()
    assert records.outcome(folder) == records.outcome(finished.folder)


def test_a_signal_while_delivering_changes_nothing_and_a_second_one_ends_the_run_at_once(
    words: list[str], tmp_path: Path, home: Path, finished: Run
) -> None:
    folder = tmp_path / "run"
    with Nonet(tmp_path, home, *words) as run:
        run.until(lambda: "deliver" in records.steps(folder) and run.holds_a_worker())
        below = run.send(signal.SIGINT)
        while run.process.is_alive():  # two that arrive at once are one to the kernel: pressed until it is heard
            time.sleep(0.1)
            with suppress(ProcessLookupError):
                run.send(signal.SIGINT)
        assert run.end() == 130, run.error()
        assert run.output()["status"] == "failed"
    assert gone(below)
    assert nonet.show(folder).json()["error"]["code"] == "stopped"
    with Nonet(tmp_path, home, "resume", str(folder)) as run:
        run.until(lambda: records.steps(folder).count("deliver") == 2)
        run.send(signal.SIGTERM)
        assert run.end() == 0, run.error()
    assert records.outcome(folder) == records.outcome(finished.folder)


def test_a_run_is_driven_by_one_process_and_the_other_harms_nothing(
    words: list[str], tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "run"
    with Nonet(tmp_path, home, *words) as run:
        run.until(lambda: "implement" in records.steps(folder))
        with Nonet(tmp_path, home, "resume", str(folder), "--json") as other:
            assert other.end() == 2
            assert "another process" in other.output()["error"]["message"]
        assert nonet.show(folder).status == "running"
        assert run.end() == 0, run.error()
