"""Seats that go wrong in every way that ``nonet.testing`` knows, and command-line agents that do; drawn at random.

Of a seat whose script is steady it is known beforehand how it may be told of: ``Seat.told``. A seat that changes from
question to question may be heard or not; which, only the consultation shows.
"""

from __future__ import annotations

import json
import random
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nonet.settings import ProviderSettings
from nonet.testing import FakeProvider, Fault, Question, Reply

KEY, TOKEN, FOREIGN = "COUNCIL_FAULTS_KEY", "COUNCIL_FAULTS_TOKEN", "COUNCIL_FAULTS_FOREIGN"
"""Variables of planted canaries: a provider's key, what an agent's file names, and what no agent may see."""
HEARD = ""
"""How a seat is told of that gave an opinion."""
SECONDS = 60.0
"""Time limit of one question to a seat that is not in a hurry."""
DIALECTS: Mapping[str, str] = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
FAULTS: Mapping[str, frozenset[str]] = {
    "answers": frozenset({HEARD}),
    "leaks its key": frozenset({HEARD}),
    "limit": frozenset({"limit"}),
    "limit, come back in a minute": frozenset({"deadline", "limit"}),
    "server": frozenset({"unavailable"}),
    "server, its error tells the key": frozenset({"unavailable"}),
    "key": frozenset({"key"}),
    "too_long": frozenset({"too_long"}),
    "slow": frozenset({"timeout", "deadline"}),
    "half": frozenset({"unavailable", "malformed"}),
    "malformed": frozenset({"malformed"}),
    "wrong_schema": frozenset({"invalid"}),
    "refusal": frozenset({"refused"}),
    "empty": frozenset({"malformed"}),
    "nobody listens": frozenset({"unavailable"}),
    "no Unicode": frozenset({"invalid"}),
    "a megabyte": frozenset({"invalid"}),
    "any of these in turn": frozenset(
        {HEARD, "limit", "unavailable", "key", "too_long", "timeout", "malformed", "invalid", "refused"}
    ),
}
"""What a seat behind a provider does → how it may be told of; every one may be too slow besides."""
AGENTS: Mapping[str, frozenset[str]] = {
    "agent answers": frozenset({HEARD}),
    "agent tells its environment": frozenset({HEARD}),
    "agent hangs": frozenset({"timeout", "deadline"}),
    "agent dies": frozenset({"unavailable"}),
    "agent is killed": frozenset({"unavailable"}),
    "agent floods": frozenset({"malformed"}),
    "agent floods its errors": frozenset({"unavailable"}),
    "agent prints no JSON": frozenset({"invalid"}),
    "agent is not installed": frozenset({"absent"}),
}
"""What a command-line agent does → how it may be told of."""
AGENT = """\
import json, os, signal, subprocess, sys, time

does, answers, mark = sys.argv[1:]
asked = sys.stdin.read()
kind = "positions" if "# Claims" in asked else "claims" if '"claims"' in asked else "candidates"
answer = json.loads(answers)[kind]
if does == "agent answers":
    print(json.dumps(answer))
elif does == "agent tells its environment":
    said = json.dumps(dict(os.environ))
    if kind == "candidates":
        answer["rationale"] = said[:3000]
    elif kind == "claims":
        answer["claims"][0]["reason"] = said[:1500]
    print(json.dumps(answer))
elif does == "agent hangs":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", mark])
    time.sleep(600)
elif does == "agent dies":
    print("." * 200, "not logged in with", os.environ["COUNCIL_FAULTS_TOKEN"], "." * 265, file=sys.stderr)
    sys.exit(3)
elif does == "agent is killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif does == "agent floods":
    while True:
        print("x" * 100_000)
elif does == "agent floods its errors":
    for _ in range(20):
        print("x" * 100_000, file=sys.stderr)
    sys.exit(1)
else:
    print("No design is worth naming.")
"""
_TEMPORARY: Sequence[Fault] = (
    Fault("limit", retry_after=0), Fault("server", retry_after=0), Fault("half"), Fault("wrong_schema"),
    Fault("malformed"), Fault("refusal"), Fault("empty"), Fault("too_long"), Fault("key"),
)  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """One seat of one consultation: its name, what it does, and how it is reached."""

    name: str
    does: str
    provider: ProviderSettings

    @property
    def told(self) -> frozenset[str]:
        """How it may be told of."""
        slow = {"deadline"} if self.provider.seconds >= SECONDS else {"deadline", "timeout"}
        return {**FAULTS, **AGENTS}[self.does] | slow


def canaries() -> dict[str, str]:
    """Return variable → planted secret, for the environment."""
    return {
        KEY: "sk-canary-Qz7f3a9b2c4d5e6f7081",
        TOKEN: "tk-canary-Wx1b2c3d4e5f60718293",
        FOREIGN: "fk-canary-Vy9e8d7c6b5a49382716",
    }


def seated(
    number: int, design: Mapping[str, Any], home: Path, drawn: random.Random, stack: ExitStack, deadline: float
) -> list[Seat]:
    """Draw the seats of one consultation, and start what stands behind them.

    Args:
        number: of the consultation; no two have a seat's name in common.
        design: one that a seat may nominate.
        home: where agents are described.
        stack: ends the servers.
        deadline: seconds that the council is waited for.
    """
    kinds = [*FAULTS, *AGENTS]
    found: list[Seat] = []
    for place in range(drawn.randint(3, 5)):
        # The first seat goes round, so that every kind comes as often as the number of consultations says.
        does = kinds[number % len(kinds)] if place == 0 else drawn.choice(kinds)
        name = f"seat-{number}-{place}"
        seconds = drawn.choice([deadline / 4, SECONDS])
        if does in AGENTS:
            model = _described(home, name, does, design)
            found.append(Seat(name, does, ProviderSettings(model=model, seconds=seconds)))
            continue
        dialect = drawn.choice(sorted(DIALECTS))
        if does == "nobody listens":
            taken = stack.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))  # nobody else is given the port while it is held
            address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        else:
            address = stack.enter_context(FakeProvider(dialect, script(does, design, drawn))).base_url
        model = f"{DIALECTS[dialect]}:scripted"
        found.append(Seat(name, does, ProviderSettings(model=model, base_url=address, key=KEY, seconds=seconds)))
    return found


def script(does: str, design: Mapping[str, Any], drawn: random.Random) -> Callable[[Question], Any]:
    """Return what a provider says to each question."""
    secret = canaries()[KEY]
    if does == "any of these in turn":
        said = [drawn.choice([None, *_TEMPORARY]) for _ in range(5)]
        return lambda question: (said.pop() if said else None) or answer(question, design)
    if does == "answers":
        return lambda question: answer(question, design)
    if does == "leaks its key":
        return lambda question: answer(question, design, f"Your key is {secret}.")
    if does == "no Unicode":
        return lambda question: answer(question, design, "half a character: \ud83d")
    if does == "a megabyte":
        return lambda question: answer(question, design, "x" * 1_000_000)
    faults: Mapping[str, Fault] = {
        "limit": Fault("limit", retry_after=0),
        "limit, come back in a minute": Fault("limit", retry_after=60),
        "server, its error tells the key": Fault(
            "server", retry_after=0, said=f"{'.' * 240} no such key: {secret}\ud83d"
        ),
        "slow": Fault("slow", seconds=600),
    }
    fault = faults.get(does) or Fault(does)  # pyright: ignore[reportArgumentType]
    return lambda question: fault


def answer(question: Question, design: Mapping[str, Any], why: str = "It is cheap.") -> Reply:
    """Return an answer in the form that is asked for."""
    kind = (
        "positions" if "# Claims" in question.text else "claims" if "claims" in str(question.schema) else "candidates"
    )
    return Reply(data=answers(design, why)[kind])


def answers(design: Mapping[str, Any], why: str = "It is cheap.") -> dict[str, dict[str, Any]]:
    """Return form → an answer of that form."""
    return {
        "candidates": {"candidates": [dict(design)], "rationale": why, "confidence": 0.7},
        "claims": {"claims": [{"statement": "It scales before it splits.", "reason": why}]},
        "positions": {"positions": []},
    }


def mark(home: Path, name: str) -> str:
    """Return the argument by which every process of a seat's agent is known from those of other measurements."""
    return f"{home}/{name}"


def _described(home: Path, name: str, does: str, design: Mapping[str, Any]) -> str:
    """Describe a command-line agent that does so; return its model's name."""
    folder = home / "command_line"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "agent.py"
    if not program.exists():  # another agent may be about to read it
        program.write_text(AGENT, encoding="utf-8")
    command = [sys.executable, str(program), does, json.dumps(answers(design)), mark(home, name)]
    if does == "agent is not installed":
        command = [f"{name}-is-not-installed"]
    described = {"command": command, "environment": [TOKEN]}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
    return f"cli:{name}"
