"""The archivist: what was measured before. Queries are plain words; one that begins ``keep:`` is a note to keep."""

from __future__ import annotations

from nonet.agents.playbook import Call, Playbook, listed
from nonet.agents.specialist import Specialist, Task

_KEEP = "keep:"


def _playbook(task: Task) -> Playbook:
    return listed([_call(query) for query in task.queries])


def _call(query: str) -> Call:
    if query.startswith(_KEEP):
        return Call("qdrant-store", {"information": query.removeprefix(_KEEP).strip()})
    return Call("qdrant-find", {"query": query})


archivist = Specialist("archivist", ("qdrant-find", "qdrant-store"), _playbook)
