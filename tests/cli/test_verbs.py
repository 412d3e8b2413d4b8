"""What each command does, for people and for programs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from commands import Command

from nonet import settings
from nonet.runs.result import Run


@pytest.fixture
def home(decided: Run) -> str:
    return f"--home={decided.folder.parent / 'home'}"


def test_show_says_what_a_run_came_to(nonet_command: Command, decided: Run, home: str) -> None:
    said = nonet_command("show", str(decided.folder), home)
    assert said.code == 0
    assert f"run: {decided.status.replace('_', ' ')}" in said.out
    assert decided.decision.winner in said.out
    assert decided.decision.reason in said.out
    assert decided.holdout["claim"] in said.out
    assert "accuracy>=0.01 met" in said.out
    assert "operations<1 missed" in said.out
    for path in (decided.report, decided.project, decided.folder):
        assert str(path) in said.out
    assert nonet_command("show", "run", home).out == said.out, "a run is found by its name"


def test_runs_lists_runs_with_their_status(nonet_command: Command, decided: Run, home: str) -> None:
    listed = nonet_command("runs", home, "--json").object["runs"]
    assert listed == [{"run_id": "run", "status": decided.status, "run": str(decided.folder)}]
    assert nonet_command("runs", home).out == f"run  {decided.status}  {decided.folder}\n"
    assert nonet_command("runs").out == ""


def test_workflows_lists_their_inputs(nonet_command: Command) -> None:
    rows = {row["name"]: row for row in nonet_command("workflows", "--json").object["workflows"]}
    inputs = {row["name"]: row["required"] for row in rows["rag_system"]["inputs"]}
    assert inputs["corpus"] is True
    assert inputs["questions"] is False
    said = nonet_command("workflows").out
    assert "rag_system  Answer questions over documents" in said
    assert "  --corpus  " in said
    assert "  --questions (optional)  " in said
    assert "  --table  " in said


def test_init_writes_every_setting_commented_and_never_overwrites(nonet_command: Command) -> None:
    said = nonet_command("init", "--json")
    path = Path("nonet.yaml").absolute()
    assert said.object == {"schema": 1, "wrote": str(path)}
    text = path.read_text()
    assert yaml.safe_load(text) is None, "all commented"
    plain = "\n".join(line.removeprefix("# ") for line in text.splitlines() if ":" in line and "Nonet's" not in line)
    assert all(f"{name}:" in plain for name in settings.Settings.model_fields)
    path.write_text("budget: 3 trials\n")
    again = nonet_command("init")
    assert again.code == 2
    assert "exists" in again.err
    assert path.read_text() == "budget: 3 trials\n"


def test_tool_lists_and_calls(nonet_command: Command) -> None:
    Path("guide.md").write_text("# Valves\n\nOpen the valve slowly.\n")
    names = {row["name"] for row in nonet_command("tool", "--json").object["tools"]}
    assert {"search_files", "read_file", "search_code"} <= names
    assert "search_files" in nonet_command("tool").out
    found = nonet_command("tool", "read_file", "path=guide.md", "--json").object
    assert "Open the valve slowly" in str(found["items"])
    assert "Open the valve slowly" in nonet_command("tool", "read_file", "path=guide.md").out
    assert nonet_command("tool", "read_file", "path=../home/runs.jsonl").code == 1


def test_strict_turns_a_target_missed_or_not_shown_into_exit_3(nonet_command: Command, decided: Run, home: str) -> None:
    assert nonet_command("resume", str(decided.folder), home).code == 0
    strict = nonet_command("resume", str(decided.folder), home, "--strict")
    assert strict.code == 3
    assert strict.err == "nonet: not met: operations<1\n"


@pytest.mark.parametrize(("target", "code"), [("accuracy>=0.01", 0), ("p95_latency_ms<1h", 3)])
def test_strict_on_a_run(target: str, code: int, nonet_command: Command, table: Path) -> None:
    words = ("run", "threshold", "Classify", "--table", table, "--budget", "1 trials", "--strict")
    assert nonet_command(*words, "--target", target).code == code


def test_verify_says_what_holds_and_fails_on_a_change(nonet_command: Command, table: Path) -> None:
    nonet_command("run", "threshold", "Classify", "--table", table, "--budget", "1 trials", "--out", "mine")
    said = nonet_command("verify", "mine")
    assert said.code == 0
    assert said.out.endswith("mine: verification passed\n")
    Path("mine/project/settings.json").write_text("{}")
    said = nonet_command("verify", "mine")
    assert said.code == 1
    assert "  differs  project/settings.json has changed" in said.out
    found = nonet_command("verify", "mine", "--json")
    assert (found.code, found.object["passed"]) == (1, False)
    assert found.object["differences"] == ["project/settings.json has changed"]


def test_a_goal_picks_its_workflow_and_says_why(nonet_command: Command, corpus: Path) -> None:
    Path("docs").symlink_to(corpus)
    said = nonet_command("run", "Build a RAG system over docs/ in vain", "--target", "p95_latency_ms<1 GB")
    assert said.code == 2, "the target is refused after the choice"
    assert "nonet: rag_system, because the goal says 'RAG'" in said.err
    chosen = nonet_command("run", "Classify the rows", "--json")
    assert (chosen.code, chosen.object["workflow"]) == (4, "threshold")
    assert "threshold, because the goal says 'Classify'" in chosen.err


def test_a_goal_that_fits_none_or_two_is_a_question(nonet_command: Command) -> None:
    for goal, says in (("Bake a cake", "No workflow fits"), ("RAG to classify", "rag_system, threshold")):
        said = nonet_command("run", goal)
        assert said.code == 4
        assert says in said.err
    assert not Path("nonet-runs").exists()


def test_the_form_s_fields_are_resume_s_options(nonet_command: Command, table: Path) -> None:
    asked = nonet_command("run", "threshold", "Classify", "--budget", "1 trials", "--out", "mine")
    assert asked.code == 4
    assert "question  threshold needs: table." in asked.out
    assert "nonet resume mine --table" in asked.out
    assert nonet_command("resume", "mine", "--label", "y").code == 2, "only what is asked is an option"
    done = nonet_command("resume", "mine", "--table", table)
    assert done.code == 0, done.err
    assert "winner" in done.out


def test_offline_prepares_from_what_is_there_or_says_what_to_do(
    nonet_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nonet_command("prepare", "rag_system", "threshold", "--offline").code == 0, "they are built"
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cold"))
    said = nonet_command("prepare", "rag_system", "--offline", "--home", tmp_path / "bare", "--json")
    assert said.code == 1
    assert said.object["error"]["code"] == "environment"
    assert "offline" in said.object["error"]["message"]
    assert said.object["error"]["remedy"].endswith("nonet prepare rag_system")
    assert said.err.count("\n") == 1


def test_help_names_every_verb(nonet_command: Command, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        nonet_command("--help")
    assert ended.value.code == 0
    said = capfd.readouterr().out
    verbs = ("run", "demo", "resume", "prepare", "show", "verify", "runs", "workflows", "init", "tool")
    assert {line.split()[0] for line in said.splitlines() if line.startswith("    ")} >= set(verbs)
    with pytest.raises(SystemExit):
        nonet_command("run", "threshold", "--help")
    assert "--table TABLE" in (said := capfd.readouterr().out)
    assert "--corpus" not in said, "only the workflow's own inputs are its options"


def test_the_installed_command_is_the_same(tmp_path: Path) -> None:
    import sys

    command = Path(sys.executable).with_name("nonet")
    done = subprocess.run([command, "workflows"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "rag_system  Answer" in done.stdout
