"""A whole run on a small table of vectors: a decision, a project that passes its tests, and a verification."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nonet
from nonet.settings import Settings


@pytest.mark.slow
def test_vectors_become_a_project_that_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(5)
    centres = random.normal(size=(12, 16))
    vectors = centres[random.integers(0, 12, 700)] + 0.5 * random.normal(size=(700, 16))
    np.save(tmp_path / "v.npy", vectors.astype(np.float32))
    rows = ({"year": 2000 + row % 25} for row in range(700))
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = nonet.run(
        "vector_database",
        "Vector search with HNSW",
        vectors=tmp_path / "v.npy",
        payloads=tmp_path / "p.jsonl",
        metric="l2",
        target="recall@10>=0.9",
        budget="3 trials",
        out=tmp_path / "run",
        settings=Settings(offline=True),
    )
    decided = json.loads((done.folder / "decision.json").read_text())
    assert decided["targets"][0]["measured"] >= 0.9
    assert decided["metrics"]["filtered_recall@10_of_10_percent"] is not None
    assert decided["metrics"]["p95_latency_ms"] is not None
    delivered = json.loads((done.folder / "delivery.json").read_text())
    assert delivered["tests"]["passed"], delivered["tests"]["output_tail"]
    checked = nonet.verify(done.folder)
    assert checked.passed, checked.lines()
