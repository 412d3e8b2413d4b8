"""How long does a consultation take, against its slowest seat?

    uv run python evals/council_latency.py [--repeats 5] [--seconds 3] [--deadline 3]

Scripted seats (``nonet.testing``: loopback servers in the wire format of OpenAI, asked through OpenAI's own client)
answer after times that are drawn once and printed; the slowest after ``--seconds``. The council is the one of a run:
its subgraph, its journal, its record in a run folder. For 3, 5 and 9 seats, wall time of the consultation is told
against the scripted time of its slowest seat; the median of the repeats, after one that imports the client, must be at
most 1.1. Every seat has an address of its own and every repeat new ones, so that making the clients (some 40 ms of
processor each) is in the wall time.

With one of three seats hanging, the step must end at the deadline: at most a tenth of it, and half a second, later.
Exit 1 when either is over.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, Field

import nonet
from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.consult.council import Asking
from nonet.graphs.steps.desk import Desk
from nonet.settings import ProviderSettings, SeatSettings
from nonet.testing import FakeProvider, Fault, Reply
from nonet.tools.clink.seat import seats
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Access

MOST = 1.1
COUNCILS = (3, 5, 9)
SEED = 0


class Design(BaseModel):
    """One number to choose."""

    size: int = Field(default=1, ge=1, le=9, description="How large.")


class Chosen:
    """What a consultation reads of a blueprint."""

    name = "latency"
    Design = Design
    second = None

    def access(self, design: object) -> Access:
        """Nothing."""
        return Access()


def main() -> int:
    parser = argparse.ArgumentParser(description="Time a consultation against its slowest seat.")
    parser.add_argument("--repeats", type=int, default=5, help="consultations of each size (default 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds that the slowest seat takes (default 3)")
    parser.add_argument("--deadline", type=float, default=3.0, help="deadline with a hanging seat (default 3)")
    options = parser.parse_args()
    os.environ["COUNCIL_LATENCY_KEY"] = "loopback"
    over = False
    print(f"| seats | their seconds | wall, median s | more, s | ratio | over {MOST:g} |")
    print("|---:|---|---:|---:|---:|---|")
    for count in COUNCILS:
        drawn = random.Random(SEED + count)
        thinking = sorted([round(drawn.uniform(0.2, 0.9) * options.seconds, 2) for _ in range(count - 1)])
        thinking.append(options.seconds)
        wall = statistics.median(consulted(thinking, 60.0)[0] for _ in range(options.repeats + 1))
        ratio = wall / options.seconds
        over |= ratio > MOST
        said, more = " ".join(f"{each:g}" for each in thinking), wall - options.seconds
        print(f"| {count} | {said} | {wall:.3f} | {more:.3f} | {ratio:.3f} | {'yes' if ratio > MOST else 'no'} |")
    wall, faults = consulted([0.2, 0.4, None], options.deadline)
    late = wall > options.deadline * MOST + 0.5
    over |= late or faults != ["", "", "deadline"]
    print(f"\nWith one of 3 seats hanging, deadline {options.deadline:g} s: {wall:.3f} s, the seat: {faults[2]}.")
    return int(over)


def consulted(thinking: Sequence[float | None], deadline: float) -> tuple[float, list[str]]:
    """Consult seats that think for so many seconds (``None``: without end); return seconds of wall time and faults."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="nonet-council-") as scratch:
        fakes = [stack.enter_context(FakeProvider("openai", [_said(each)])) for each in thinking]
        providers = {
            f"seat-{place}": ProviderSettings(
                model="openai:scripted", base_url=fake.base_url, key="COUNCIL_LATENCY_KEY"
            )
            for place, fake in enumerate(fakes)
        }
        settings = nonet.Settings(
            home=f"{scratch}/home",
            providers=providers,
            seats=tuple(SeatSettings(provider=name) for name in providers),
        )
        desk = Desk(Path(scratch), settings, cast("Blueprint[Any, Any]", Chosen()))
        wall = asyncio.run(_timed(Asking(desk, seats(settings), "Which size?", deadline, lambda design: "")))
        said = opinions.given(desk)
        return wall, [said[name].fault for name in providers]


def _said(seconds: float | None) -> Reply | Fault:
    return Fault("slow", seconds=600) if seconds is None else Reply(data={"candidates": [{"size": 2}]}, seconds=seconds)


async def _timed(asking: Asking) -> float:
    from nonet.graphs.steps.consult import late

    began = time.perf_counter()
    await asking.run()
    wall = time.perf_counter() - began
    await late.end(asking.desk.folder)
    return wall


if __name__ == "__main__":
    sys.exit(main())
