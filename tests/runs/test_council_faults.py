"""A few dozen of the consultations that ``evals/council_faults.py`` makes a thousand of: every fault at least once."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import threshold_workflow

from nonet.providers import retrying
from nonet.runs.result import Run
from nonet.settings import ProviderSettings

EVALS = Path(__file__).parents[2] / "evals"
CONSULTS = 27


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The measurement's own code, its secrets planted."""
    monkeypatch.syspath_prepend(str(EVALS))
    import council_faults
    import faulty_seats

    for name, secret in faulty_seats.canaries().items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    return council_faults


def bench(faults: ModuleType, finished: Run, scratch: Path) -> Any:
    design = {"model": "logistic", "features": 4, "work": 9}
    return faults.Bench(finished.folder, threshold_workflow.blueprint(), design, scratch, deadline=1.5)


async def test_whatever_its_seats_do_a_consultation_ends_and_the_report_names_them(
    faults: ModuleType, finished: Run, tmp_path: Path
) -> None:
    found = await faults.many(bench(faults, finished, tmp_path), range(CONSULTS), 6, show=False)
    assert [each.line() for each in found if each.wrong] == []
    does = {seat.does for each in found for seat in each.seats}
    assert does >= {*faults.faulty_seats.FAULTS, *faults.faulty_seats.AGENTS}
    assert {each.kind for each in found} == {"council", "clink"}
    heard = sum(told == "" for each in found for told in each.told.values())
    assert 0 < heard < sum(len(each.seats) for each in found)


def test_a_leak_a_process_and_a_failure_that_is_not_named_are_found_out(faults: ModuleType, tmp_path: Path) -> None:
    import subprocess
    import sys

    secret = os.environ["COUNCIL_FAULTS_KEY"]
    (tmp_path / "clean.txt").write_text(secret[:5])
    assert faults.leaks([tmp_path]) == []
    (tmp_path / "half.txt").write_text(f"sk…{secret[-faults.PIECE :]}")
    assert faults.leaks([tmp_path]) == [tmp_path / "half.txt"]
    command = [sys.executable, "-c", "print(flush=True); input()", "seat-left"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as left:
        assert left.stdout is not None
        assert left.stdout.readline() == b"\n", "it runs"
        assert len(faults.processes("seat-left")) == 1
        left.communicate(b"\n")
    assert faults.processes("seat-left") == []
    seat = faults.Seat("seat-0", "refusal", ProviderSettings(model="openai:any"))
    assert faults.unnamed([seat], {"seat-0": "refused"}, "seat-0 gave no opinion (refused): no") == []
    assert len(faults.unnamed([seat], {"seat-0": "refused"}, "All is well.")) == 1
    assert len(faults.unnamed([seat], {"seat-0": ""}, "All is well.")) == 1
    assert len(faults.unnamed([seat], {}, "seat-0 gave no opinion (refused): no")) == 1
