"""The step's part: which units are heard, for how long and within which limits, and the file of what was said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonet.errors import NonetError
from nonet.graphs.steps import bench
from nonet.graphs.steps.control import drain
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.judging.hearing import AT_ONCE, Heard, Hearing
from nonet.graphs.steps.judging.numbers import FILE, judged_metrics, merged
from nonet.graphs.steps.judging.panel import Panel, panel
from nonet.graphs.steps.spending import spending
from nonet.providers.prices import price
from nonet.providers.secrecy import hidden, struck
from nonet.providers.spending import Spending
from nonet.trials import budget
from nonet.trials.clock import Clock
from nonet.trials.contract import Reading

SIDE_BY_SIDE = 4
"""Units heard at once; the provider's own limits stand below that."""
MOST_SECONDS = 600.0
"""Seconds that hearing takes at most where the budget counts candidates."""
IN_A_ROW = 3
"""Units that failed one after another, after which no more are heard."""
LOOK = 0.2
"""Seconds between two looks whether the run was asked to stop."""
STOPPED = "the run was stopped first"


async def judge(desk: Desk) -> list[str]:
    """Have answers for the winner and the baseline written and judged; return what must be said.

    Without a chat model, or a metric for a judge, nothing is asked and nothing written.
    """
    if not judged_metrics(desk.blueprint) or not desk.settings.judge_questions:
        return []
    try:
        found = await asyncio.to_thread(panel, desk)
    except NonetError as error:
        return await asyncio.to_thread(_keep, desk, None, [], 0, error.message.rstrip("."))
    if found is None:
        return []
    left = await asyncio.to_thread(_seconds, desk)
    if left <= 0:
        return await asyncio.to_thread(_keep, desk, found, [], 0, "the budget in time ended first")
    readings = await asyncio.to_thread(_readings, desk)
    spent = await asyncio.to_thread(spending, desk)
    heard, why = await Session(desk, Hearing(desk.settings, spent, found), readings, time.monotonic() + left).run()
    return await asyncio.to_thread(_keep, desk, found, heard, len(readings), why)


@dataclass
class Session:
    """Hears units a few at a time until all are heard, or a limit, a fault or the clock ends it.

    Attributes:
        readings: unit → candidate → what it found, in the order to hear them.
        until: when it ends, on the monotonic clock.
    """

    desk: Desk
    hearing: Hearing
    readings: Mapping[str, Mapping[str, Reading]]
    until: float

    async def run(self) -> tuple[list[Heard], str]:
        """Return what was heard, and why not all of it was, "" when it was."""
        heard: list[Heard] = []
        left, most = list(self.readings), (0, 0.0)
        size, widest = 1, SIDE_BY_SIDE  # what one unit takes is not known before one was heard
        while left:
            before = self.hearing.spending.spent()
            batch, left = left[:size], left[size:]
            found, why = await self._batch(batch)
            unpaid = [each for each in found if each.fault == "spent"]
            if unpaid and size > 1:
                # Side by side they set aside more than they take: one after another may still fit.
                found = [each for each in found if each.fault != "spent"]
                left, widest = [*(each.unit for each in unpaid), *left], 1
            heard += found
            if why or (unpaid and size == 1):
                return heard, why or unpaid[0].failed.rstrip(".")
            if _hopeless(heard) or (found and found[-1].fault == "key"):
                return heard, heard[-1].failed.rstrip(".")
            after = self.hearing.spending.spent()
            tokens, usd = ((new - old) / len(batch) for new, old in zip(after, before, strict=True))
            most = (max(most[0], int(tokens)), max(most[1], usd))
            size = min(widest if any(not each.failed for each in heard) else 1, _fitting(self.hearing, most))
            if left and not size:
                return heard, "the next question could pass the run's limit on its models"
        return heard, ""

    async def _batch(self, units: Sequence[str]) -> tuple[list[Heard], str]:
        """Hear some units at once; those that have not ended when time is up, or a stop is asked for, are given up."""
        tasks = [asyncio.create_task(self.hearing.hear(unit, self.readings[unit])) for unit in units]
        waiting, why = set(tasks), ""
        try:
            while waiting and not why:
                _, waiting = await asyncio.wait(waiting, timeout=LOOK)
                why = self._ended() if waiting else ""
            return [task.result() for task in tasks if task.done()], why
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self) -> str:
        if drain(self.desk.folder).asked or self.desk.stop.is_set():
            return STOPPED
        return "the time for it ended first" if time.monotonic() > self.until else ""


def _hopeless(heard: Sequence[Heard]) -> bool:
    return len(heard) >= IN_A_ROW and all(each.failed for each in heard[-IN_A_ROW:])


def _fitting(hearing: Hearing, most: tuple[int, float]) -> int:
    """Return how many more units surely fit into what is left, each taking the most that one took so far.

    Of the last one every answer may be as long as the model's limit allows: so much is set aside before each call.
    """
    spending: Spending = hearing.spending
    judge = hearing.panel.judge.provider
    spent_tokens, spent_usd = spending.spent()
    longest = AT_ONCE * judge.limits.most_tokens
    fits = SIDE_BY_SIDE
    if spending.max_tokens is not None:
        fits = min(fits, int((spending.max_tokens - spent_tokens) // (most[0] + longest)))
    cost = price(judge)
    if spending.max_usd is not None and cost is not None:
        fits = min(fits, int((spending.max_usd - spent_usd) / max(most[1] + cost.of(0, longest), 1e-12)))
    return max(fits, 0)


def _seconds(desk: Desk) -> float:
    left = Clock(budget.parse(desk.brief.budget), bench.ledger(desk)).left()
    return MOST_SECONDS if left is None else min(left, MOST_SECONDS)


def _readings(desk: Desk) -> dict[str, dict[str, Reading]]:
    """Return what winner and baseline found for the first selection units, in the run's seeded order of measuring."""
    raced, decided, units = desk.read("measurements.json"), desk.read("decision.json"), desk.units.units
    compared: list[int] = raced["order"][: raced["compared"]]
    chosen = [units[i] for i in compared[: desk.settings.judge_questions]]
    designs = {decided["decision"]["winner"]: decided["decision"]["design"]}
    designs.setdefault(decided["baseline"]["candidate"], decided["baseline"]["design"])
    laboratory = bench.laboratory(desk)
    found = {key: laboratory.outputs(design, chosen) for key, design in designs.items()}
    return {
        unit.key: {key: desk.blueprint.reading(unit.features, outputs[place]) for key, outputs in found.items()}
        for place, unit in enumerate(chosen)
    }


def _keep(desk: Desk, found: Panel | None, heard: Sequence[Heard], wanted: int, why: str) -> list[str]:
    """Write down what was said, set the numbers into the decision, and return what must be said of it.

    Raises:
        StorageError: the disk is full.
    """
    record: dict[str, Any] = {
        "writer": found.writer.name if found else "",
        "judge": found.judge.name if found else "",
        "other_family": found.other_family if found else False,
        "wanted": wanted,
        "why": why,
        "units": [each.json() for each in heard],
    }
    desk.write(FILE, struck(record, hidden(desk.settings)))
    desk.write("decision.json", merged(desk, desk.read("decision.json")))
    counted = sum(not each.failed for each in heard)
    notes = [f"Answers were judged on {counted} of {wanted} questions: {why}."] if why else []
    faults = list(dict.fromkeys(each.failed.rstrip(".") for each in heard if each.failed))
    notes += [f"A question was not judged: {fault}." for fault in faults if fault != why]
    return [str(struck(note, hidden(desk.settings))) for note in notes]
