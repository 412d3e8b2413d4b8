"""Stages are shared, outputs are kept, only what is new is run, and what was measured survives."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import PreparationError, Stopped, TrialError
from nonet.trials import confinement, space

A = {"model": "mean_threshold", "features": 4, "work": 1}
B = {"model": "logistic", "features": 4, "work": 3}
C = {"model": "knn", "features": 2, "work": 3}


def test_a_design_is_built_run_timed_and_counted(bench: Callable[..., Any], threshold: Any) -> None:
    it = bench()
    build = it.laboratory.build(B)
    assert build.charged_seconds == pytest.approx(build.seconds)
    assert build.seconds > 0
    assert build.bytes > 0
    outputs = it.laboratory.outputs(B, it.units)
    score = threshold.blueprint.score(outputs, [unit.label for unit in it.units], range(len(it.units)))
    assert score["accuracy"] > 0.7
    latency = it.laboratory.latency([A, B], it.units[:5])
    assert set(latency) == {space.key(A), space.key(B)}
    assert set(latency[space.key(B)].median_ms) == {unit.key for unit in it.units[:5]}
    resources = it.laboratory.resources(B)
    assert resources["operations"] == 3 * 8 + 1
    assert resources["index_bytes"] == build.bytes
    assert resources["peak_memory_bytes"] > 1e6


def test_stages_with_the_same_key_are_built_once_and_each_design_is_charged_in_full(bench: Callable[..., Any]) -> None:
    it = bench()
    first, second = it.laboratory.build(A), it.laboratory.build(B)
    assert [stage.built for stage in it.laboratory.stages(C)] == [False, False]
    assert it.laboratory.stages(A)[0].key == it.laboratory.stages(B)[0].key
    assert second.seconds > second.charged_seconds
    assert len(list((it.folder / "trials" / "stages").iterdir())) == 3
    assert it.laboratory.build(A).charged_seconds == 0
    assert it.laboratory.build(A).seconds == first.seconds


def test_only_new_units_are_run(bench: Callable[..., Any]) -> None:
    it = bench()
    few = it.laboratory.outputs(A, it.units[:10])
    more = it.laboratory.outputs(A, it.units[:25])
    assert more[:10] == few
    rows = [row for row in map(json.loads, (it.folder / "spent.jsonl").read_text().splitlines()) if "units" in row]
    assert {(row["units"]) for row in rows} == {10, 15}
    assert it.laboratory.outputs(A, it.units[:25][::-1]) == more[::-1]


def test_a_second_laboratory_finds_everything_measured(bench: Callable[..., Any], altered: Callable[..., Path]) -> None:
    it = bench()
    outputs, latency = it.laboratory.outputs(A, it.units), it.laboratory.latency([A, B], it.units[:3])
    spent = it.ledger.spent_seconds()
    again = bench()
    assert again.laboratory.outputs(A, it.units) == outputs
    assert again.laboratory.latency([A, B], it.units[:3]) == latency
    assert again.ledger.spent_seconds() == spent
    other = bench(blueprint=altered("# other code"))
    assert not other.laboratory.stages(A)[0].built


def test_changed_data_changes_the_keys_of_what_reads_it(bench: Callable[..., Any], threshold: Any) -> None:
    it = bench()
    it.laboratory.build(A)
    small = it.folder / "data" / "sample"
    small.mkdir()
    threshold.blueprint.sample(it.folder / "data" / "measuring", 0.5, small)
    assert not any(stage.built for stage in it.laboratory.on(small).stages(A))
    assert all(stage.built for stage in it.laboratory.stages(A))


def test_the_emitted_project_is_the_same_code(bench: Callable[..., Any], tmp_path: Path) -> None:
    it = bench()
    it.laboratory.build(B)
    emitted = tmp_path / "emitted"
    shutil.copytree(it.laboratory.project, emitted)
    for name, folder in it.laboratory.artifacts(B).items():
        shutil.copytree(folder, emitted / "artifacts" / name)
    (emitted / "settings.json").write_text(json.dumps({"design": B}))
    assert all(stage.built for stage in it.laboratory.with_project(emitted).stages(B))
    (emitted / "threshold" / "models.py").open("a").write("\n# edited\n")
    assert not any(stage.built for stage in it.laboratory.with_project(emitted).stages(B))


def test_workers_never_see_labels(bench: Callable[..., Any], altered: Callable[..., Path]) -> None:
    it = bench(blueprint=altered("System.run = lambda self, units: units"))
    assert it.laboratory.outputs(A, it.units) == [{"key": u.key, "features": dict(u.features)} for u in it.units]


def test_a_failing_design_is_not_tried_twice(bench: Callable[..., Any], altered: Callable[..., Path]) -> None:
    it = bench(
        blueprint=altered("def build(stage, design, data, parents, out):\n    raise ValueError('no such index')")
    )
    for _ in range(2):
        with pytest.raises(TrialError, match="ValueError: no such index"):
            it.laboratory.build(A)
    ends = [json.loads(line) for line in (it.folder / "spent.jsonl").read_text().splitlines()]
    assert len({row["id"] for row in ends}) == 1


def test_a_design_that_fails_while_timed_is_left_out(bench: Callable[..., Any], altered: Callable[..., Path]) -> None:
    code = "def _fail(self, units, repeat):\n    raise RuntimeError('no')\n"
    code += "_open = open\n"
    code += "def open(design, stages):\n    if design['model'] == 'logistic':\n        System.time = _fail\n"
    code += "    return _open(design, stages)\n"
    it = bench(blueprint=altered(code))
    it.laboratory.build(A)
    it.laboratory.build(B)
    assert set(it.laboratory.latency([A, B], it.units[:3])) == {space.key(A)}


def test_a_drain_ends_a_running_build_and_leaves_nothing_half_done(
    bench: Callable[..., Any], altered: Callable[..., Path]
) -> None:
    it = bench(blueprint=altered("def build(stage, design, data, parents, out):\n    import time\n    time.sleep(60)"))
    threading.Timer(0.8, it.stop.set).start()
    with pytest.raises(Stopped):
        it.laboratory.build(A)
    assert not (it.folder / "trials" / "stages").exists()
    assert not list((it.folder / "trials" / ".aside").iterdir()) or it.laboratory.close() is None
    it.stop.clear()


def test_several_laboratories_at_once(bench: Callable[..., Any]) -> None:
    benches = [bench(f"run{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda it: it.laboratory.outputs(B, it.units[:10]), benches))
    assert all(each == outputs[0] for each in outputs)


def test_required_isolation_is_refused_where_the_kernel_cannot(
    bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = confinement.Confinement("none (the kernel has no Landlock)", False)
    monkeypatch.setattr(confinement, "available", lambda: missing)
    with pytest.raises(PreparationError, match="no Landlock"):
        bench(isolation="require")
    it = bench(isolation="auto")
    assert it.laboratory.isolation == missing.kind
    assert it.laboratory.outputs(A, it.units[:3])
