"""How many threads and cores the arithmetic uses."""

from __future__ import annotations

import os
from functools import cache

from threadpoolctl import threadpool_limits


@cache
def single_blas() -> object:
    """Keep BLAS to one thread, for the life of the process.

    The products here are small: waiting for a second thread on a busy machine costs a hundred times what it saves, and
    with one thread the sums come out the same on any number of cores.
    """
    return threadpool_limits(limits=1, user_api="blas")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
