"""A limit on requests a minute, one a service, for the whole process: calls wait their turn in order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict, deque

_MINUTE = 60.0
_lock = threading.Lock()
_sent: dict[str, deque[float]] = defaultdict(deque)


async def turn(service: str, per_minute: int) -> None:
    """Wait until one more request of a service keeps within ``per_minute`` in any 60 seconds."""
    await asyncio.sleep(_booked(service, per_minute, time.monotonic()))


def _booked(service: str, per_minute: int, now: float) -> float:
    """Book the next free moment; return the seconds until then. Booking under a lock keeps threads' loops in order."""
    with _lock:
        sent = _sent[service]
        while sent and sent[0] <= now - _MINUTE:
            sent.popleft()
        # The request ``per_minute`` places back must be a minute old; those booked ahead count too.
        at = max(now, sent[-per_minute] + _MINUTE) if len(sent) >= per_minute else now
        sent.append(at)
        return at - now
