"""What Studio serves is generated from the workflows that are there."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

from nonet import graphs, tools
from nonet.graphs.steps import studio

ROOT = Path(__file__).resolve().parents[2]


def test_the_file_is_what_is_generated() -> None:
    written = (ROOT / studio.FILE_NAME).read_text(encoding="utf-8")
    assert written == studio.text(), "run: uv run python -m nonet.graphs.steps.studio"


def test_every_workflow_and_every_tool_is_served_uncompiled() -> None:
    """A graph that brings its own checkpointer aborts the whole server."""
    served = json.loads(studio.text())["graphs"]
    assert list(served) == [*graphs.names(), *tools.names()]
    for line in served.values():
        module, _, variable = line["path"].partition(":")
        assert hasattr(vars(import_module(module))[variable](), "compile")
