"""The reader: what was found, and the guides in the user's folders, read in full.

A query is a reference that another tool returned (``note:…``, a file), or a glob of file names (``**/README*``).
"""

from __future__ import annotations

from collections.abc import Sequence

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import ToolResult
from nonet.tools.documents import SUFFIXES

GUIDES = 4


def _playbook(task: Task) -> Playbook:
    patterns = [query for query in task.queries if "*" in query]
    references = [query for query in task.queries if "*" not in query]

    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            looked = [Call("search_files", {"pattern": pattern, "max_results": GUIDES}) for pattern in patterns]
            return [*(Call("scrape_url", {"url": reference}) for reference in references), *looked]
        if turn == 1:
            found = [item.reference for result in results if result.tool == "search_files" for item in result.items]
            pages = [name for name in dict.fromkeys(found) if name.lower().endswith(SUFFIXES)]
            return [Call("scrape_url", {"url": page}) for page in pages]
        return ()

    return calls


reader = Specialist("reader", ("scrape_url", "search_files"), _playbook)
