"""Seats that still think when the run no longer waits for them: what they say yet goes on record, and no further."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

_waiting: dict[str, dict[str, asyncio.Task[Any]]] = {}


def let_go(folder: Path, seat: str, task: asyncio.Task[Any], done: Callable[[Any], None]) -> None:
    """Leave a seat's task to itself; ``done`` is told what it comes to, unless the run ends first."""
    waiting = _waiting.setdefault(str(folder.absolute()), {})
    waiting[seat] = task

    def ended(task: asyncio.Task[Any]) -> None:
        waiting.pop(seat, None)
        if not task.cancelled() and task.exception() is None:
            done(task.result())

    task.add_done_callback(ended)


async def end(folder: Path) -> list[str]:
    """Stop waiting altogether; return the seats that never answered."""
    waiting = _waiting.pop(str(folder.absolute()), {})
    silent, tasks = list(waiting), list(waiting.values())
    loop = asyncio.get_running_loop()
    own = [task for task in tasks if task.get_loop() is loop]
    for task in own:
        task.cancel()
    await asyncio.gather(*own, return_exceptions=True)
    return silent
