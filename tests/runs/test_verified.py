"""``verify``: passes on what nobody touched, names what somebody did."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import records
from threshold_workflow import WORKFLOW

import nonet
from nonet.errors import InputError
from nonet.runs.result import Run
from nonet.runs.verification import Verification


@pytest.fixture
def copy(finished: Run, tmp_path: Path) -> Path:
    """A copy of the finished run whose user's data is a copy too."""
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    data = records.read(folder, "data.json")
    table = tmp_path / "table.csv"
    shutil.copyfile(data["files"][0]["path"], table)
    data["files"][0]["path"] = str(table)
    (folder / "data.json").write_text(json.dumps(data))
    return folder


@pytest.fixture
def verified(copy: Path, finished: Run) -> Callable[[], Verification]:
    settings = nonet.Settings(home=str(finished.folder.parent / "home"))
    return lambda: nonet.verify(copy, workflow=WORKFLOW, settings=settings)


def change(path: Path) -> None:
    """Change one byte, as a slip would: neither the size nor the syntax tells."""
    body = bytearray(path.read_bytes())
    place = next(i for i, byte in reversed(list(enumerate(body))) if chr(byte).isalnum())
    body[place] = ord("7") if body[place] != ord("7") else ord("8")
    path.chmod(0o644)
    path.write_bytes(body)


def test_an_untouched_run_passes_whatever_use_left_in_it(copy: Path, verified: Callable[[], Verification]) -> None:
    before = records.stored(copy)
    (copy / "project" / ".venv" / "lib").mkdir(parents=True)
    (copy / "project" / ".venv" / "lib" / "module.py").write_text("1")
    (copy / "project" / "uv.lock").write_text("version = 1")
    (copy / "project" / "threshold" / "__pycache__").mkdir(exist_ok=True)
    (copy / "project" / "threshold" / "__pycache__" / "x.pyc").write_bytes(b"0")
    (copy / "project" / "notes.txt").write_text("mine")
    found = verified()
    assert found.passed, found.differences
    assert any("winner measured again" in line for line in found.checked)
    assert any("decision recomputed" in line for line in found.checked)
    assert records.stored(copy) == before
    assert not list(copy.glob("verify-*"))


@pytest.mark.parametrize(
    "what",
    [
        "project/settings.json",
        "project/threshold/classifier.py",
        "project/artifacts/*/model.json",
        "../table.csv",
        "data/source/table.csv",
        "data/parsed/rows.jsonl",
        "data/measuring/rows.jsonl",
        "trials/*/outputs/*.jsonl",
        "trials/stages/*/files/model.json",
        "units.jsonl",
        "split.json",
        "measurements.json",
        "decision.json",
        "delivery.json",
    ],
)
def test_one_changed_byte_fails_and_is_named(what: str, copy: Path, verified: Callable[[], Verification]) -> None:
    path = copy.parent / "table.csv" if what.startswith("..") else next(iter(sorted(copy.glob(what))))
    change(path)
    found = verified()
    assert not found.passed
    named = path.relative_to(copy).as_posix() if path.is_relative_to(copy) else str(path)
    assert any(named in line or f"{named.rpartition('/')[0]} has changed" == line for line in found.differences)


def test_a_removed_file_fails_and_is_named(copy: Path, verified: Callable[[], Verification]) -> None:
    (copy / "project" / "README.md").unlink()
    (copy / "decision.json").unlink()
    found = verified()
    assert "project/README.md is gone" in found.differences
    assert "decision.json is gone" in found.differences


def test_a_record_rewritten_with_its_hash_does_not_survive_recomputing(
    copy: Path, verified: Callable[[], Verification]
) -> None:
    from nonet.trials import integrity

    decided = records.read(copy, "decision.json")
    decided["metrics"]["accuracy"]["value"] += 0.1
    (copy / "decision.json").write_text(json.dumps(decided))
    recorded = records.read(copy, "integrity.json")
    recorded["record"]["decision.json"] = integrity.file_hash(copy / "decision.json")
    (copy / "integrity.json").write_text(json.dumps(recorded))
    assert verified().differences == ["decision.json: metrics is not what the stored outputs give"]


def test_a_run_that_delivered_nothing_cannot_be_verified(copy: Path, verified: Callable[[], Verification]) -> None:
    (copy / "integrity.json").unlink()
    with pytest.raises(InputError, match="nonet resume"):
        verified()
