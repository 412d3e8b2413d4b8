"""The store and the ledger: whole or not there, and a full disk is told with its path at every write site."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.errors import StorageError
from nonet.trials import ledger as ledger_module
from nonet.trials.ledger import Ledger
from nonet.trials.store import StageRecord, TrialStore, contents

DESIGN = {"model": "mean_threshold", "features": 1, "work": 1}
RECORD = StageRecord("index", {}, {}, 1.0, {}, 1, 1.0, "")


# ---- the ledger -----------------------------------------------------------------------------------------------------


def test_a_killed_operation_counts_up_to_its_last_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "TICK", 0.05)
    path = tmp_path / "spent.jsonl"
    child = os.fork()
    if child == 0:
        with Ledger(path).operation("build", "design"):
            time.sleep(30)
        os._exit(0)
    time.sleep(0.6)
    os.kill(child, 9)
    os.waitpid(child, 0)
    [entry] = Ledger(path).entries()
    assert entry.state == "running"
    assert 0.3 < entry.seconds < 1
    assert ledger_module.TICK <= 5


def test_parallel_and_nested_operations_count_their_wall_time_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spent.jsonl")
    ledger.book("step:gather", 100, 10)
    ledger.book("build", 102, 3, "a")
    ledger.book("outputs", 108, 4, "a")
    ledger.book("outputs", 200, 1, "b")
    ledger.book("outputs", 300, 1, "a")
    assert ledger.spent_seconds() == pytest.approx(14)
    assert ledger.candidates() == ["a", "b"]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=12))
def test_spent_time_is_the_union_of_the_spans(tmp_path_factory: pytest.TempPathFactory, spans: Any) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "spent.jsonl")
    for began, seconds in spans:
        ledger.book("build", began, seconds)
    covered = {second for began, seconds in spans for second in range(began, began + seconds)}
    assert ledger.spent_seconds() == len(covered)


def test_a_torn_last_line_is_passed_over_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spent.jsonl")
    ledger.book("build", 0, 1, "a")
    with ledger.path.open("a") as file:
        file.write('{"id": "x", "at": 5, "what": "bui')
    ledger.book("build", 10, 2, "b")
    assert [entry.key for entry in ledger.entries()] == ["a", "b"]
    assert ledger.spent_seconds() == 3


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "spent.jsonl"
    writers = [
        threading.Thread(target=lambda n=n: [Ledger(path).book("x", n * 100 + i, 1) for i in range(20)])
        for n in range(6)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(Ledger(path).entries()) == 120


def test_a_failed_operation_is_booked(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spent.jsonl")
    with pytest.raises(ValueError, match="no"), ledger.operation("build", "a"):
        raise ValueError("no")
    assert [entry.state for entry in ledger.entries()] == ["failed"]


# ---- the store ------------------------------------------------------------------------------------------------------


def seal(store: TrialStore, key: str, text: str) -> None:
    with store.aside() as scratch:
        (scratch / "files").mkdir()
        (scratch / "files" / "index").write_text(text)
        store.seal(key, scratch, RECORD)


def test_a_stage_is_sealed_once_whoever_comes_first(tmp_path: Path) -> None:
    store = TrialStore(tmp_path / "trials")
    seal(store, "k", "first")
    seal(store, "k", "second")
    assert (store.stage_files("k") / "index").read_text() == "first"
    assert not list((tmp_path / "trials" / ".aside").iterdir())


def test_a_stage_without_its_record_is_not_built(tmp_path: Path) -> None:
    store = TrialStore(tmp_path / "trials")
    store.stage_files("k").mkdir(parents=True)
    assert store.stage("k") is None


def test_what_dead_processes_left_aside_is_swept(tmp_path: Path) -> None:
    store = TrialStore(tmp_path / "trials")
    child = os.fork()
    if child == 0:
        with store.aside():
            os._exit(0)
    os.waitpid(child, 0)
    with store.aside() as own:
        assert len(list(own.parent.iterdir())) == 2
        store.sweep()
        assert list(own.parent.iterdir()) == [own]


@given(st.dictionaries(st.text("ab/", min_size=1, max_size=4), st.binary(max_size=4), max_size=4), st.data())
def test_the_hash_is_of_names_and_bytes(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes], data: st.DataObject
) -> None:
    def write(tree: dict[str, bytes]) -> str:
        folder = tmp_path_factory.mktemp("tree")
        for name, body in tree.items():
            (folder / name.replace("/", "_")).write_bytes(body)
        return contents(folder)

    clean = {name.replace("/", "_"): body for name, body in tree.items()}
    assert write(clean) == write(dict(reversed(clean.items())))
    if clean:
        name = data.draw(st.sampled_from(sorted(clean)))
        assert write({**clean, name: clean[name] + b"x"}) != write(clean)
        assert write({**{k: v for k, v in clean.items() if k != name}, name + "c": clean[name]}) != write(clean)


# ---- a full disk ----------------------------------------------------------------------------------------------------


def full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def seal_from(store: TrialStore) -> None:
    scratch = store.folder / "ready"
    store.seal("k", scratch, RECORD)


SITES = {
    "mkdir": (Path, "mkdir"),
    "write": (Path, "write_text"),
    "replace": (Path, "replace"),
    "rename": (Path, "rename"),
}
WRITES: dict[str, tuple[list[str], Callable[[TrialStore], object]]] = {
    "aside": (["mkdir"], lambda store: store.aside().__enter__()),
    "seal": (["mkdir", "write", "rename"], seal_from),
    "outputs": (["mkdir", "write", "replace"], lambda store: store.keep_outputs("d", "m", [("u", "f")], [1], 0.0)),
    "note": (["mkdir", "write", "replace"], lambda store: store.keep_note("d", "latency", "k", {"a": 1})),
    "design": (["mkdir", "write", "replace"], lambda store: store.describe("d", DESIGN)),
}


@pytest.mark.parametrize(("what", "site"), [(what, site) for what, (sites, _) in WRITES.items() for site in sites])
def test_a_full_disk_is_named_at_every_write_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, site: str
) -> None:
    store = TrialStore(tmp_path / "trials")
    (store.folder / "ready" / "files").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(*SITES[site], full)
        with pytest.raises(StorageError, match=str(tmp_path)) as caught:
            WRITES[what][1](store)
    assert caught.value.exit_code == 1
    assert "resume" in caught.value.remedy
    assert store.stage("k") is None
    assert not store.outputs("d", "m").values
    assert store.note("d", "latency", "k") is None


@pytest.mark.parametrize("site", ["open", "write", "fsync", "short"])
def test_a_full_disk_is_named_by_the_ledger_which_goes_on_when_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    ledger = Ledger(tmp_path / "spent.jsonl")
    ledger.book("build", 0, 1)
    whole = os.write
    with monkeypatch.context() as patch:
        if site == "short":
            patch.setattr(os, "write", lambda fd, line: whole(fd, line[: len(line) // 2]))
        else:
            patch.setattr(os, site, full)
        with pytest.raises(StorageError, match=r"spent\.jsonl.*bytes are needed"):
            ledger.book("build", 10, 1)
    ledger.book("build", 20, 1)
    assert ledger.spent_seconds() in (2, 3)  # what fsync refused was written all the same


def test_a_run_goes_on_after_a_full_disk(bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    it = bench()
    real = Path.write_text

    def sometimes(path: Path, *args: Any, **options: Any) -> int:
        if path.name == "stage.json" and '"name": "model"' in str(args):
            full()
        return real(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", sometimes)
        with pytest.raises(StorageError):
            it.laboratory.build(DESIGN)
    assert len(it.laboratory.outputs(DESIGN, it.units[:3])) == 3
    assert all(it.laboratory.store.intact(stage.key) for stage in it.laboratory.stages(DESIGN))
