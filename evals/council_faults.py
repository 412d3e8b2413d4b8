"""Does a consultation survive whatever its seats do?

    uv run python evals/council_faults.py [--consults 1000] [--at-once 4] [--deadline 2] [--seed 0] [--out FOLDER]

Each consultation has 3 to 5 seats drawn at random from everything that goes wrong (``faulty_seats.py``): loopback
servers that speak the wire formats of OpenAI, Anthropic and Gemini, asked through those providers' own clients (429
with Retry-After, 500, slow, half a body, malformed JSON, wrong schema, refusal, empty, context too long, a key refused,
nobody there, text that is no Unicode, a megabyte), and command-line agents that hang with a child, die, are killed,
flood, or print no JSON. Four of five are the council of a run: the step ``consult`` in a copy of the folder of one real
finished run, then that run's whole report. The fifth is ``clink``, asked an open question.

Of every consultation must hold: no exception comes out of it; it takes at most its deadlines and ``SLACK``; every seat
is in the record; of a seat that was not heard the report says so with the fault's name, and the fault is one that what
was injected may come to; no process of an agent is left; no planted canary, nor its first, middle or last ten
characters, stands in any file of the folder or of Nonet's home.

Prints every consultation, then faults by what was injected; exit 1 when anything did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faulty_seats
from faulty_seats import HEARD, Seat

import nonet
from nonet import tools
from nonet.graphs.steps import reporting
from nonet.graphs.steps.consult import consult, late, opinions
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.spending import spending
from nonet.providers import retrying
from nonet.settings import SeatSettings
from nonet.tools.contract import ToolContext
from nonet.trials.blueprint import Blueprint

SLACK = 20.0
"""Seconds that a consultation may take beyond its deadlines, several running at once on a busy machine."""
PIECE = 10
"""Characters of a canary that count as a leak."""
LEFT_OUT = ("opinions.jsonl", "council.json", "council_question.md", "models.jsonl", "measurements.json")
"""What a copy of the finished run begins without: it was not consulted yet, and nothing was measured."""


@dataclass(frozen=True)
class Consulted:
    """What came of one consultation.

    Attributes:
        told: seat → the fault it is told of with, "" for one that was heard.
        wrong: what did not hold.
    """

    number: int
    kind: str
    seconds: float
    seats: Sequence[Seat]
    told: Mapping[str, str]
    wrong: Sequence[str]

    def line(self) -> str:
        """Tell it in one line."""
        seats = "; ".join(f"{each.does} → {self.told.get(each.name, '?') or 'heard'}" for each in self.seats)
        wrong = f"  WRONG: {' | '.join(self.wrong)}" if self.wrong else ""
        return f"{self.number:4d} {self.kind:7s} {self.seconds:5.1f} s  {seats}{wrong}"


@dataclass(frozen=True)
class Bench:
    """Where consultations happen.

    Attributes:
        finished: the folder of a finished run, which is copied; ``design`` is one that its seats may nominate.
        scratch: holds the copies while they are looked at, and agents.
        deadline: seconds that each round of questions is waited for.
    """

    finished: Path
    blueprint: Blueprint[Any, Any]
    design: Mapping[str, Any]
    scratch: Path
    deadline: float
    seed: int = 0

    def settings(self, seats: Sequence[Seat]) -> nonet.Settings:
        """Return the settings of one consultation."""
        return nonet.Settings(
            home=str(self.scratch / "home"),
            providers={each.name: each.provider for each in seats},
            seats=tuple(SeatSettings(provider=each.name) for each in seats),
            seat_seconds=self.deadline,
            isolation="none",
        )


async def consulted(bench: Bench, number: int) -> Consulted:
    """Consult once, and hold what came of it against what must hold."""
    drawn = random.Random(f"{bench.seed}-{number}")
    home, folder = bench.scratch / "home", bench.scratch / f"run-{number}"
    kind = "clink" if number % 5 == 4 else "council"
    told: dict[str, str] = {}
    wrong: list[str] = []
    began = time.monotonic()
    with ExitStack() as stack:
        seats = faulty_seats.seated(number, bench.design, home, drawn, stack, bench.deadline)
        began = time.monotonic()
        try:
            asking = _clink if kind == "clink" else _council
            told, report = await asking(bench, folder, seats)
            wrong += unnamed(seats, told, report)
        except Exception as error:
            wrong.append(f"crashed: {type(error).__name__}: {error}")
        seconds = time.monotonic() - began
    rounds = 2 if kind == "clink" else 1
    if seconds > rounds * bench.deadline + SLACK:
        wrong.append(f"hung for {seconds:.1f} s")
    wrong += [f"a canary is in {path}" for path in leaks([folder, home])]
    marks = [faulty_seats.mark(home, seat.name) for seat in seats]
    wrong += [f"a process is left: {each}" for mark in marks for each in await _left(mark)]
    if not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    for seat in seats:
        (home / "command_line" / f"{seat.name}.yaml").unlink(missing_ok=True)
    return Consulted(number, kind, seconds, seats, told, wrong)


async def _council(bench: Bench, folder: Path, seats: Sequence[Seat]) -> tuple[dict[str, str], str]:
    """Consult as the step of a run does; return seat → fault, and the run's report."""
    folder.mkdir()
    for path in bench.finished.iterdir():
        if path.is_file() and path.name not in LEFT_OUT:
            shutil.copy(path, folder)
    desk = Desk(folder, bench.settings(seats), bench.blueprint)
    update = await consult(desk, {})
    await late.end(folder)
    await asyncio.to_thread(reporting.write, desk, update.get("notes", []))
    return {seat: said.fault for seat, said in opinions.given(desk).items()}, (folder / "report.md").read_text()


async def _clink(bench: Bench, folder: Path, seats: Sequence[Seat]) -> tuple[dict[str, str], str]:
    """Ask as an agent does; return seat → fault, and what the agent is told."""
    folder.mkdir()
    settings = bench.settings(seats)
    desk = Desk(folder, settings, bench.blueprint)
    context = ToolContext(settings, (), spending=spending(desk))
    result = await tools.call("clink", context, prompt="What is wrong with scaling before splitting?")
    desk.write("result.json", result.model_dump(mode="json"))
    said = result.note.split("Not heard: ")[1:]
    failed = {each.partition(" (")[0]: each.partition(" (")[2].partition(":")[0] for each in said}
    if not result.items and len(failed) < len(seats):
        # Nobody holds a claim, and not everybody is said to have failed.
        return failed, result.note
    heard = {name: HEARD for item in result.items for name in _names(item.facts.get("claimed_by"))}
    return {**heard, **failed}, result.note


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def unnamed(seats: Sequence[Seat], told: Mapping[str, str], report: str) -> list[str]:
    """Say of which seats the report does not tell what became of them, or tells what cannot be."""
    wrong: list[str] = []
    for seat in seats:
        if seat.name not in told:
            wrong.append(f"{seat.name} ({seat.does}) is nowhere told of")
            continue
        fault = told[seat.name]
        ways = (f"{seat.name} gave no opinion ({fault})", f"{seat.name} could not be asked", f"{seat.name} ({fault}:")
        shown = report.replace("\\", "")
        if fault != HEARD and not any(words in shown for words in (*ways, f"{seat.name} (the program")):
            wrong.append(f"{seat.name}: the report does not name {fault}")
        if fault not in seat.told and not fault.startswith("the program"):
            wrong.append(f"{seat.name}: {seat.does} came to {fault or 'an answer'}")
    return wrong


def leaks(folders: Sequence[Path]) -> list[Path]:
    """Return the files that hold a planted canary, or the begin or end of one."""
    secrets = faulty_seats.canaries().values()
    pieces = [
        piece.encode() for each in secrets for piece in (each[:-PIECE][-PIECE:], each[: PIECE + 3], each[-PIECE:])
    ]
    found: list[Path] = []
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            content = path.read_bytes()
        except OSError:  # a neighbour ended meanwhile
            continue
        found += [path] if any(piece in content for piece in pieces) else []
    return found


async def _left(mark: str) -> list[str]:
    """Return the processes that a seat's agent has left; what is killed may take a moment to be gone."""
    until = time.monotonic() + 5
    while (found := processes(mark)) and time.monotonic() < until:
        await asyncio.sleep(0.1)
    return found


def processes(mark: str) -> list[str]:
    """Return the processes that were started for a seat: its mark is among their arguments."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark.encode() in line:
            found.append(f"{folder.name} {line[:3]}")
    return found


async def many(bench: Bench, numbers: Sequence[int], at_once: int, show: bool) -> list[Consulted]:
    """Consult many times, some at once; show each as it ends."""
    free = asyncio.Semaphore(at_once)

    async def one(number: int) -> Consulted:
        async with free:
            found = await consulted(bench, number)
        if show:
            print(found.line(), flush=True)
        return found

    return await asyncio.gather(*map(one, numbers))


def summary(found: Sequence[Consulted]) -> list[str]:
    """Return what came of each thing injected, a row each."""
    came: dict[str, Counter[str]] = {}
    for each in found:
        for seat in each.seats:
            came.setdefault(seat.does, Counter())[each.told.get(seat.name, "?") or "heard"] += 1
    lines = ["| injected | seats | told of as |", "|---|---:|---|"]
    for does in (*faulty_seats.FAULTS, *faulty_seats.AGENTS):
        counts = came.get(does, Counter())
        told = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        lines.append(f"| {does} | {counts.total()} | {told} |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Consult under faults injected at random.")
    parser.add_argument("--consults", type=int, default=1000, help="consultations (default 1000)")
    parser.add_argument("--at-once", type=int, default=4, help="consultations at once (default 4)")
    parser.add_argument("--deadline", type=float, default=2.0, help="seconds that seats are waited for (default 2)")
    parser.add_argument("--seed", type=int, default=0, help="what is drawn (default 0)")
    options = parser.parse_args()
    os.environ.update(faulty_seats.canaries())
    retrying.FIRST_WAIT = 0.05
    with tempfile.TemporaryDirectory(prefix="nonet-faults-") as scratch:
        bench = _bench(Path(scratch), options.deadline, options.seed)
        began, files = time.monotonic(), _open_files()
        found = asyncio.run(many(bench, range(options.consults), options.at_once, show=True))
        wrong = [each for each in found if each.wrong]
        for line in ["", *summary(found), ""]:
            print(line)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{len(found)} consultations, {sum(len(each.seats) for each in found)} seats, "
              f"{time.monotonic() - began:.0f} s, longest {max(each.seconds for each in found):.1f} s; open files "
              f"{files} before, {_open_files()} after; {memory} MiB at most; {len(wrong)} did not hold.")  # fmt: skip
    return int(bool(wrong))


def _open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def _bench(scratch: Path, deadline: float, seed: int) -> Bench:
    """Make one small real run, by rules alone, whose folder is copied for every consultation."""
    import finished_runs

    from nonet import blueprints

    corpus, questions = scratch / "corpus", scratch / "questions.jsonl"
    corpus.mkdir()
    asked: list[str] = []
    for number in range(24):
        text = f"# Pump {number}\n\nThe pump {number} turns at {900 + number} r/min. Its valve is of type V{number}.\n"
        (corpus / f"pump-{number}.md").write_text(text, encoding="utf-8")
        question = {"text": f"How fast does pump {number} turn?", "relevant": [f"pump-{number}.md"]}
        asked.append(json.dumps(question) + "\n")
    questions.write_text("".join(asked), encoding="utf-8")
    settings = nonet.Settings(home=str(scratch / "made"), isolation="none")
    run = finished_runs.finished(
        scratch / "finished", {"corpus": str(corpus), "questions": str(questions)}, "2 trials", settings
    )
    folder = Path(run.folder)
    blueprint: Blueprint[Any, Any] = blueprints.load("rag_system")
    desk = Desk(folder, settings, blueprint)
    design: Mapping[str, Any] = desk.read("decision.json")["candidates"][0]["design"]
    return Bench(folder, blueprint, design, scratch, deadline, seed)


if __name__ == "__main__":
    sys.exit(main())
