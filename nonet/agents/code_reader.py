"""The code reader: what the user's code does already.

Queries are those of ``search_code``; one between slashes, ``/chunk_(size|overlap)/ lang:python``, is an expression. A
second turn follows names: where what was found takes a value from elsewhere (``chunk_size=settings.CHUNK``), it is
searched where that name gets its value, in code or in configuration files.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolContext, ToolResult
from nonet.tools.sourcegraph.writing import regexp

_EXPRESSION = re.compile(r"/(?P<expression>.+)/(?P<filters>(\s+-?\w+:\S+)*)")


_CAPITALS = re.compile(r"(?<!\\)[A-Z]")
_FOLLOWED = 16
"""Names that the second turn follows at most; a query holds so many."""
_PASSED = re.compile(
    r"\b\w*(?:size|overlap|length|model|name|weight|alpha|threshold|top|num|k)\w*\s*=\s*(?P<name>(?:\w+\.)*[A-Za-z_]\w+)"
    r"(?:\[[\"']\w+[\"']\])*?(?P<key>\[[\"']\w+[\"']\])?(?=\s*[,)\n+*/-])|(?:getenv|environ\.get|config\.get)\([\"'](?P<asked>\w+)[\"']",
    re.I,
)
_KNOWN = frozenset({*keyword.kwlist, "self", "cls", "str", "int", "float", "len", "bool"})


def _playbook(task: Task) -> Playbook:
    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            return [_call(query) for query in task.queries]
        names = list(dict.fromkeys(_passed(results)))[:_FOLLOWED] if turn == 1 else []
        if not names:
            return ()
        return [_call(rf"/\b({'|'.join(names)})\b[\"']?[ \t]*(:[^=\n]{{1,60}}=|:|=)[ \t]*[\"'\d\w\[(]/")]

    return calls


def _passed(results: Sequence[ToolResult]) -> Iterator[str]:
    """Yield the names that arguments are given by; a setting's own name may be written in capitals or small."""
    for result in results:
        for item in result.items:
            for match in _PASSED.finditer(item.excerpt):
                key = re.sub(r"\W", "", match["key"] or "")
                name = match["asked"] or key or match["name"].rpartition(".")[2]
                if name not in _KNOWN and len(name) > 1:
                    yield name


def _call(query: str) -> Call:
    """An expression with capitals means them; the name of a ready query stands alone (``@locate-training``)."""
    if query.startswith("@"):
        return Call("search_code", {"pattern": query[1:]})
    match = _EXPRESSION.fullmatch(query)
    if match is None:
        return Call("search_code", {"query": query})
    # Between its outer slashes an expression of ours may hold others; in the tool's language they are escaped.
    meant = " case:yes" if _CAPITALS.search(match["expression"]) and "case:" not in match["filters"] else ""
    return Call("search_code", {"query": f"{regexp(match['expression'])}{match['filters']}{meant}"})


def _lacking(context: ToolContext) -> str:
    return "" if context.repository else "no repository was given (--repo), so existing code was not searched."


code_reader = Specialist("code_reader", ("search_code",), _playbook, _lacking)
