"""The code reader: what the user's code does already.

Queries are those of ``search_code``; one between slashes, ``/chunk_(size|overlap)/ lang:python``, is an expression. A
second turn follows names: where what was found takes a value from elsewhere (``chunk_size=settings.CHUNK``), it is
searched where that name gets its value, in code or in configuration files. Of the first few sizes and rates that are
set, the history is asked: who changed them when, from what to what.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolContext, ToolResult
from nonet.tools.git.gitdir import holds
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
_SET = re.compile(
    r"(?<!\w)(?P<name>(?:\w+_|chunk|batch|hidden|learning|max|min|num)?(?:size|overlap|length|rate|epochs|layers"
    r"|dropout|decay|patience|alpha|threshold|temperature|top_?[knp]|lr)s?\d?)"
    r"[\"']?[ \t]*(?::[^=\n]{1,60}=|:|=)[ \t]*[\"']?[-+]?\.?\d",
    re.I,
)
"""Where a number is set: in Python, annotated or not, in YAML, JSON and TOML."""
_HISTORIES = 3
"""Values whose history is asked at most; each is one more process. ``_CHANGES`` of each are told."""
_CHANGES = 8
_GIT = frozenset({"git_log", "git_blame"})
_KNOWN = frozenset({*keyword.kwlist, "self", "cls", "str", "int", "float", "len", "bool"})


def _playbook(task: Task) -> Playbook:
    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            return [_call(query) for query in task.queries]
        if turn == 1:
            return [*_following(results), *_histories(results)]
        return ()

    return calls


def _following(results: Sequence[ToolResult]) -> list[Call]:
    """Search where the names that arguments are given by get their values."""
    names = list(dict.fromkeys(_passed(results)))[:_FOLLOWED]
    if not names:
        return []
    return [_call(rf"/\b({'|'.join(names)})\b[\"']?[ \t]*(:[^=\n]{{1,60}}=|:|=)[ \t]*[\"'\d\w\[(]/")]


def _histories(results: Sequence[ToolResult]) -> list[Call]:
    """Ask who changed the sizes and rates that the code sets, then what is followed; capitals make no other name."""
    excerpts = (item.excerpt for result in results for item in result.items)
    given = [match["name"] for excerpt in excerpts for match in _SET.finditer(excerpt)]
    names = dict.fromkeys(name.lower() for name in (*given, *_passed(results)))
    return [Call("git_log", {"hyperparameter": name, "limit": _CHANGES}) for name in list(names)[:_HISTORIES]]


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


def _idle(task: Task, context: ToolContext) -> frozenset[str]:
    """Without a history there is nothing to ask of it, and nothing to note."""
    return frozenset() if context.repository and holds(context.repository) else _GIT


code_reader = Specialist("code_reader", ("search_code", *sorted(_GIT)), _playbook, _lacking, _idle)
