"""The reader: what was found, and the guides in the user's folders, read in full.

A query is a reference that another tool returned (``note:…``, a file), a glob of file names (``**/README*``), or plain
words, for which pages are found first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolResult
from nonet.tools.documents import SUFFIXES

FOUND = 3
PAGES = 8
_LINE = re.compile(r":\d+$")


def _playbook(task: Task) -> Playbook:
    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            return [_first(query) for query in task.queries]
        if turn == 1:
            return [Call("scrape_url", {"url": page}) for page in _pages(results)]
        return ()

    return calls


def _first(query: str) -> Call:
    if "*" in query:
        return Call("search_files", {"pattern": query, "max_results": FOUND})
    if query.startswith("note:") or " " not in query:
        return Call("scrape_url", {"url": query})
    return Call("tavily-search", {"query": query, "max_results": FOUND})


def _pages(results: Sequence[ToolResult]) -> list[str]:
    """Return what was found and has not been read, each page once, in the order of the queries."""
    read = {item.reference for result in results if result.tool == "scrape_url" for item in result.items}
    found = [item.reference for result in results if result.tool != "scrape_url" for item in result.items]
    names = [_LINE.sub("", name) for name in found if name not in read]
    pages = [name for name in names if name.startswith("note:") or name.lower().endswith(SUFFIXES)]
    return list(dict.fromkeys(pages))[:PAGES]


reader = Specialist("reader", ("scrape_url", "search_files", "tavily-search"), _playbook)
