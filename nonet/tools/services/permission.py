"""What may leave this machine: nothing without a key or an address that the user set, or ``web``; offline, nothing."""

from __future__ import annotations

import os
from importlib.util import find_spec

from nonet.providers.reach import OFFLINE, loopback
from nonet.settings import Settings

NEEDS_WEB = "it needs --web (web: true), which lets requests without a key leave this machine"


def lacking(settings: Settings, *, key: str = "", address: str = "", keyless: bool = False, extra: str = "") -> str:
    """Say why a service may not be asked, "" when it may.

    Args:
        settings: what the user allows.
        key: variable that holds the service's key.
        address: address that the user set for it; a service of the user's own needs no key.
        keyless: whether it answers without a key, which then needs ``web``.
        extra: the extra and, after a colon, the module that its client is (``"tavily:tavily"``).
    """
    if settings.offline and not loopback(address):
        return OFFLINE
    if not (address or (key and os.environ.get(key))):
        if keyless and not settings.web:
            return f"it needs {key}, or --web" if key else NEEDS_WEB
        if not keyless:
            return f"it needs {key}"
    name, _, module = extra.partition(":")
    if module and find_spec(module) is None:
        return f"it needs its client: pip install 'nonet[{name}]'"
    return ""


def pages(settings: Settings) -> str:
    """Say why pages of the web may not be read, "" when they may."""
    if settings.offline:
        return OFFLINE
    return "" if settings.web else NEEDS_WEB
