"""The reader: what was found, and the guides in the user's folders, read in full.

A query is a reference that another tool returned (``note:…``, a file, the address of a page), an address that ends in
``/**`` for a page and those that it leads to, a glob of file names (``**/README*``), or plain words, for which pages
are found first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolResult
from nonet.tools.documents import SUFFIXES
from nonet.tools.firecrawl.pages.addresses import web

FOUND = 3
PAGES = 8
ALL = "/**"
_LINE = re.compile(r":\d+$")


def _playbook(task: Task) -> Playbook:
    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            return [_first(query) for query in task.queries]
        return [Call("scrape_url", {"url": page}) for page in _next(turn, results)]

    return calls


def _first(query: str) -> Call:
    if web(query):
        crawls = query.endswith(ALL)
        return Call("crawl_url", {"url": query[: 1 - len(ALL)]}) if crawls else Call("scrape_url", {"url": query})
    if "*" in query:
        return Call("search_files", {"pattern": query, "max_results": FOUND})
    if query.startswith("note:") or " " not in query:
        return Call("scrape_url", {"url": query})
    return Call("tavily-search", {"query": query, "max_results": FOUND})


def _next(turn: int, results: Sequence[ToolResult]) -> Sequence[str]:
    """Return the pages of a turn: what lies here at once; of the web one first, the others where it could be read.

    Where pages of the web may not be read, that leaves two notes and not one a page.
    """
    pages = _pages(results)
    there = [page for page in pages if web(page)]
    if turn == 1:
        return [page for page in pages if not web(page)] + there[:1]
    if turn == 2:
        read = any(web(item.reference) for result in results if result.tool == "scrape_url" for item in result.items)
        return there[1:] if read else there[1:2]
    return ()


def _pages(results: Sequence[ToolResult]) -> list[str]:
    """Return what was found, each page once, in the order of the queries, and of what lies here only what is unread."""
    read = {item.reference for result in results if result.tool == "scrape_url" for item in result.items}
    found = [item.reference for result in results if result.tool in _FINDERS for item in result.items]
    names = [name if web(name) else _LINE.sub("", name) for name in found if web(name) or name not in read]
    pages = [name for name in names if web(name) or name.startswith("note:") or name.lower().endswith(SUFFIXES)]
    return list(dict.fromkeys(pages))[:PAGES]


_FINDERS = ("search_files", "tavily-search")
_TOOLS = ("scrape_url", "crawl_url", "extract_structured_data", *_FINDERS)

reader = Specialist("reader", _TOOLS, _playbook)
