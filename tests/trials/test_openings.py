from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.errors import StorageError
from nonet.trials.openings import open_holdout


def opened(path: Path, run: str, units: str) -> int:
    return open_holdout(path, run, "rag_system", list(units), "winner against baseline")


def test_openings_of_overlapping_units_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "memory" / "openings.sqlite"
    assert opened(path, "one", "abc") == 1
    assert opened(path, "two", "cd") == 2
    assert opened(path, "three", "de") == 2  # overlaps with two alone
    assert opened(path, "four", "xyz") == 1
    assert opened(path, "five", "abcdexyz") == 5


def test_a_run_repeats_its_opening(tmp_path: Path) -> None:
    path = tmp_path / "openings.sqlite"
    assert [opened(path, run, "ab") for run in ("one", "two", "one", "two", "one")] == [1, 2, 1, 2, 1]
    assert opened(path, "three", "ab") == 3  # the repetitions added nothing


def test_units_named_twice_count_once(tmp_path: Path) -> None:
    path = tmp_path / "openings.sqlite"
    assert opened(path, "one", "aaa") == 1
    assert opened(path, "two", "aa") == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("pqrst"), st.sets(st.sampled_from("abcd"), min_size=1)), max_size=12))
def test_the_count_is_that_of_other_runs_that_overlap(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, set[str]]]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "openings.sqlite"
    first: dict[str, tuple[int, set[str]]] = {}
    for run, units in asked:
        expected = 1 + sum(bool(units & others) for _, others in first.values())
        expected = first.setdefault(run, (expected, units))[0]
        assert opened(path, run, "".join(sorted(units))) == expected


WORKER = """
import sys
from pathlib import Path
from nonet.trials.openings import open_holdout
path, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for i in range(10):
    print(open_holdout(path, f"{name} {i}", "w", [f"unit {u}" for u in range(50)], "c"))
"""


def test_four_processes_at_once_count_every_opening_once(tmp_path: Path) -> None:
    path = tmp_path / "openings.sqlite"
    command = [sys.executable, "-c", WORKER, str(path)]
    running = [
        subprocess.Popen([*command, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for i in range(4)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    outcomes = [process.communicate(timeout=60) for process in running]
    assert [(process.returncode, errors) for process, (_, errors) in zip(running, outcomes, strict=True)] == [
        (0, b"")
    ] * 4
    assert sorted(int(line) for output, _ in outcomes for line in output.split()) == list(range(1, 41))


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "openings.sqlite"
    opened(path, "one", "ab")
    with sqlite3.connect(path) as other:
        other.execute("CREATE TRIGGER broken BEFORE INSERT ON opened_units BEGIN SELECT RAISE(ABORT, 'torn'); END")
    with pytest.raises(sqlite3.IntegrityError):
        opened(path, "two", "ab")
    with sqlite3.connect(path) as other:
        other.execute("DROP TRIGGER broken")
    assert opened(path, "three", "ab") == 2


def test_a_full_disk_is_a_storage_error(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    path = tmp_path / "openings.sqlite"
    path.symlink_to("/dev/full")
    with pytest.raises(StorageError, match="resume RUN"):
        opened(path, "one", "ab")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError):
        opened(folder / "openings.sqlite", "one", "ab")


def test_a_folder_in_the_files_place_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot write"):
        opened(tmp_path, "one", "ab")
