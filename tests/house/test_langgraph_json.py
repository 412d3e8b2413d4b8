"""What Studio serves is generated from the workflows that are there."""

from __future__ import annotations

import json
from pathlib import Path

from nonet import graphs
from nonet.graphs.steps import studio

ROOT = Path(__file__).resolve().parents[2]


def test_the_file_is_what_is_generated() -> None:
    written = (ROOT / studio.FILE_NAME).read_text(encoding="utf-8")
    assert written == studio.text(), "run: uv run python -m nonet.graphs.steps.studio"


def test_every_workflow_is_served_uncompiled() -> None:
    """A graph that brings its own checkpointer aborts the whole server."""
    served = json.loads(studio.text())["graphs"]
    assert list(served) == graphs.names()
    for name, line in served.items():
        assert line["path"] == f"nonet.graphs.{name}:graph"
        assert hasattr(graphs.graph(name), "compile")
