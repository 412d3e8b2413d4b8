"""The embedded index: a copy of the journal that may be lost, damaged, killed or held by somebody else."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import note

from nonet.errors import StorageError
from nonet.tools.qdrant import embedded
from nonet.tools.qdrant.fingerprint import likeness
from nonet.tools.qdrant.journal import Journal
from nonet.tools.qdrant.points import ask

WHERE = {"reach": ["global"]}
INDEXER = """
import sys
from pathlib import Path
from nonet.tools.qdrant import embedded
from nonet.tools.qdrant.journal import Journal
from nonet.tools.qdrant.points import ask
journal, name = Journal(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3])):
    body = {"information": f"windows {name} {number}", "kind": "technique", "tags": [], "tier": "global"}
    print(journal.append("note", "w", body), flush=True)
    embedded.search(journal, ask("windows", {}, {"reach": ["global"]}))
"""


def found(journal: Journal, query: str = "windows") -> list[str]:
    hits = embedded.search(journal, ask(query, {}, WHERE))
    return [hit.entry.key for hit in sorted(hits, key=lambda hit: (-hit.scores["words"], hit.entry.number))]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "memory" / "journal.sqlite")
    for number in range(12):
        made.append("note", "w", note(f"windows of {number} words {'help ' * number}"))
    return made


def index(journal: Journal) -> Path:
    return journal.path.parent / "index"


def segments(journal: Journal) -> set[str]:
    """Names of the engine's segments, new with every build."""
    return {path.name for path in (index(journal) / "shard" / "segments").iterdir()}


def test_it_follows_the_journal_and_says_how_far(journal):
    assert len(found(journal)) == 12
    assert json.loads((index(journal) / "position.json").read_text())["entries"] == 12
    made = segments(journal)
    new = journal.append("note", "w", note("windows once more"))
    assert new in found(journal)
    assert json.loads((index(journal) / "position.json").read_text())["entries"] == 13
    assert segments(journal) == made, "it was built again"


def _position(**fields: object) -> Callable[[Journal], None]:
    def change(journal: Journal) -> None:
        path = index(journal) / "position.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return change


def _another_memory(journal: Journal) -> None:
    """As after restoring an older copy: the journal has fewer entries, and others."""
    for path in journal.path.parent.glob("journal.sqlite*"):
        path.unlink()
    for number in range(5):
        journal.append("note", "w", note(f"windows restored {number}"))


@pytest.mark.parametrize(
    "harm",
    [
        lambda journal: shutil.rmtree(index(journal)),
        lambda journal: shutil.rmtree(index(journal) / "shard"),
        lambda journal: (index(journal) / "position.json").write_text("{"),
        _position(format=0),
        _position(engine="0.1"),
        _position(number=99),
        _position(entries=11),
        _position(key="0" * 16),
        _another_memory,
    ],
    ids=["gone", "shardless", "torn", "format", "engine", "ahead", "fewer", "another", "restored"],
)
def test_what_is_no_index_of_this_journal_is_built_again(harm, journal):
    found(journal)
    made = segments(journal)
    harm(journal)
    assert set(found(journal)) == {entry.key for entry in journal.entries()}
    assert not segments(journal) & made
    assert json.loads((index(journal) / "position.json").read_text())["entries"] == journal.size()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["emptied", "noise"])
def test_a_damaged_file_costs_a_rebuild_and_no_answer(how, journal, tmp_path):
    before = found(journal)
    whole = tmp_path / "whole"
    shutil.copytree(index(journal), whole)
    files = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file()]
    assert len(files) > 10
    for name in files:
        shutil.rmtree(index(journal))
        shutil.copytree(whole, index(journal))
        path = index(journal) / name
        size = path.stat().st_size
        if how == "noise":
            with path.open("r+b") as file:
                file.write(os.urandom(min(size, 4096)))
        else:
            os.truncate(path, 0)
        assert set(found(journal)) == set(before), f"{how}: {name}"


@pytest.mark.parametrize("after", [1, 3, 6, 9])
def test_kill_9_while_indexing_loses_nothing(after, journal):
    process = subprocess.Popen(
        [sys.executable, "-c", INDEXER, str(journal.path), "killed", "100000"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(after):
        process.stdout.readline()
    time.sleep(0.01 * after)
    os.kill(process.pid, signal.SIGKILL)
    printed = [line.strip() for line in process.stdout.read().splitlines()]
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    kept = {entry.key for entry in journal.entries()}
    assert {key for key in printed if len(key) == 16} <= kept
    assert len(kept) >= 12 + after
    assert set(found(journal)) == kept


def test_three_processes_share_one_index(journal):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", INDEXER, str(journal.path), name, "8"], stdout=subprocess.PIPE, text=True
        )
        for name in "abc"
    ]
    printed = [process.communicate(timeout=120)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert set(found(journal)) >= {key for keys in printed for key in keys}
    assert len(found(journal)) == 12 + 3 * 8
    assert json.loads((index(journal) / "position.json").read_text())["entries"] == journal.size()


def test_who_does_not_get_the_index_builds_its_own(journal, tmp_path, monkeypatch):
    before = found(journal)
    position = (index(journal) / "position.json").read_text()
    new = journal.append("note", "w", note("windows while it is held"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = journal.path.parent
    with (folder / "index.lock").open("w") as lock, (folder / "index.waiting").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_SH)
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(waiting, fcntl.LOCK_UN)
        hits = embedded.search(journal, ask("windows", {}, WHERE), patience=0.05)
    assert {hit.entry.key for hit in hits} == {*before, new}
    assert (index(journal) / "position.json").read_text() == position
    assert not list(tmp_path.glob("nonet-memory-*")), "its own index is left behind"


def test_a_nearly_full_disk_is_named_before_the_engine_meets_it(journal, monkeypatch):
    full = shutil.disk_usage(journal.path.parent)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(StorageError, match=r"index.*bytes are needed"):
        found(journal)
    monkeypatch.undo()
    assert len(found(journal)) == 12


values = st.one_of(st.integers(0, 10**6), st.floats(0, 1e6), st.sampled_from(["en", "de"]), st.booleans(), st.none())
data = st.dictionaries(st.sampled_from(["documents", "words", "language", "a_share"]), values, min_size=1)


@settings(max_examples=8)
@given(st.lists(data, min_size=1, max_size=6, unique_by=lambda each: json.dumps(each, sort_keys=True)), data)
def test_the_engine_scores_by_likeness(tmp_path_factory, fingerprints, here):
    journal = Journal(tmp_path_factory.mktemp("memory") / "journal.sqlite")
    for each in fingerprints:
        journal.append("pattern", "w", {"fingerprint": each, "tier": "global"})
    hits = embedded.search(journal, ask("", here, WHERE))
    scored = {hit.entry.number: hit.scores["data"] for hit in hits}
    for entry, each in zip(journal.entries(), fingerprints, strict=True):
        assert scored.get(entry.number, 0.0) == pytest.approx(likeness(here, each), abs=1e-4)


@given(st.floats(1, 1e6), st.floats(1, 20))
def test_likeness_falls_with_the_ratio_of_sizes(size, ratio):
    near, far = likeness({"n": size}, {"n": size * ratio}), likeness({"n": size}, {"n": size * ratio * 20})
    assert far < near
    assert likeness({"n": size, "x": 1}, {"n": size}) < 1


def test_the_engine_is_imported_when_it_is_asked() -> None:
    code = "import sys, nonet, nonet.tools.qdrant.memory; print({'qdrant_edge', 'qdrant_client'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
