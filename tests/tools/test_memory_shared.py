"""One memory, many processes: what is acknowledged is kept and found, and the index goes from hand to hand."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from patterns import note, pattern

from nonet.tools.contract import ToolContext
from nonet.tools.qdrant import Journal, embedded, held, patterns, recall, store_pattern
from nonet.tools.qdrant.points import ask

TESTS = str(Path(__file__).parent)
WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from patterns import pattern
from nonet.settings import Settings
from nonet.tools.qdrant import store_pattern
settings, name, count = Settings(home=sys.argv[2]), sys.argv[3], int(sys.argv[4])
for number in range(count):
    design = {"writer": name, "n": number}
    made = pattern(units=50 + number, score=number / (count + 1), run=f"{name}{number}", design=design)
    print(store_pattern(settings, made), flush=True)
"""
SEARCHER = """
import sys, time
from pathlib import Path
from nonet.tools.qdrant import embedded
from nonet.tools.qdrant.journal import Journal
from nonet.tools.qdrant.points import ask
began = time.monotonic()
hits = embedded.search(Journal(Path(sys.argv[1])), ask("windows", {}, {"reach": ["global"]}))
print(len(hits), time.monotonic() - began, flush=True)
"""
EVERYWHERE = {"reach": ["workflow:rag_system"]}


def writer(home: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, TESTS, str(home), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def searcher(journal: Journal) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SEARCHER, str(journal.path)], stdout=subprocess.PIPE, text=True)


def found(journal: Journal) -> set[str]:
    """Keys of all patterns that a search finds, by the likeness of their data."""
    question = ask("", {"units": 100, "language": "en"}, EVERYWHERE)
    whole = type(question)(question.vectors, question.where, limit=5000)
    return {hit.entry.key for hit in embedded.search(journal, whole)}


@pytest.fixture
def notes(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "memory" / "journal.sqlite")
    for number in range(5):
        made.append("note", "w", note(f"windows {number}"))
    return made


def search(journal: Journal) -> int:
    return len(embedded.search(journal, ask("windows", {}, {"reach": ["global"]})))


def test_four_processes_write_250_patterns_each_and_all_are_kept_and_found(settings):
    running = [writer(settings.home_path, name, 250) for name in "abcd"]
    journal, seen = Journal.of(settings), list[int]()
    while any(process.poll() is None for process in running):
        seen.append(len(found(journal)))  # the index follows while they write
        time.sleep(0.05)
    printed = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    assert [len(keys) for keys in printed] == [250] * 4
    keys = {key for each in printed for key in each}
    assert len(keys) == 1000
    assert {entry.key for entry in journal.entries()} == keys
    assert found(journal) == keys
    assert seen == sorted(seen), "what was found once is lost again"
    kept = patterns(settings, "rag_system")
    for name in "abcd":
        of_one = [each.design["n"] for each in kept if each.design["writer"] == name]
        assert of_one == list(range(250)), "each writer's in the order it wrote them"


@pytest.mark.parametrize("after", [2, 11, 40])
def test_kill_9_while_writing_loses_no_acknowledged_pattern(after, settings):
    process = writer(settings.home_path, "a", 100_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(after)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout.read().splitlines() if len(line.strip()) == 16]
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    journal = Journal.of(settings)
    kept = [entry.key for entry in journal.entries()]
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) <= len(acknowledged) + 1, "at most the one that was being acknowledged"
    assert found(journal) == set(kept)
    assert store_pattern(settings, pattern(run="after")) in found(journal)


def test_the_index_is_rebuilt_from_the_journal_with_the_same_answers(settings):
    for number in range(60):
        fields = {"design": {"chunking": f"kind{number % 13}"}, "run": f"r{number}"}
        store_pattern(settings, pattern(40 + number**2, score=number / 61, **fields))
        Journal.of(settings).append("note", "rag_system", note(f"of kind{number % 5} and kind{number % 3}"))
    context = ToolContext(settings, workflow="rag_system", fingerprint={"units": 300, "language": "en"})
    before = recall.search("kind2 kind4", 30, context)
    index = settings.home_path / "memory" / "index"
    assert len(before.items) == 13 + 9
    for path in sorted(index.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    index.rmdir()
    assert recall.search("kind2 kind4", 30, context) == before
    assert index.is_dir()


def test_the_index_goes_to_who_waits_for_it(notes):
    assert search(notes) == 5
    for _ in range(3):
        process = searcher(notes)
        output = process.communicate(timeout=60)[0].split()
        assert output[0] == "5"
        assert float(output[1]) < held.KEPT, "it waited until nobody had searched for long"
        assert search(notes) == 5


def test_an_index_that_nobody_searches_is_let_go(notes, monkeypatch):
    monkeypatch.setattr(held, "KEPT", 0.05)
    search(notes)
    folder = notes.path.parent / "index"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with folder.with_name("index.lock").open("w") as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        time.sleep(0.02)
    else:
        pytest.fail("the lock is still held")
    assert search(notes) == 5


def test_a_process_that_holds_the_index_may_be_killed(notes):
    code = SEARCHER.replace("print(", "time.sleep(0); print(") + "\ntime.sleep(60)\n"
    process = subprocess.Popen([sys.executable, "-c", code, str(notes.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("5 ")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    began = time.monotonic()
    assert search(notes) == 5
    assert time.monotonic() - began < held.KEPT
    assert (notes.path.parent / "index" / "position.json").exists()


def test_an_index_left_open_at_the_end_of_a_process_is_whole(notes):
    process = searcher(notes)
    assert process.communicate(timeout=60)[0].startswith("5 ")
    segments = {path.name for path in (notes.path.parent / "index" / "shard" / "segments").iterdir()}
    assert search(notes) == 5
    assert {path.name for path in (notes.path.parent / "index" / "shard" / "segments").iterdir()} == segments


def test_threads_take_turns(notes):
    answers: list[int] = []

    def work() -> None:
        for number in range(5):
            notes.append("note", "w", note(f"windows of {threading.get_ident()} {number}"))
            answers.append(search(notes))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == 30
    assert max(answers) == search(notes) == 35


def test_a_child_that_was_forked_leaves_its_parents_index_alone(notes):
    search(notes)
    child = os.fork()
    if child == 0:
        os._exit(0 if search(notes) == 5 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert search(notes) == 5
