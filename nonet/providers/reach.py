"""Whether an address is this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

OFFLINE = "it is on the network, and the run is offline"


def loopback(address: str) -> bool:
    """Whether an address (a URL or a host) names this machine."""
    host = (urlsplit(address).hostname or "") if "//" in address else address
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
