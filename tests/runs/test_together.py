"""Many runs at once, in one process and in several."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import records
from processes import Nonet
from threshold_workflow import WORKFLOW, write_table

import nonet

RUNS, AT_ONCE = 16, 3


async def test_sixteen_runs_of_one_process_finish_and_none_mixes_with_another(home: Path, tmp_path: Path) -> None:
    settings = nonet.Settings(home=str(home), isolation="none", runs_at_once=AT_ONCE)
    tables = [write_table(tmp_path / f"{n}.csv", rows=52 + n, seed=n) for n in range(RUNS)]
    runs = await asyncio.gather(
        *(
            nonet.arun(WORKFLOW, f"Classify {n}", table=tables[n], budget="1 trials", settings=settings)
            for n in range(RUNS)
        )
    )
    assert [run.error for run in runs] == [None] * RUNS
    assert len({run.run_id for run in runs}) == RUNS
    for n, run in enumerate(runs):
        assert records.read(run.folder, "brief.json")["goal"] == f"Classify {n}"
        assert records.read(run.folder, "data.json")["fingerprint"]["units"] == 52 + n
        assert len(records.rows(run.folder, "units.jsonl")) == 52 + n
        assert all(row["at"] for row in records.rows(run.folder, "log.jsonl"))
        assert records.steps(run.folder).count("report") == 1
    assert 1 < most_at_once([run.folder for run in runs]) <= AT_ONCE


def most_at_once(folders: list[Path]) -> int:
    """How many runs were building or measuring at the same time, by their ledgers."""
    changes: list[tuple[float, int]] = []
    for folder in folders:
        ended = {row["id"]: row for row in records.rows(folder, "spent.jsonl")}
        for row in ended.values():
            if row["what"] in ("build", "outputs", "latency"):
                changes += [(row["at"], 1), (row["at"] + row["seconds"], -1)]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


def test_two_processes_share_one_memory(home: Path, table: Path, tmp_path: Path) -> None:
    words = ["run", "threshold", "Classify", f"--table={table}", "--budget=1 trials", "--json"]
    with Nonet(tmp_path, home, *words, "--out=one") as one, Nonet(tmp_path, home, *words, "--out=two") as two:
        assert (one.end(), two.end()) == (0, 0), one.error() + two.error()
    opened = sorted(run.output()["holdout"]["times_opened"] for run in (one, two))
    assert opened == [1, 2]
    patterns = {json.loads((tmp_path / name / "pattern.json").read_text())["id"] for name in ("one", "two")}
    assert len(patterns) == 2
    assert {run.run_id for run in nonet.runs.catalog.runs(nonet.Settings(home=str(home)))} == {"one", "two"}
