"""The researcher: what is written about a topic. Queries are plain words."""

from __future__ import annotations

from nonet.agents.playbook import Call, Playbook, listed
from nonet.agents.specialist import Specialist, Task


def _playbook(task: Task) -> Playbook:
    return listed([Call("tavily-search", {"query": query}) for query in task.queries])


researcher = Specialist("researcher", ("tavily-search",), _playbook)
