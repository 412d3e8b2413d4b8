"""``--json``: one object on stdout and nothing else there, whatever came of the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import result_schema as schema
import threshold_workflow
from commands import Command

from nonet.runs.result import Run


def test_a_decided_run(nonet_command: Command, table: Path) -> None:
    said = nonet_command(
        *("run", "threshold", "Classify", "--table", table, "--budget", "2 trials", "--json"),
        *("--target", "accuracy>=0.01", "--target", "p95_latency_ms<1h"),
    )
    found = said.object
    schema.check(found)
    assert said.code == 0
    assert said.err == "", "quiet where stderr is no terminal"
    assert found["workflow"] == "threshold"
    assert [target["name"] for target in found["targets"]] == ["accuracy>=0.01", "p95_latency_ms<3.6e+06"]
    assert found["targets"][0]["met"] is True
    assert found["targets"][0]["holdout"]["met"] is True
    assert found["targets"][1]["met"] is None, "too few units for a p95"
    assert found["metrics"]["p95_latency_ms"] is None
    assert nonet_command("show", found["run_id"], "--json").object == found
    assert nonet_command("resume", found["run_id"], "--json").object == found


def test_a_run_with_nothing_sealed(nonet_command: Command, tmp_path: Path) -> None:
    few = threshold_workflow.write_table(tmp_path / "few.csv", rows=49)
    found = nonet_command("run", "threshold", "Classify", "--table", few, "--budget", "1 trials", "--json").object
    schema.check(found)
    assert found["holdout"]["claim"] == "not shown (no holdout)"


def test_a_run_that_needs_an_answer(nonet_command: Command) -> None:
    said = nonet_command("run", "threshold", "Classify", "--json")
    schema.undecided(said.object)
    assert said.code == 4
    assert said.object["question"]["fields"] == ["table"]
    assert said.object["question"]["form"]["properties"]["table"]["description"]
    again = nonet_command("resume", said.object["run_id"], "--json")
    schema.undecided(again.object)
    assert again.code == 4
    assert again.object["question"] == said.object["question"]


def test_a_goal_that_no_workflow_fits(nonet_command: Command) -> None:
    said = nonet_command("run", "Bake a cake for six", "--json")
    schema.undecided(said.object)
    assert said.code == 4
    assert said.object["question"]["fields"] == ["workflow"]


def test_a_refused_request(nonet_command: Command) -> None:
    said = nonet_command("run", "threshold", "Classify", "--table", "nowhere.csv", "--json")
    schema.undecided(said.object)
    assert said.code == 2
    assert said.object["error"]["code"] == "input"
    assert said.object["paths"] == {"run": None, "report": None, "project": None}


def test_a_failed_run(nonet_command: Command, tmp_path: Path) -> None:
    table = threshold_workflow.write_table(tmp_path / "table.csv", rows=60)
    table.write_text(table.read_text().replace(",1\n", ",2\n"))
    said = nonet_command("run", "threshold", "Classify", "--table", table, "--json")
    schema.undecided(said.object)
    assert said.code == 2
    assert "neither 0 nor 1" in said.object["error"]["message"]
    assert Path(said.object["paths"]["run"]).is_dir()
    assert nonet_command("show", said.object["run_id"], "--json").object == said.object


def test_every_verb_prints_one_object(nonet_command: Command, decided: Run) -> None:
    home = f"--home={decided.folder.parent / 'home'}"
    for words in (
        ("workflows",),
        ("runs", home),
        ("show", str(decided.folder), home),
        ("init",),
        ("tool",),
        ("tool", "search_files", "pattern=*.md"),
        ("prepare", "threshold"),
    ):
        said = nonet_command(*words, "--json")
        assert said.code == 0, f"{words}: {said.err}"
        assert said.object["schema"] == 1, words


@pytest.mark.parametrize("words", [["run"], ["resume", "nobody", "--json"], ["--json"], ["run", "cake", "--json"]])
def test_the_real_command_refuses_with_one_object_too(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nonet", *words],
        cwd=tmp_path,
        env={"NONET_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("nonet: ")
    assert done.stderr.count("\n") == 1
    if "--json" in words:
        import json

        schema.undecided(json.loads(done.stdout))
    else:
        assert done.stdout == ""
    assert not list(tmp_path.iterdir()), "a refusal writes nothing"
