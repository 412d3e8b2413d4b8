"""robots.txt (RFC 9309): what a site lets robots read, and how fast; one answer a site and call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.firecrawl.pages import guard
from nonet.tools.firecrawl.pages.addresses import Address
from nonet.tools.firecrawl.pages.fetching import ROBOT, fetch

if TYPE_CHECKING:
    from protego import Protego

SIZE_LIMIT = 500 * 1024
"""Bytes that are read of one file, as RFC 9309, 2.5 asks at least."""


class Robots:
    """The rules of the sites that one call meets."""

    def __init__(self, settings: Settings, resolve: guard.Resolve = guard.system) -> None:
        self._settings = settings
        self._resolve = resolve
        self._rules: dict[str, Protego | None] = {}

    async def check(self, address: Address) -> None:
        """Let a page pass that its site lets us read.

        Raises:
            ToolError: the site's robots.txt forbids it, or cannot be read while the site has one to say.
        """
        if address.origin not in self._rules:
            self._rules[address.origin] = await self._read(address)
        rules = self._rules[address.origin]
        if rules is not None and not rules.can_fetch(address.url, ROBOT):
            raise ToolError(f"{address.origin}/robots.txt forbids robots to read {address.url}.", "Read another page.")

    def pause(self, address: Address) -> float:
        """Seconds that a site wants between two requests; 0 where it does not say."""
        rules = self._rules.get(address.origin)
        if rules is None:
            return 0.0
        rate = rules.request_rate(ROBOT)
        return max(rules.crawl_delay(ROBOT) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)

    async def _read(self, address: Address) -> Protego | None:
        """Read a site's rules; ``None`` where it has none (RFC 9309, 2.3.1: not found allows all, a fault nothing)."""
        from protego import Protego

        url = f"{address.origin}/robots.txt"
        found = await fetch(url, self._settings, resolve=self._resolve)
        if found.status >= 500 or found.status == 429:
            raise ToolError(
                f"{url} answers HTTP {found.status}, so nothing of that site may be read now.", "Try again later."
            )
        if found.status >= 400:
            return None
        content = found.content[:SIZE_LIMIT].decode("utf-8", errors="replace")
        return await asyncio.to_thread(Protego.parse, content)
