"""The code reader asks the history who changed the sizes that it found, when, from what to what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nonet.agents.code_reader import code_reader
from nonet.agents.specialist import Task
from nonet.blueprints.rag_system.existing import recognise
from nonet.graphs.rag_system import CODE

CALL = "splitter = RecursiveCharacterTextSplitter(\n    chunk_size={size},\n    chunk_overlap=settings.lap,\n)\n"


def commit(root: Path, author: str, message: str) -> None:
    who = ["-c", f"user.name={author}", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["add", "-A"], ["commit", "-q", "-m", message]):
        subprocess.run(["git", *who, *command], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "ingest.py").write_text(CALL.format(size=256))
    (root / "settings.yaml").write_text("lap: 16\nbatch_size: 4\n")
    return root


async def test_evidence_says_who_changed_a_size_when_and_from_what_to_what(repository, context):
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    commit(repository, "Ada", "Begin")
    (repository / "ingest.py").write_text(CALL.format(size=800))
    (repository / "settings.yaml").write_text("lap: 80\nbatch_size: 4\n")
    commit(repository, "Grace", "Larger chunks")
    found = await code_reader.run(Task("existing_code", "", CODE), context(repository=repository))
    assert found.notes == []
    told = [item for item in found.evidence if item.tool == "git_log"]
    changes = {
        (item.facts["hyperparameter"], item.facts["old"], item.facts["new"], item.facts["author"])
        for item in told
        if item.facts["change"] == "changed"
    }
    assert changes == {("chunk_size", 256, 800, "Grace"), ("lap", 16, 80, "Grace")}
    assert all(item.facts["date"] and item.facts["commit"] for item in told)
    # What was so once is no part of the system that is there.
    system = recognise(found.evidence)
    assert system is not None
    assert system.fields["chunk_size"] == recognise([i for i in found.evidence if i not in told]).fields["chunk_size"]
    assert not set(system.evidence) & {item.id for item in told}


async def test_without_a_history_nothing_is_asked_of_one_and_nothing_noted(repository, context):
    found = await code_reader.run(Task("existing_code", "", CODE), context(repository=repository))
    assert found.notes == []
    assert {item.tool for item in found.evidence} == {"search_code"}


async def test_a_repository_without_a_commit_costs_a_note_and_no_more(repository, context):
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    found = await code_reader.run(Task("existing_code", "", CODE), context(repository=repository))
    assert len(found.notes) == 1
    assert "no commit yet" in found.notes[0]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("chunk_size: int = 800", ["chunk_size"]),
        ('"batch_size": 32,', ["batch_size"]),
        ("LEARNING_RATE=3e-4", ["learning_rate"]),
        ("lr: .01", ["lr"]),
        ("a(top_k=3, num_epochs=2, dropout=0.1, weight_decay=0.1)", ["top_k", "num_epochs", "dropout"]),
        ("generate = 1; stop = 3; alphabet = 26", []),
        ("size = len(rows)", []),
    ],
)
async def test_what_sets_a_number_is_asked_about_and_no_more_than_three(line, asked):
    from nonet.tools.contract import Item, ToolResult

    item = Item(reference="a.py:1", title="t", excerpt=line)
    result = ToolResult(tool="search_code", backend="b", items=[item])
    calls = code_reader.playbook(Task("step", ""))(1, [result])
    assert [call.arguments["hyperparameter"] for call in calls if call.tool == "git_log"] == asked
