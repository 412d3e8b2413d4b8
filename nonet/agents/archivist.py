"""The archivist: what was measured before. Queries are plain words; one that begins ``keep:`` is a note to keep."""

from __future__ import annotations

from nonet.agents.playbook import Call, Playbook, listed
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolContext

_KEEP = "keep:"


def _playbook(task: Task) -> Playbook:
    return listed([_call(query) for query in task.queries])


def _call(query: str) -> Call:
    if query.startswith(_KEEP):
        return Call("qdrant-store", {"information": query.removeprefix(_KEEP).strip()})
    return Call("qdrant-find", {"query": query})


def _idle(task: Task, context: ToolContext) -> frozenset[str]:
    """Nothing is kept that the workflow does not hand over: what is recalled may tell a model to keep something."""
    keeps = any(query.startswith(_KEEP) for query in task.queries)
    return frozenset() if keeps else frozenset({"qdrant-store"})


archivist = Specialist("archivist", ("qdrant-find", "qdrant-store"), _playbook, idle=_idle)
