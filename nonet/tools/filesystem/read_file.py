"""``read_file``: the text of one file beneath the roots."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.filesystem.roots import Roots, text

PART_LIMIT = 8


class ReadFileArguments(Arguments):
    """What to read."""

    path: str = Field(description="File to read, as list_directory or search_files name it.")
    first_line: int = Field(default=1, ge=1, description="Line to begin at, counted from 1.")
    lines: int = Field(default=400, ge=1, le=2000, description="Lines to read at most.")


class ReadFile(Tool[ReadFileArguments]):
    """The tool."""

    name = "read_file"
    service = "filesystem"
    description = "Read lines of one text file of the user's. Binary, hidden and too large files are refused."
    Arguments = ReadFileArguments

    async def find(self, arguments: ReadFileArguments, context: ToolContext) -> Found:
        """Read in a thread: files may lie on a slow disk."""
        return await asyncio.to_thread(_read, arguments, context)


def _read(arguments: ReadFileArguments, context: ToolContext) -> Found:
    roots = Roots(context)
    root, relative = roots.locate(arguments.path)
    lines = text(roots.read(root, relative), arguments.path).splitlines()
    first = arguments.first_line
    wanted = lines[first - 1 : first - 1 + arguments.lines]
    items, note = parts(f"{root.name}/{relative}", relative.rsplit("/", 1)[-1], wanted, first)
    if first - 1 + arguments.lines < len(lines):
        note = note or f"{arguments.path} has {len(lines)} lines; read on from first_line={first + len(wanted)}."
    return Found("folder", items, note)


def parts(name: str, title: str, lines: Sequence[str], first: int = 1) -> tuple[list[Item], str]:
    """Cut numbered lines into items of at most ``EXCERPT_LIMIT`` characters; the note says what was left out."""
    items: list[Item] = []
    block: list[str] = []
    start, size = first, 0
    for number, line in enumerate([*lines, None], start=first):
        shown = None if line is None else line[:EXCERPT_LIMIT]
        if block and (shown is None or size + len(shown) + 1 > EXCERPT_LIMIT):
            items.append(Item(reference=f"{name}:{start}", title=title, excerpt="\n".join(block)))
            block, size, start = [], 0, number
            if len(items) == PART_LIMIT and shown is not None:
                return items, f"{name} is shown up to line {number - 1}."
        if shown is not None:
            block.append(shown)
            size += len(shown) + 1
    return items, ""
