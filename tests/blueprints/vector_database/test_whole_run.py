"""A whole run on a small table of vectors: a decision, a project that passes its tests, and a verification."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nonet
from nonet.blueprints import vector_database
from nonet.settings import Settings


def loopback() -> Any:
    """The servers that the project's own tests ask."""
    name = "vectordb_loopback"
    if name not in sys.modules:
        path = Path(vector_database.__file__).parent / "project" / "tests" / "loopback.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.mark.slow
def test_vectors_become_a_project_that_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(5)
    centres = random.normal(size=(12, 16))
    vectors = centres[random.integers(0, 12, 700)] + 0.5 * random.normal(size=(700, 16))
    np.save(tmp_path / "v.npy", vectors.astype(np.float32))
    rows = ({"year": 2000 + row % 25} for row in range(700))
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("QDRANT_API_KEY", "the-key-of-the-test")
    state = loopback().State(key="the-key-of-the-test")
    with loopback().running(state) as url:
        whole(tmp_path, url)
        assert not state.tables
        assert any("points/query" in asked for asked in state.asked)


def whole(tmp_path: Path, url: str) -> None:
    done = nonet.run(
        "vector_database",
        "Vector search with HNSW in pgvector",
        vectors=tmp_path / "v.npy",
        payloads=tmp_path / "p.jsonl",
        metric="l2",
        target="recall@10>=0.9",
        server=[f"qdrant={url}"],
        budget="6 trials",
        out=tmp_path / "run",
        settings=Settings(offline=True),
    )
    decided = json.loads((done.folder / "decision.json").read_text())
    assert decided["targets"][0]["measured"] >= 0.9
    for engine in ("qdrant_server", "pgvector"):
        own = [row for row in decided["candidates"] if row["design"]["engine"] == engine]
        assert any(row["measured"] for row in own), [(row["measured"], row["failed"]) for row in own]
    assert "the-key-of-the-test" not in "".join(
        path.read_text(errors="replace") for path in done.folder.rglob("*.json*") if path.is_file()
    )
    assert decided["metrics"]["filtered_recall@10_of_10_percent"] is not None
    assert decided["metrics"]["p95_latency_ms"] is not None
    delivered = json.loads((done.folder / "delivery.json").read_text())
    assert delivered["tests"]["passed"], delivered["tests"]["output_tail"]
    checked = nonet.verify(done.folder)
    assert checked.passed, checked.lines()
