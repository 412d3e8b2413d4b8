"""The code reader: what the user's code does already.

Queries are those of ``search_code``; one between slashes, ``/chunk_(size|overlap)/ lang:python``, is an expression.
"""

from __future__ import annotations

import re

from nonet.agents.playbook import Call, Playbook, listed
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolContext

_EXPRESSION = re.compile(r"/(?P<expression>.+)/(?P<filters>(\s+-?\w+:\S+)*)")


def _playbook(task: Task) -> Playbook:
    return listed([_call(query) for query in task.queries])


def _call(query: str) -> Call:
    match = _EXPRESSION.fullmatch(query)
    if match is None:
        return Call("search_code", {"query": query})
    return Call("search_code", {"query": match["expression"] + match["filters"], "pattern": "regexp"})


def _lacking(context: ToolContext) -> str:
    return "" if context.repository else "no repository was given (--repo), so existing code was not searched."


code_reader = Specialist("code_reader", ("search_code",), _playbook, _lacking)
