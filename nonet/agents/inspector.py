"""The inspector: what is wrong with the user's machine-learning code.

A query is a path (``src/train.py``), families of rules (``data-leakage, loss``), or both (``src: data-leakage``).
A task without queries is about all code that may be read, and all rules.
"""

from __future__ import annotations

from nonet.agents.playbook import Call, Playbook, listed
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolContext
from nonet.tools.semgrep import pack


def _playbook(task: Task) -> Playbook:
    return listed([_call(query) for query in task.queries or ("",)])


def _call(query: str) -> Call:
    path, separator, families = query.rpartition(":")
    known = {rule.about.family for rule in pack.rules()}
    named = [pack.canonical(name) for name in families.split(",") if name.strip()]
    if named and known.issuperset(named):
        return Call("semgrep_scan", {"path": path.strip(), "families": named})
    return Call("semgrep_scan", {"path": query.strip() if separator else families.strip()})


def _lacking(context: ToolContext) -> str:
    readable = context.repository or context.roots
    return "" if readable else "no code was given (--repo), so none was inspected."


inspector = Specialist("inspector", ("semgrep_scan", "search_code", "read_file"), _playbook, _lacking)
