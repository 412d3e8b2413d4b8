"""Asking again: a fault that passes is waited out a few times, the service's own Retry-After before our own wait."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nonet.errors import ServiceError

ATTEMPTS = 3
FIRST_WAIT = 0.5
"""Seconds before the second attempt, doubled before the next."""
AnswerT = TypeVar("AnswerT")


async def retried(ask: Callable[[], Awaitable[AnswerT]], longest: float = math.inf) -> AnswerT:
    """Ask until there is an answer.

    Args:
        ask: makes one attempt.
        longest: seconds; a longer wait is not begun.

    Raises:
        ServiceError: the last attempt's, or the first that does not pass.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return await ask()
        except ServiceError as error:
            wait = error.retry_after
            if wait is None:
                # Spread, so that many agents that failed together do not come back together.
                wait = FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
            if not error.passing or wait > longest:
                raise
            await asyncio.sleep(wait)
    return await ask()
