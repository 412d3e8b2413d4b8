"""``search_files``: files beneath the roots whose names match a pattern."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.filesystem.roots import Entry, Roots


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
    description = (
        "Find the user's files by name; each comes with its size in bytes and when it was changed (UTC). "
        "To find text inside files, use search_code or tavily-search."
    )
    Arguments = SearchFilesArguments

    async def find(self, arguments: SearchFilesArguments, context: ToolContext) -> Found:
        """Walk in a thread."""
        return await asyncio.to_thread(_search, arguments, context)


def _search(arguments: SearchFilesArguments, context: ToolContext) -> Found:
    matches = glob(arguments.pattern)
    roots = Roots(context)
    found = [entry for entry in roots.files() if matches(entry.relative) or matches(entry.name)]
    shown = found[: arguments.max_results]
    items = [_item(entry) for entry in shown]
    notes = [f"{len(found) - len(shown)} more files match."] if len(found) > len(shown) else []
    if not roots.all:
        notes.append("There is no folder to read.")
    return Found("folder", items, " ".join([*notes, roots.left_out]).strip())


def _item(entry: Entry) -> Item:
    when = datetime.fromtimestamp(entry.modified / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Item(
        reference=entry.name,
        title=entry.name.rsplit("/", 1)[-1],
        excerpt=f"{entry.name[: EXCERPT_LIMIT - 100]}\t{entry.size}\t{when}",
        facts={"bytes": entry.size, "changed": when},
    )


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
