"""``search_files``: files beneath the roots whose names match a pattern."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.filesystem.roots import Roots


class SearchFilesArguments(Arguments):
    """Which names."""

    pattern: str = Field(
        max_length=200, description="Glob on the file's path, '*' within and '**' across folders: '**/*.md', 'README*'."
    )
    max_results: int = Field(default=50, ge=1, le=500, description="Names to return at most.")


class SearchFiles(Tool[SearchFilesArguments]):
    """The tool."""

    name = "search_files"
    service = "filesystem"
    description = "Find the user's files by name. To find text inside files, use search_code or tavily-search."
    Arguments = SearchFilesArguments

    async def find(self, arguments: SearchFilesArguments, context: ToolContext) -> Found:
        """Walk in a thread."""
        return await asyncio.to_thread(_search, arguments, context)


def _search(arguments: SearchFilesArguments, context: ToolContext) -> Found:
    matches = glob(arguments.pattern)
    names = [entry.name for entry in Roots(context).files() if matches(entry.relative) or matches(entry.name)]
    shown = names[: arguments.max_results]
    items = [Item(reference=name, title=name.rsplit("/", 1)[-1], excerpt=name[:EXCERPT_LIMIT]) for name in shown]
    note = f"{len(names) - len(shown)} more files match." if len(names) > len(shown) else ""
    return Found("folder", items, note)


def glob(pattern: str) -> Callable[[str], bool]:
    """Return a test for paths: ``*`` and ``?`` stay within a folder, ``**`` spans any number of them; case is ignored.

    No regular expression: its backtracking would let a hostile pattern run for ever.
    """
    wanted = tuple(part for part in pattern.lower().split("/") if part)

    def matches(path: str) -> bool:
        return _folders_match(wanted, tuple(path.lower().split("/")))

    return matches


def _folders_match(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Match part by part; ``reached`` holds how many parts of the path the pattern so far may have used up."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {place + 1 for place in reached if place < len(path) and _part_matches(part, path[place])}
        if not reached:
            return False
    return len(path) in reached


def _part_matches(pattern: str, name: str) -> bool:
    reached = {0}
    for token in pattern:
        if token == "*":
            reached = set(range(min(reached), len(name) + 1))
        else:
            reached = {place + 1 for place in reached if place < len(name) and token in ("?", name[place])}
        if not reached:
            return False
    return len(name) in reached
