"""What a reference names: a page of the web, a note of the library, or a document beneath the user's folders."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from nonet.errors import ToolError
from nonet.tools import notes
from nonet.tools.contract import ToolContext
from nonet.tools.documents import SUFFIXES
from nonet.tools.filesystem.roots import Roots
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.bodies import decoded
from nonet.tools.firecrawl.pages.confined import Reader, Reading
from nonet.tools.firecrawl.pages.web import Web

PDF = ".pdf"
_HTML = (".html", ".htm")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


@dataclass(frozen=True)
class Source:
    """What was read, and where: ``web``, ``folder`` or ``library``."""

    reference: str
    title: str
    reading: Reading
    where: str


async def read(reference: str, context: ToolContext, schema: Mapping[str, Any] | None = None) -> Source:
    """Read what a reference names, and the data that a schema wants of it.

    Raises:
        ToolError: there is none, or it may not or cannot be read.
    """
    if addresses.web(reference):
        async with Web(context.settings) as web:
            page = await web.page(reference, schema=schema)
        return Source(page.address.url, page.title, page.reading, "web")
    if reference.startswith(notes.PREFIX):
        item = notes.find(reference).item()
        return Source(reference, item.title, Reading(item.title, [["", item.excerpt]]), "library")
    name, content = await asyncio.to_thread(document, reference, context)
    return Source(name, name, await _file(name, content, schema), "folder")


def document(reference: str, context: ToolContext) -> tuple[str, bytes]:
    """Return the name and the bytes of a document beneath the user's folders.

    Raises:
        ToolError: it lies beneath none of them, is no document, or is too large.
    """
    if _SCHEME.match(reference):
        if urlsplit(reference).scheme.lower() != "file":
            raise ToolError(
                f"{reference[:200]!r} is neither a page of the web nor a file.", "Give http(s)://… or a path."
            )
        reference = unquote(urlsplit(reference).path)
    roots = Roots(context)
    root, relative = roots.locate(reference)
    if not relative.lower().endswith((*SUFFIXES, PDF)):
        known = ", ".join((*SUFFIXES, PDF))
        raise ToolError(f"{reference} is no page.", f"Pages end in {known}; read_file reads other text.")
    return f"{root.name}/{relative}", roots.read(root, relative)


async def _file(name: str, content: bytes, schema: Mapping[str, Any] | None) -> Reading:
    ending = name.lower()
    if not ending.endswith((PDF, *_HTML)):
        return Reading("", [["", decoded(content, "")]])
    async with Reader() as reader:
        if ending.endswith(PDF):
            return await reader.read("pdf", name, content)
        return await reader.read("html", name, decoded(content, "").encode(), schema=schema)
