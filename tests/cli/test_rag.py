"""The main job from a sentence and a folder, by the command line, with files that cannot be read among the others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import result_schema as schema
from commands import Command


def test_a_sentence_and_a_folder_become_a_project_and_what_cannot_be_read_is_reported(
    nonet_command: Command, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(corpus, "docs")
    Path("docs/binary.md").write_bytes(b"\x00\x01\x02" * 400)
    Path("docs/latin.txt").write_bytes("Die Pumpe läuft. Öl nachfüllen für später.\n".encode("latin-1") * 20)
    Path("docs/huge.md").write_text("The rotor turns. " * 4000)
    Path("docs/photo.png").write_bytes(b"\x89PNG")
    monkeypatch.setenv("NONET_FILE_SIZE_LIMIT", "50000")

    said = nonet_command("run", "Build a RAG system over docs/", "--budget", "2 trials", "--offline", "--json")
    assert said.code == 0, said.err
    found = said.object
    schema.check(found)
    assert found["workflow"] == "rag_system"
    assert "because the goal says" in said.err
    assert found["budget"]["spent"]["candidates"] == 2
    assert [label["kind"] for label in found["labels"]] == ["made"]

    run = Path(found["paths"]["run"])
    skipped = {row["name"]: row["reason"] for row in json.loads((run / "data.json").read_text())["skipped"]}
    assert set(skipped) >= {"binary.md", "huge.md", "photo.png"}
    assert "binary" in skipped["binary.md"]
    assert "50,000" in skipped["huge.md"]
    report = Path(found["paths"]["report"]).read_text()
    assert all(name in report for name in skipped)
    assert "Mode: **no model**" in report
    assert "What ships was nominated by " in report
    brief = json.loads((run / "brief.json").read_text())
    assert brief["inputs"]["corpus"] == "docs/"
    assert any("docs/" in each for each in brief["assumptions"])

    verified = nonet_command("verify", found["run_id"], "--json")
    assert verified.object["differences"] == []
    assert verified.code == 0
    Path("docs/valve.md").write_text("changed")
    changed = nonet_command("verify", found["run_id"], "--json")
    assert changed.code == 1
    assert any("docs/valve.md has changed" in line for line in changed.object["differences"])
