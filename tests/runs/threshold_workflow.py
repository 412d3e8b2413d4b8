"""A workflow for tests: the threshold blueprint on the shared steps, with no agents and nothing of RAG.

``processes`` drives it in processes of its own; ``listed`` puts it among the workflows that the command line knows.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nonet.graphs.steps.approve import approve
from nonet.graphs.steps.brief import brief
from nonet.graphs.steps.consult import consult, second_round
from nonet.graphs.steps.decide import decide
from nonet.graphs.steps.deliver import deliver
from nonet.graphs.steps.design import design
from nonet.graphs.steps.flow import Builder, Flow
from nonet.graphs.steps.implement import first_round
from nonet.graphs.steps.prepare import prepare
from nonet.graphs.steps.report import report
from nonet.graphs.steps.review import review
from nonet.graphs.steps.store import recall, store
from nonet.graphs.steps.workflow import Workflow

BUDGET = "3 trials"
BLUEPRINT = Path(__file__).parents[1] / "blueprints" / "threshold" / "blueprint.py"


def blueprint() -> Any:
    name = "threshold_blueprint"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, BLUEPRINT)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].blueprint


def graph() -> Builder:
    flow = Flow(blueprint)
    flow.step("brief", brief, "Read the request")
    flow.step("prepare", prepare, "Prepare", after="brief")
    flow.step("recall", recall, "Recall", after="prepare", booked=True)
    flow.step("design", design, "Nominate", after="recall", booked=True)
    flow.step("approve", approve, "Approve", after="design")
    flow.step("implement", first_round, "Measure", after="approve", booked=True)
    flow.step("consult", consult, "Consult", after="implement", booked=True)
    flow.step("implement_more", second_round, "Measure more", after="consult", booked=True)
    flow.step("decide", decide, "Decide", after="implement_more")
    flow.step("review", review, "Review", after="decide")
    flow.step("deliver", deliver, "Deliver", after="review")
    flow.step("store", store, "Store", after="deliver")
    flow.step("report", report, "Report", after="store")
    return flow.finish("report")


WORKFLOW = Workflow("threshold", "Classify rows", (r"classify",), graph, blueprint)


def listed(replace: Callable[[object, str, object], None] = setattr) -> None:
    """Put this workflow and its blueprint among those that are found by their files."""
    from nonet import blueprints, graphs

    known, load, designs, build = graphs.names, graphs.load, blueprints.names, blueprints.load
    replace(graphs, "names", lambda: [*known(), "threshold"])
    replace(graphs, "load", lambda name: WORKFLOW if name == "threshold" else load(name))
    replace(blueprints, "names", lambda: [*designs(), "threshold"])
    replace(blueprints, "load", lambda name: blueprint() if name == "threshold" else build(name))


def write_table(path: Path, rows: int = 60, seed: int = 0) -> Path:
    """Write a table that the workflow reads."""
    blueprint()
    return sys.modules["threshold_blueprint"].write_table(path, rows, seed)


def new_home(folder: Path, environments: Path) -> Path:
    """Make a home that remembers nothing and has its environments."""
    folder.mkdir()
    (folder / "environments").symlink_to(environments)
    return folder
