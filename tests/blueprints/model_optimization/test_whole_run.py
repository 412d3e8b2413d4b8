"""A whole run on a small graph: a decision by timed speed, a project that passes its tests, and a verification."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import nonet
from nonet.settings import Settings


@pytest.mark.slow
def test_a_graph_becomes_a_project_that_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take: Callable[..., tuple[Path, list[str]]]
):
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    models, _ = take([])
    (tmp_path / "logs").mkdir()
    rows = "".join(f"{step},{1 / (step + 1):.4f}\n" for step in range(30))
    (tmp_path / "logs" / "metrics.csv").write_text("step,loss\n" + rows)
    designs = [{"runtime": "onnxruntime", "precision": "int8_dynamic"}, {"runtime": "onnxruntime", "precision": "int4"}]
    (tmp_path / "designs.json").write_text(json.dumps(designs))
    done = nonet.run(
        "model_optimization",
        "Optimise it with INT8",
        model=models / "small.onnx",
        examples=models / "x.npz",
        labels=models / "y.npy",
        logs=tmp_path / "logs",
        threads=1,
        price_per_hour=0.5,
        max_loss=0.2,
        designs=tmp_path / "designs.json",
        budget="3 trials",
        out=tmp_path / "run",
        settings=Settings(offline=True),
    )
    decided = json.loads((done.folder / "decision.json").read_text())
    metrics = decided["metrics"]
    assert metrics["speedup"]["low"] is not None
    assert metrics["accuracy"] is not None
    assert metrics["cost_per_million"]["value"] > 0
    assert decided["baseline"]["metrics"]["speedup"]["value"] == pytest.approx(1.0)
    assert [row["name"] for row in decided["targets"]] == ["fidelity>=0.8"]
    delivered = json.loads((done.folder / "delivery.json").read_text())
    assert delivered["tests"]["passed"], delivered["tests"]["output_tail"]
    assert (done.folder / "project" / "artifacts" / "model" / "model.json").is_file()
    checked = nonet.verify(done.folder)
    assert checked.passed, checked.lines()
