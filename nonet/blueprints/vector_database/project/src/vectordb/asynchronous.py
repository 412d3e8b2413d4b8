"""The database for programs on an event loop: searches wait on threads, so many at once and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.database import Database, Found


class AsyncDatabase:
    """Searches without blocking the loop; an async context manager.

    Args:
        database: what is searched; its engines release the interpreter's lock while they search.
        at_once: searches that run side by side; what comes beyond waits its turn.
    """

    def __init__(self, database: Database, at_once: int = 8) -> None:
        self.database = database
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="vectordb")

    async def __aenter__(self) -> AsyncDatabase:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def search(
        self,
        k: int,
        *,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        where: Sequence[Condition] = (),
    ) -> Found:
        """Search as ``Database.search`` does."""
        asked = partial(self.database.search, k, text=text, vector=vector, where=where)
        return await asyncio.get_running_loop().run_in_executor(self._pool, asked)
