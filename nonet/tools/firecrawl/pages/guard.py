"""The guard of every fetch: a host is resolved once, each of its addresses is judged, and those are connected to.

Connecting by name after judging the name would ask the resolver again, and whoever owns the name could answer with a
private address the second time (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.firecrawl.pages import addresses
from nonet.tools.firecrawl.pages.addresses import Address, Ip

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to the addresses of the host; ``OSError`` where it has none."""


async def system(host: str, port: int) -> Sequence[str]:
    """Resolve as this machine does."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def judged(address: Address, settings: Settings, resolve: Resolve = system) -> list[Ip]:
    """Return the addresses that may be connected to for a page, in the resolver's order.

    Raises:
        ToolError: the host has no address, or one of them is not of the public internet and the user did not open it.
    """
    found = await _resolved(address, resolve)
    if addresses.opened(address, settings.private_hosts):
        return found
    private = next((each for each in found if not addresses.public(each)), None)
    if private is not None:
        raise ToolError(
            f"{address.host} is {private}, which is not an address of the public internet; pages there are not read.",
            f"Where you trust it, open it in nonet.yaml: private_hosts: ['{address.authority}'].",
        )
    return found


async def _resolved(address: Address, resolve: Resolve) -> list[Ip]:
    plain = addresses.literal(address.host)
    if plain is not None:
        return [plain]
    try:
        answers = [ipaddress.ip_address(answer) for answer in await resolve(address.host, address.port)]
    except (OSError, ValueError, UnicodeError) as error:
        raise ToolError(f"The host {address.host} cannot be resolved.", "Check the address and the network.") from error
    if not answers:
        raise ToolError(f"The host {address.host} has no address.", "Check the address and the network.")
    return list(dict.fromkeys(answers))
