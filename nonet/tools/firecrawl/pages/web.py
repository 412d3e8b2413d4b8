"""Pages of the web as text: fetched behind the guard, allowed by robots.txt, read in a process of their own.

For every tool that is handed an address: ``async with Web(settings) as web: page = await web.page(url)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.contract import EXCERPT_LIMIT, Item
from nonet.tools.firecrawl.pages import guard
from nonet.tools.firecrawl.pages.addresses import Address
from nonet.tools.firecrawl.pages.confined import Reader, Reading
from nonet.tools.firecrawl.pages.fetching import Response, fetch
from nonet.tools.firecrawl.pages.robots import Robots

PARTS = 8
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("text/", "application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml")
_TEXT_ENDINGS = ("+json", "+xml", "+yaml")
_MISSING = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True)
class Page:
    """A page that was read; ``address`` is where it was found, after redirects."""

    address: Address
    reading: Reading

    @property
    def title(self) -> str:
        """Its title, else its address."""
        return self.reading.title or self.address.url

    @property
    def text(self) -> str:
        """All its text."""
        return "\n\n".join(text for _, text in self.reading.parts)

    def items(self, limit: int = PARTS) -> tuple[list[Item], str]:
        """Return the text in items of at most ``EXCERPT_LIMIT`` characters, and a note of what was left out."""
        return items(self.address.url, self.title, self.reading, limit, "web")


class Web:
    """What one call reads of the web."""

    def __init__(self, settings: Settings, resolve: guard.Resolve | None = None) -> None:
        self._settings = settings
        self._resolve = resolve or guard.system
        self.robots = Robots(settings, self._resolve)
        self._reader = Reader()

    async def __aenter__(self) -> Web:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.__aexit__(kind, error, trace)

    async def page(self, url: str, *, schema: Mapping[str, Any] | None = None) -> Page:
        """Read a page.

        Args:
            url: its address.
            schema: what data is wanted of it, where it is HTML.

        Raises:
            ToolError: it may not be read, does not answer, or holds no text.
        """
        found = await fetch(url, self._settings, resolve=self._resolve, before=self.robots.check)
        if found.status >= 400:
            raise ToolError(f"{found.address.url} answers HTTP {found.status}.", "Check the address.")
        return Page(found.address, await self._read(found, schema=schema))

    async def _read(self, found: Response, *, schema: Mapping[str, Any] | None) -> Reading:
        url, kind = found.address.url, _kind(found)
        if kind == "pdf":
            return await self._reader.read("pdf", url, found.content)
        if kind == "html":
            content = found.text.encode("utf-8", errors="replace")
            return await self._reader.read("html", url, content, schema=schema)
        text = found.text
        if kind != "text" or "\0" in text:
            said = f"{url} is {found.kind or 'of an unknown type'}, which is no text."
            raise ToolError(said, "Read a page of HTML, text or PDF.")
        if not text.strip():
            raise ToolError(f"{url} is empty.", "Read another page.")
        return Reading("", [["", text]])


def _kind(found: Response) -> str:
    """``html``, ``pdf``, ``text`` or "": by the media type, and by the first bytes where there is none."""
    start = found.content[:1024].lstrip().lower()
    if found.kind == "application/pdf" or (found.kind in _MISSING and start.startswith(b"%pdf-")):
        return "pdf"
    if found.kind in _HTML or (found.kind in _MISSING and (b"<html" in start or b"<!doctype html" in start)):
        return "html"
    if found.kind == "" or found.kind.startswith(_TEXT) or found.kind.endswith(_TEXT_ENDINGS):
        return "text"
    return ""


def items(reference: str, title: str, reading: Reading, limit: int, source: str) -> tuple[list[Item], str]:
    """Cut what was read at line ends into items; parts are numbered, and pages of a PDF keep their anchor."""
    cut = [(anchor, piece) for anchor, text in reading.parts for piece in pieces(text)]
    made: list[Item] = []
    for number, (anchor, piece) in enumerate(cut[:limit], start=1):
        mark = anchor or (f"part-{number}" if len(cut) > 1 else "")
        name = f"{reference}#{mark}" if mark else reference
        made.append(Item(reference=name, title=title, excerpt=piece, facts={"source": source}))
    left = f"{reference} has {len(cut)} parts; the first {limit} are shown." if len(cut) > limit else ""
    return made, " ".join(filter(None, (reading.note, left)))


def pieces(text: str) -> list[str]:
    """Cut a text at line ends into pieces of at most ``EXCERPT_LIMIT`` characters; longer lines are cut too."""
    made: list[str] = []
    block, size = list[str](), 0
    whole = text.split("\n")
    for line in (each[at : at + EXCERPT_LIMIT] for each in whole for at in range(0, len(each) or 1, EXCERPT_LIMIT)):
        if block and size + len(line) + 1 > EXCERPT_LIMIT:
            made.append("\n".join(block))
            block, size = [], 0
        block.append(line)
        size += len(line) + 1
    made.append("\n".join(block))
    return [piece for piece in made if piece.strip()]
