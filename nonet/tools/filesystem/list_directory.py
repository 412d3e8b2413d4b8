"""``list_directory``: what lies in one folder beneath the roots, with sizes, times and kinds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from pydantic import Field

from nonet.errors import ToolError
from nonet.state import Scalar
from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.filesystem.describing import kind
from nonet.tools.filesystem.roots import Entry, Root, Roots

SHOWN_LIMIT = 400
"""Entries of one folder that are shown."""
LOOKED_INTO = 200
"""Files of one folder whose first bytes are read for their kind."""
_HEAD = 512


class ListDirectoryArguments(Arguments):
    """Which folder."""

    path: str = Field(default="", description="Folder to list; empty for all folders that may be read.")


class ListDirectory(Tool[ListDirectoryArguments]):
    """The tool."""

    name = "list_directory"
    service = "filesystem"
    description = (
        "List one folder of the user's: each file with its size in bytes, when it was changed (UTC) and what it looks "
        "like, by tabs; folders end in '/'. Hidden files and links are left out."
    )
    Arguments = ListDirectoryArguments

    async def find(self, arguments: ListDirectoryArguments, context: ToolContext) -> Found:
        """List in a thread."""
        return await asyncio.to_thread(_list, arguments, context)


def _list(arguments: ListDirectoryArguments, context: ToolContext) -> Found:
    roots = Roots(context)
    places = [roots.locate(arguments.path)] if arguments.path else [(root, ".") for root in roots.all]
    items: list[Item] = []
    notes: list[str] = [] if places else ["There is no folder to read."]
    for root, relative in places:
        shown, note = _folder(roots, root, relative)
        items += shown
        notes += [note] if note else []
    return Found("folder", items, " ".join([*notes, roots.left_out]).strip())


def _folder(roots: Roots, root: Root, relative: str) -> tuple[list[Item], str]:
    """Return a folder's listing in items of at most ``EXCERPT_LIMIT`` characters, and what was left out of it."""
    place = root.name if relative == "." else f"{root.name}/{relative}"
    folders, files = roots.listing(root, relative)
    names = [f"{root.name}/{path}/" for path in folders]
    total = len(names) + len(files)
    lines = names[:SHOWN_LIMIT]
    lines += [_line(roots, entry, number) for number, entry in enumerate(files[: SHOWN_LIMIT - len(lines)])]
    facts: dict[str, Scalar | dict[str, Scalar]] = {"folders": len(names), "files": len(files)}
    facts["bytes"] = sum(entry.size for entry in files)
    items = [
        Item(reference=place, title=f"{total} entries", excerpt=block, facts=facts) for block in _blocks(lines)
    ] or [Item(reference=place, title="0 entries", excerpt="", facts=facts)]
    left_out = total - len(lines)
    return items, f"{left_out:,} more entries of {place} are not shown; search_files finds them." if left_out else ""


def _line(roots: Roots, entry: Entry, number: int) -> str:
    when = datetime.fromtimestamp(entry.modified / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    seems = _kind(roots, entry) if number < LOOKED_INTO else ""
    return "\t".join(part for part in (entry.name, str(entry.size), when, seems) if part)


def _kind(roots: Roots, entry: Entry) -> str:
    try:
        with roots.opened(entry.root, entry.relative) as file:
            return kind(file.at(0, _HEAD), entry.name) or "text"
    except (ToolError, OSError):
        return "unreadable"


def _blocks(lines: list[str]) -> list[str]:
    blocks: list[list[str]] = []
    size = EXCERPT_LIMIT
    for each in lines:
        line = each[:EXCERPT_LIMIT]
        if size + len(line) + 1 > EXCERPT_LIMIT:
            blocks.append([])
            size = 0
        blocks[-1].append(line)
        size += len(line) + 1
    return ["\n".join(block) for block in blocks]
