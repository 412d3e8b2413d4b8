"""Several pages of one host, breadth first: within a number of pages, a depth and a time, one request after another.

Sites can be endless (calendars, filters that combine, links that grow), so new addresses alone do not keep a crawl
going: few addresses are followed that differ in their query alone, none whose path repeats itself, and it ends where
pages say again and again what earlier ones said.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.firecrawl.pages.addresses import Address, parse
from nonet.tools.firecrawl.pages.web import Page, Web

PAUSE = 0.2
"""Seconds between two requests where the site's robots.txt names none."""
QUERIES = 10
"""Addresses of one path that differ in their query alone."""
LINKS = 200
"""Links of one page that are followed."""
QUEUE = 5_000
REPEATS = 5
"""Pages in a row that say what an earlier one said, after which nothing new is expected."""
FAILURES = 10
"""Pages that could not be read, after which the site is left alone."""
_FILES = (
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".ico", ".css", ".js", ".zip", ".gz", ".tar", ".7z", ".exe",
    ".dmg", ".iso", ".mp3", ".mp4", ".avi", ".mov", ".webm", ".woff", ".woff2", ".ttf", ".whl", ".jar",
)  # fmt: skip


@dataclass
class Crawled:
    """What a crawl found.

    Attributes:
        failed: why pages could not be read, a sentence each.
        stopped: why it ended before the site did, "" where it did not.
        passed_over: addresses that look endless and were not asked for.
    """

    pages: list[Page] = field(default_factory=list[Page])
    failed: list[str] = field(default_factory=list[str])
    stopped: str = ""
    passed_over: int = 0


async def crawl(url: str, depth: int, limit: int, settings: Settings, web: Web) -> Crawled:
    """Read a page and those that it leads to on the same host.

    Args:
        url: where to begin.
        depth: links to follow from there at most; 0 is the page alone.
        limit: pages to read at most.
        settings: ``tool_seconds`` bounds the whole.
        web: reads the pages.

    Raises:
        ToolError: the first page cannot be read.
    """
    ends = time.monotonic() + settings.tool_seconds
    first = await web.page(url)
    found = Crawled([first])
    frontier = _Frontier(first.address)
    frontier.read(first, 1, depth)
    repeated = 0
    while (step := frontier.next()) is not None:
        address, at = step
        if len(found.pages) == limit:
            found.stopped = f"it ended at {limit} pages"
            break
        pause = max(PAUSE, web.robots.pause(address))
        if time.monotonic() + pause >= ends:
            slow = f"; the site asks for {pause:g} s between pages" if pause > PAUSE else ""
            found.stopped = f"it ended after {settings.tool_seconds:g} s{slow}"
            break
        await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                page = await web.page(address.url)
        except TimeoutError:
            found.stopped = f"it ended after {settings.tool_seconds:g} s"
            break
        except ToolError as error:
            found.failed.append(error.message)
            if len(found.failed) == FAILURES:
                found.stopped = f"it ended after {FAILURES} pages that could not be read"
                break
            continue
        fresh = frontier.read(page, at + 1, depth)
        repeated = 0 if fresh else repeated + 1
        if fresh:
            found.pages.append(page)
        if repeated == REPEATS:
            found.stopped = f"it ended after {REPEATS} pages that only repeat earlier ones"
            break
    found.passed_over = frontier.passed_over
    return found


class _Frontier:
    """The addresses to be read, and what has been."""

    def __init__(self, start: Address) -> None:
        self.passed_over = 0
        self._start = start
        self._seen = {start.url}
        self._said: set[bytes] = set()
        self._queries: Counter[str] = Counter()
        self._waiting: deque[tuple[Address, int]] = deque()

    def next(self) -> tuple[Address, int] | None:
        """The next address and how many links away it lies."""
        return self._waiting.popleft() if self._waiting else None

    def read(self, page: Page, at: int, depth: int) -> bool:
        """Take up the links of a page (``at`` links away); say whether it is of this host and says something new."""
        digest = hashlib.blake2b(" ".join(page.text.split()).encode(), digest_size=16).digest()
        self._seen.add(page.address.url)
        if digest in self._said or not self._same(page.address):
            return False
        self._said.add(digest)
        if at <= depth:
            for link in page.reading.links[:LINKS]:
                self._add(link, at)
        return True

    def _add(self, link: str, at: int) -> None:
        try:
            address = parse(link)
        except ToolError:
            return
        path, _, query = address.url.partition("?")
        if address.url in self._seen or len(self._waiting) >= QUEUE or not self._same(address):
            return
        if path.lower().endswith(_FILES):
            return
        self._seen.add(address.url)
        self._queries[path] += bool(query)
        if (query and self._queries[path] > QUERIES) or _repeats(path):
            self.passed_over += 1
            return
        self._waiting.append((address, at))

    def _same(self, address: Address) -> bool:
        """The same host and port; ``http`` and ``https`` are one site where both use their own port."""
        ports = {self._start.port, address.port}
        return address.host == self._start.host and (len(ports) == 1 or ports == {80, 443})


def _repeats(path: str) -> bool:
    """Whether a part of a path stands in it three times: relative links that lead ever deeper."""
    parts = Counter(part for part in path.split("/")[3:] if part)
    return any(times >= 3 for times in parts.values())
