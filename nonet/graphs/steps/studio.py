"""What LangGraph Studio serves: ``langgraph.json``, one line a workflow and one a tool.

``python -m nonet.graphs.steps.studio`` rewrites the file in the working folder; a test holds it against ``text``.
"""

from __future__ import annotations

import json
from pathlib import Path

from nonet import graphs, tools
from nonet.graphs.steps import toolbox

FILE_NAME = "langgraph.json"


def text() -> str:
    """Return the file: every workflow and every tool by name, with what makes its uncompiled graph."""
    served = {
        name: {"path": f"nonet.graphs.{name}:graph", "description": graphs.load(name).title} for name in graphs.names()
    }
    for name in tools.names():
        path = f"nonet.graphs.steps.toolbox:{toolbox.variable(name)}"
        served[name] = {"path": path, "description": tools.get(name).description}
    return json.dumps({"dependencies": ["."], "graphs": served}, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(FILE_NAME).write_text(text(), encoding="utf-8")
