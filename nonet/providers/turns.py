"""Whose turn it is: requests of one provider that run at once, and tokens that go to it in a minute.

The limits hold for the process. Loops of several threads may wait, so nothing here belongs to one loop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from nonet.providers.provider import Provider

_MINUTE = 60.0
_LOOK = 0.02
"""Seconds between two looks for a free place."""
_lock = threading.Lock()
_running: dict[str, int] = defaultdict(int)
_taken: dict[str, deque[tuple[float, int]]] = defaultdict(deque)


@asynccontextmanager
async def turn(provider: Provider, tokens: int) -> AsyncGenerator[None]:
    """Hold one of a provider's places while its request runs.

    Args:
        provider: whose limits count.
        tokens: about how many the request takes; a request larger than a minute's tokens waits for an empty minute.
    """
    while (wait := _enter(provider, tokens, time.monotonic())) > 0:
        await asyncio.sleep(min(wait, 1.0))
    try:
        yield
    finally:
        with _lock:
            _running[provider.name] -= 1


def _enter(provider: Provider, tokens: int, now: float) -> float:
    """Take a place and return 0, or return the seconds after which to look again."""
    with _lock:
        if _running[provider.name] >= provider.limits.concurrency:
            return _LOOK
        most, taken = provider.limits.tokens_per_minute, _taken[provider.name]
        while taken and taken[0][0] <= now - _MINUTE:
            taken.popleft()
        if most is not None and taken and sum(count for _, count in taken) + tokens > most:
            return max(_LOOK, taken[0][0] + _MINUTE - now)
        taken.append((now, tokens))
        _running[provider.name] += 1
        return 0.0
