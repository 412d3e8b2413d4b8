"""Killed while the council is asked, a run goes on without paying for an answer or measuring a trial twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import records
import yaml
from consulting import FAMILIES
from processes import Nonet, gone
from test_council import BETTER, BUDGET, CANARY, OTHER, answer

from nonet.testing import FakeProvider, Fault


def configure(folder: Path, fakes: dict[str, FakeProvider], **more: object) -> None:
    """Write the settings of runs in a folder, and the file of their keys."""
    (folder / ".env").write_text(f"CANARY_KEY={CANARY}\n")
    providers = {
        name: {"model": f"{FAMILIES[name]}:any", "base_url": fake.base_url, "key": "CANARY_KEY", "seconds": 300}
        for name, fake in fakes.items()
    }
    settings = {"providers": providers, "seats": [{"provider": name} for name in fakes], "isolation": "none"}
    (folder / "nonet.yaml").write_text(yaml.safe_dump({**settings, "env_file": str(folder / ".env"), **more}))


def answered(folder: Path) -> int:
    return sum(row["outcome"] == "answered" for row in records.rows(folder, "models.jsonl"))


@pytest.mark.slow
def test_killed_half_way_it_pays_for_no_answer_twice_and_names_the_provider_that_died(
    tmp_path: Path, home: Path, table: Path
) -> None:
    folder = tmp_path / "run"
    words = ["run", "threshold", "Classify", f"--table={table}", f"--budget={BUDGET}", f"--out={folder}"]
    with (
        FakeProvider("openai", [answer(BETTER)]) as openai,
        FakeProvider("anthropic", [answer({"model": "forest"}), answer(OTHER)]) as anthropic,
    ):
        with FakeProvider("gemini", [Fault("slow", seconds=300)]) as gemini:
            configure(tmp_path, {"openai": openai, "anthropic": anthropic, "gemini": gemini})
            with Nonet(tmp_path, home, *words) as run:
                run.until(lambda: answered(folder) == 3 and len(gemini.questions) == 1)
                before, below = records.done(folder), run.send(signal.SIGKILL)
                run.end()
            assert gone(below)
        with Nonet(tmp_path, home, "resume", str(folder)) as run:
            assert run.end() == 0, run.error()
        assert (len(openai.questions), len(anthropic.questions)) == (1, 2)
    said = {row["seat"]: row for row in records.rows(folder, "opinions.jsonl") if row.get("kind") == "answer"}
    assert (said["openai"]["fault"], said["anthropic"]["fault"]) == ("", "")
    assert said["gemini"]["fault"] == "unavailable"
    assert "gemini gave no opinion (unavailable)" in (folder / "report.md").read_text()
    after = records.done(folder)
    assert before
    assert all(count == 1 for count in after.values())
    assert any("openai" in row["seats"] for row in records.read(folder, "measurements.json")["candidates"])


@pytest.mark.slow
def test_killed_in_the_second_round_it_ends_with_every_trial_measured_once(
    tmp_path: Path, home: Path, table: Path
) -> None:
    folder = tmp_path / "run"
    words = ["run", "threshold", "Classify", f"--table={table}", f"--budget={BUDGET}", f"--out={folder}"]
    with FakeProvider("openai", [answer(BETTER, OTHER)]) as openai:
        configure(tmp_path, {"openai": openai})
        with Nonet(tmp_path, home, *words, "--max-tokens=20000") as run:
            run.until(lambda: "implement_more" in records.steps(folder) and records.running(folder, "outputs") > 0)
            below = run.send(signal.SIGKILL)
            run.end()
        assert gone(below)
        assert records.read(folder, "limits.json") == {"max_tokens": 20000}
        with Nonet(tmp_path, home, "resume", str(folder)) as run:
            assert run.end() == 0, run.error()
        assert len(openai.questions) == 1
    assert all(count == 1 for count in records.done(folder).values())
    measured = {row["key"]: row for row in records.read(folder, "measurements.json")["candidates"]}
    assert sum("openai" in row["seats"] and bool(row["measured"]) for row in measured.values()) == 2
