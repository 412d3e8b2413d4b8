"""One unit before the judge: its answers written, each rated with the passages in both orders, and the two compared."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from langchain_core.messages import HumanMessage, SystemMessage

from nonet import configs
from nonet.errors import NonetError, ServiceError, StorageError
from nonet.graphs.steps.judging import rating
from nonet.graphs.steps.judging.panel import Panel
from nonet.graphs.steps.judging.rating import Rating
from nonet.providers.retrying import retried
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.state import Json
from nonet.tools.clink.opinion import Opinion
from nonet.tools.clink.options import Option, compare
from nonet.tools.clink.together import Asked, Round, together
from nonet.trials.contract import Reading

WRITING, JUDGING = "answer", "judge"
"""The steps that ask, as the journal of the run's models names them."""
AT_ONCE = 4
"""Questions to the judge that one unit asks at once: two answers, each with the passages in two orders."""
LONGEST_ANSWER = 20_000
"""Characters of an answer that is judged; a longer one is refused, for a judge would be paid to read it."""
T = TypeVar("T")


@dataclass
class Heard:
    """What came of one unit.

    Attributes:
        answers: candidate → the answer written from what it found.
        ratings: candidate → one rating for each order of the passages; ``None`` where the judge failed.
        verdict: ``consistent``, ``flipped``, ``abstained``, ``same`` (the answers are equal), ``failed``, or "" where
            there is no other candidate; ``better`` is the candidate that won in both orders.
        failed: why the unit counts for nothing, "" when it counts; ``fault`` in a word.
    """

    unit: str
    answers: dict[str, str] = field(default_factory=dict[str, str])
    ratings: dict[str, list[Rating | None]] = field(default_factory=dict[str, "list[Rating | None]"])
    verdict: str = ""
    better: str = ""
    failed: str = ""
    fault: str = ""

    def json(self) -> dict[str, Json]:
        """Return it as JSON."""
        ratings: dict[str, Json] = {
            key: [dict(each.model_dump(mode="json")) if each else None for each in found]
            for key, found in self.ratings.items()
        }
        return {**vars(self), "answers": dict(self.answers), "ratings": ratings}


class _Failed(Exception):
    """A unit that cannot be heard to the end: which fault, and what is said of it."""


@dataclass(frozen=True)
class Hearing:
    """Asks writer and judge; what two candidates have in common is asked once."""

    settings: Settings
    spending: Spending
    panel: Panel

    async def hear(self, unit: str, readings: Mapping[str, Reading]) -> Heard:
        """Hear one unit.

        Args:
            unit: its key.
            readings: candidate → what it found; the first candidate is the winner.

        Raises:
            StorageError: the disk is full.
        """
        heard = Heard(unit)
        try:
            heard.answers = await self._answers(readings)
            heard.ratings = await self._ratings(readings, heard.answers)
            heard.verdict, heard.better = await self._verdict(readings, heard.answers)
        except _Failed as error:
            heard.fault, heard.failed = error.args
        return heard

    async def _answers(self, readings: Mapping[str, Reading]) -> dict[str, str]:
        asked = list(dict.fromkeys(rating.asking(reading) for reading in readings.values()))
        model = await asyncio.to_thread(self._writer)
        found = dict(zip(asked, await _all([_written(model, text) for text in asked]), strict=True))
        return {key: found[rating.asking(reading)] for key, reading in readings.items()}

    def _writer(self) -> Any:
        from nonet.providers.metered import MeteredModel

        return MeteredModel.of(self.settings, self.panel.writer, self.spending, WRITING)

    async def _ratings(
        self, readings: Mapping[str, Reading], answers: Mapping[str, str]
    ) -> dict[str, list[Rating | None]]:
        groups = {key: (reading.text, answers[key]) for key, reading in readings.items()}
        each = {group: readings[key] for key, group in groups.items()}
        found = await _all([self._rated(reading, group[1]) for group, reading in each.items()])
        rated = dict(zip(each, found, strict=True))
        return {key: rated[group] for key, group in groups.items()}

    async def _rated(self, reading: Reading, answer: str) -> list[Rating | None]:
        """Rate one answer with the passages in each order; the second is for the judge's agreement with itself."""
        check, judge = rating.checked(len(reading.passages)), self.panel.judge
        asked = [Asked(judge, rating.question(reading, answer, order)) for order in rating.orders(reading)]
        found = await together(self._round, asked, Rating, check)
        if all(opinion.answer is None for opinion in found):
            raise _failed(found)
        return [opinion.answer for opinion in found]

    async def _verdict(self, readings: Mapping[str, Reading], answers: Mapping[str, str]) -> tuple[str, str]:
        keys = list(readings)
        if len(keys) < 2:
            return "", ""
        if answers[keys[0]] == answers[keys[1]]:
            return "same", ""
        question, options = readings[keys[0]].question, [Option(answers[key]) for key in keys]
        compared = await compare(self._round, [self.panel.judge], question, "", options)
        (judged,) = compared.judged
        return judged.outcome, keys[judged.winner] if judged.winner is not None else ""

    @property
    def _round(self) -> Round:
        return Round(self.settings, self.spending, JUDGING)


async def _all(asked: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all, whatever one of them comes to; what is being paid for goes on record."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return [each for each in found if not isinstance(each, BaseException)]


async def _written(model: Any, question: str) -> str:
    messages = [SystemMessage(configs.text("prompts", "answer.md").strip()), HumanMessage(question)]
    try:
        message = await retried(lambda: model.ainvoke(messages))
    except StorageError:
        raise
    except NonetError as error:
        raise _Failed(error.fault if isinstance(error, ServiceError) else error.code, error.message) from error
    text = str(message.text).strip()
    if len(text) > LONGEST_ANSWER:
        raise _Failed("invalid", f"an answer is longer than {LONGEST_ANSWER:,} characters")
    return text


def _failed(found: Sequence[Opinion[Rating]]) -> _Failed:
    """Return the failure of a unit that no order was rated of; a limit that was reached goes before other faults."""
    worst = next((opinion for opinion in found if opinion.fault == "spent"), found[0])
    return _Failed(worst.fault, worst.said)
