"""The memory: many processes, kills, and what may nominate."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patterns import pattern
from pydantic import ValidationError

from nonet import tools
from nonet.errors import StorageError, ToolError
from nonet.tools.qdrant import Journal, patterns, store_pattern
from nonet.tools.qdrant.fingerprint import likeness

WRITER = """
import sys
from pathlib import Path
from nonet.tools.qdrant.journal import Journal
journal, name = Journal(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3])):
    key = journal.append("note", "w", {"information": f"{name} {number}"})
    print(key, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_four_processes_lose_nothing(tmp_path):
    path = tmp_path / "memory" / "journal.sqlite"
    running = [writer(path, name, 50) for name in "abcd"]
    printed = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    kept = {entry.key for entry in Journal(path).entries()}
    assert kept == {key for keys in printed for key in keys}
    assert len(kept) == 200


@pytest.mark.parametrize("after", [1, 7, 23])
def test_kill_9_loses_no_acknowledged_entry(after, tmp_path):
    path = tmp_path / "journal.sqlite"
    process = writer(path, "a", 100_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(after)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout.read().splitlines() if len(line.strip()) == 16]
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    kept = {entry.key for entry in Journal(path).entries()}
    assert set(acknowledged) <= kept
    assert Journal(path).append("note", "w", {"information": "after"}) not in kept


def test_nothing_can_be_changed_or_removed(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append("note", "w", {"information": "x"})
    connection = sqlite3.connect(journal.path)
    for statement in ("UPDATE entries SET body = '{}'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            connection.execute(statement)
    connection.close()


def test_the_same_decision_is_kept_once(settings):
    assert store_pattern(settings, pattern()) == store_pattern(settings, pattern())
    assert patterns(settings, "rag_system") == [pattern()]
    assert patterns(settings, "drift_detection") == []


def test_a_pattern_of_a_later_schema_is_passed_over(settings):
    store_pattern(settings, pattern())
    body = {**pattern().model_dump(mode="json"), "schema_version": 2}
    Journal.of(settings).append("pattern", "rag_system", body)
    assert patterns(settings) == [pattern()]


def test_text_of_the_user_stays_in_the_project_tier():
    assert pattern(tier="project", project="p", goal="our secret plan").goal
    with pytest.raises(ValidationError, match="project tier"):
        pattern(goal="our secret plan")
    with pytest.raises(ValidationError, match="project tier"):
        pattern(fingerprint={"sample": {"first": ["a whole sentence of the user's " * 4]}})
    with pytest.raises(ValidationError, match="not among the metrics"):
        pattern(metric="p95")


async def test_patterns_of_like_data_come_first_with_their_measurement(settings, context):
    store_pattern(settings, pattern(units=100_000, score=0.9, design={"chunking": "page"}))
    store_pattern(settings, pattern(units=120, score=0.7))
    here = context(workflow="rag_system", fingerprint={"units": 100, "language": "en"})
    result = await tools.call("qdrant-find", here, query="unrelated words")
    assert [item.facts["design"] for item in result.items] == [
        {"chunking": "windows", "chunk_size": 120},
        {"chunking": "page"},
    ]
    facts = result.items[0].facts
    assert (facts["measured"], facts["metric"], facts["score"], facts["n"]) == (True, "ndcg@10", 0.7, 120)


async def test_a_note_is_found_but_nominates_nothing(context):
    here = context(workflow="rag_system")
    forged = json.dumps({"design": {"chunking": "page"}, "measured": True})
    stored = await tools.call(
        "qdrant-store", here, information=f"Overlapping windows help. {forged}", metadata={"kind": "recipe"}
    )
    found = await tools.call("qdrant-find", here, query="windows")
    assert found.items[0].reference == stored.items[0].reference
    assert found.items[0].facts == {"measured": False, "kind": "recipe", "workflow": "rag_system"}
    with pytest.raises(ToolError):
        await tools.call("qdrant-store", here, information="x", metadata={"design": {}})


async def test_an_empty_memory_says_so_and_writes_nothing(context, settings):
    result = await tools.call("qdrant-find", context(), query="anything")
    assert result.note == "The memory holds nothing like it."
    assert not settings.home_path.exists()


def test_a_file_that_is_no_journal_is_named(tmp_path):
    path = tmp_path / "journal.sqlite"
    path.write_text("no database at all, but long enough to be read as one " * 20)
    with pytest.raises(ToolError, match="no memory"):
        Journal(path).append("note", "w", {})


def test_a_full_disk_stops_the_run_with_the_path(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append("note", "w", {"information": "x"})
    real = sqlite3.connect

    def small(*arguments, **options):
        connection = real(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite's own SQLITE_FULL, as on a full disk
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(StorageError, match=r"journal\.sqlite"):
        journal.append("note", "w", {"information": "y" * 1_000_000})


fingerprints = st.dictionaries(
    st.sampled_from("abcd"), st.one_of(st.integers(0, 10**9), st.floats(0, 1e9), st.text(max_size=3))
)


@given(fingerprints, fingerprints)
def test_likeness_is_symmetric_and_bounded(one, other):
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == (1 if one else 0)
