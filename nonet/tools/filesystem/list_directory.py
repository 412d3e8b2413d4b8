"""``list_directory``: what lies in one folder beneath the roots."""

from __future__ import annotations

import asyncio
import os

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.roots import Root, Roots


class ListDirectoryArguments(Arguments):
    """Which folder."""

    path: str = Field(default="", description="Folder to list; empty for all folders that may be read.")


class ListDirectory(Tool[ListDirectoryArguments]):
    """The tool."""

    name = "list_directory"
    service = "filesystem"
    description = (
        "List the files and folders in one folder of the user's; folders end in '/'. Hidden ones are left out."
    )
    Arguments = ListDirectoryArguments

    async def find(self, arguments: ListDirectoryArguments, context: ToolContext) -> Found:
        """List in a thread."""
        return await asyncio.to_thread(_list, arguments, context)


def _list(arguments: ListDirectoryArguments, context: ToolContext) -> Found:
    roots = Roots(context)
    places = [roots.locate(arguments.path)] if arguments.path else [(root, ".") for root in roots.all]
    items = [_folder(roots, root, relative) for root, relative in places]
    return Found("folder", items, "" if items else "There is no folder to read.")


def _folder(roots: Roots, root: Root, relative: str) -> Item:
    with beneath.folder(root.path) as top, beneath.opened(top, relative) as descriptor:
        here = [os.path.normpath(os.path.join(relative, name)) for name in sorted(_folders(descriptor))]
    files = [entry.relative for entry in roots.files(root, relative, deep=False)]
    names = [f"{root.name}/{path}/" for path in here if roots.descends(root, path)]
    names += [f"{root.name}/{path}" for path in files]
    listing = "\n".join(names)
    place = root.name if relative == "." else f"{root.name}/{relative}"
    return Item(reference=place, title=f"{len(names)} entries", excerpt=listing[:EXCERPT_LIMIT])


def _folders(descriptor: int) -> list[str]:
    try:
        with os.scandir(descriptor) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except NotADirectoryError:
        return []
