"""A full disk, at every place that a run writes: it says where and how much, and goes on when there is space."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import records
from threshold_workflow import BUDGET, WORKFLOW

import nonet
from nonet.errors import StorageError
from nonet.runs.result import Run

STORED = 9
"""Writes of the trial store that are refused: the first designs, outputs and latencies."""
_UNSIZED = (".lock", "timing.jsonl", "stage.json", "measuring/rows.jsonl")
"""Empty files, and two whose writers do not know their size beforehand."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class FullDisk:
    """Refuses the first write at every new place below some folders: each place fails once, then has space.

    Python asks its audit hooks before it opens a file, so no write site can be forgotten. A hook cannot be removed;
    it does nothing while no folder is watched.
    """

    def __init__(self) -> None:
        self.watched: tuple[str, ...] = ()
        self.seen: dict[str, str] = {}
        self.sized = False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.watched or event not in ("open", "os.mkdir"):
            return
        path = arguments[0]
        flags = arguments[2] if event == "open" else _WRITING
        if not isinstance(path, str | Path) or not (flags or 0) & _WRITING:
            return
        name = str(path)
        if name.startswith(self.watched) and (place := _place(name, list(self.seen))) not in self.seen:
            self.seen[place] = name
            self.sized = event == "open" and not any(each in name for each in _UNSIZED)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


def _place(name: str, seen: Sequence[str]) -> str:
    """A path less what differs from run to run; the trial store's writes all have one name, so they are numbered."""
    name = re.sub(r"[0-9a-f]{8,}|\d+", "*", name)
    name = re.sub(r"(project\.new|artifacts|files)/.*", r"\1/…", name)
    return f"{name} {min(sum(each.startswith(name) for each in seen), STORED - 1)}" if name.endswith("/file") else name


@pytest.fixture(scope="module")
def disk() -> FullDisk:
    return FullDisk()


@pytest.fixture
def full(disk: FullDisk, tmp_path: Path, home: Path) -> Iterator[FullDisk]:
    disk.seen.clear()
    disk.watched = (f"{tmp_path}/run/", f"{home}/")
    yield disk
    disk.watched = ()


def test_every_write_site_fails_once_and_the_run_ends_as_if_it_never_had(
    full: FullDisk, settings: nonet.Settings, table: Path, tmp_path: Path, finished: Run
) -> None:
    folder, before, messages = tmp_path / "run", -1, list[str]()
    while len(full.seen) > before:
        before = len(full.seen)
        try:
            if (folder / "request.json").exists():
                run = nonet.resume(folder, workflow=WORKFLOW, settings=settings)
            else:
                shutil.rmtree(folder, ignore_errors=True)
                run = nonet.run(WORKFLOW, "Classify", table=table, budget=BUDGET, out=folder, settings=settings)
            error = run.error
        except StorageError as caught:
            run, error = None, caught
        if len(full.seen) > before:
            refused = list(full.seen.values())[-1]
            assert isinstance(error, StorageError), f"{refused}: {error!r}"
            assert error.exit_code == 1
            assert "No space left on device" in error.message, refused
            assert "Cannot write /" in error.message, refused
            assert "nonet resume" in error.remedy, refused
            assert not full.sized or "bytes are needed" in error.message, f"{refused}: {error.message}"
            messages.append(error.message)
    assert run is not None
    assert run.error is None
    said = " ".join(messages)
    for site in (
        *("run.json", "request.json", "outcome.json", "log.jsonl", "spent.jsonl", "runs.jsonl", "report.html"),
        *("data/source", "split.json", "design.json", "/outputs/", "/latency/", "project.new", "decision.json"),
    ):
        assert site in said, f"{site} was never refused"
    first, second = records.outcome(finished.folder), records.outcome(folder)
    assert first.pop("isolation") != second.pop("isolation")
    assert second == first


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 8 MB, where one can be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("free", [24_000, 150_000, 400_000])
def test_a_disk_that_is_really_full(
    free: int, small: Path, settings: nonet.Settings, table: Path, finished: Run
) -> None:
    space = shutil.disk_usage(small).free
    (small / "ballast").write_bytes(bytes(space - free))
    out = small / "run"
    run = nonet.run(WORKFLOW, "Classify", table=table, budget=BUDGET, out=out, settings=settings)
    assert isinstance(run.error, StorageError), run.error
    assert str(small) in run.error.message
    (small / "ballast").unlink()
    again = nonet.resume(out, workflow=WORKFLOW, settings=settings)
    assert again.error is None
    assert again.decision.winner == finished.decision.winner
