"""The librarian: the installed libraries' own documentation.

A query is ``library: question``, a library's name alone, or plain words, for which a library is found first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolResult

_NAMED = re.compile(r"(?P<library>[A-Za-z0-9][A-Za-z0-9._-]*)(:\s+(?P<question>\S.*))?")


def _playbook(task: Task) -> Playbook:
    named = [match for query in task.queries if (match := _NAMED.fullmatch(query))]
    open_questions = [query for query in task.queries if not _NAMED.fullmatch(query)]

    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            return [
                *(_ask(match) for match in named),
                *(Call("c7_projects_list", {"query": query}) for query in open_questions),
            ]
        if turn == 1:
            # One list was returned for each open question, in their order, unless a call failed.
            lists = [result for result in results if result.tool == "c7_projects_list"]
            pairs = zip(open_questions, lists, strict=False) if len(lists) == len(open_questions) else ()
            return [
                Call("c7_query", {"library": found.items[0].title, "query": query})
                for query, found in pairs
                if found.items
            ]
        return ()

    return calls


def _ask(match: re.Match[str]) -> Call:
    return Call("c7_query", {"library": match["library"], "query": match["question"] or match["library"]})


librarian = Specialist("librarian", ("c7_projects_list", "c7_query"), _playbook)
