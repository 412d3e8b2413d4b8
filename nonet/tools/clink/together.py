"""Seats asked at once: each answers alone, and one that fails or is late stops nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from nonet.errors import StorageError
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.tools.clink.opinion import Opinion, ask, broken, unheard
from nonet.tools.clink.seat import Seat

AnswerT = TypeVar("AnswerT", bound=BaseModel)
STEP = "clink"


@dataclass(frozen=True)
class Round:
    """What holds for every question of one consultation; ``step`` is what asks, for the record."""

    settings: Settings
    spending: Spending
    step: str = STEP


@dataclass(frozen=True)
class Asked:
    """One question to one seat."""

    seat: Seat
    question: str
    history: Sequence[BaseMessage] = ()


async def together(
    round_: Round,
    questions: Sequence[Asked],
    schema: type[AnswerT],
    check: Callable[[AnswerT], str] | None = None,
) -> list[Opinion[AnswerT]]:
    """Ask all questions at once and wait ``seat_seconds`` at most; return an opinion for each, in order.

    Raises:
        StorageError: the disk is full.
    """
    tasks = [asyncio.create_task(_asked(round_, each, schema, check)) for each in questions]
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=round_.settings.seat_seconds)
        found: list[Opinion[AnswerT]] = []
        for each, task in zip(questions, tasks, strict=True):
            found.append(task.result() if task.done() else _late(round_, each.seat))
        return found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _asked(
    round_: Round, asked: Asked, schema: type[AnswerT], check: Callable[[AnswerT], str] | None
) -> Opinion[AnswerT]:
    seat = asked.seat
    try:
        return await ask(
            seat, asked.question, schema, round_.settings, round_.spending, step=round_.step, check=check,
            history=asked.history,
        )  # fmt: skip
    except StorageError:
        raise
    except Exception as error:
        return broken(seat, error)


def _late(round_: Round, seat: Seat) -> Opinion[AnswerT]:
    seconds = round_.settings.seat_seconds
    return unheard(seat, "deadline", f"it had not answered after {seconds:g} s", seconds)
