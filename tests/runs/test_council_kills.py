"""Killed again and again while three seats are asked: what reached the synchronised journal is never asked again."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from consulting import consulted, desk, seated
from test_council import BETTER, OTHER, answer

import nonet
from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.desk import Desk
from nonet.providers import retrying
from nonet.providers.chat import preload
from nonet.runs.result import Run
from nonet.testing import FakeProvider, Question, Reply


def consult_once(folder: Path, finished: Path, settings: nonet.Settings) -> None:
    """Consult in a process of its own, as a run that goes on does."""
    retrying.FIRST_WAIT = 0.0
    asyncio.run(consulted(desk(finished, folder, settings)))
    os._exit(0)


def answered(folder: Path) -> dict[str, int]:
    """Return seat → answers of it in whole lines of the journal."""
    path, found = folder / "models.jsonl", dict[str, int]()
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
        row = json.loads(line) if line.endswith(b"\n") else {}
        if row.get("outcome") == "answered":
            seat = row["step"].removeprefix("consult:")
            found[seat] = found.get(seat, 0) + 1
    return found


def killed(folder: Path, finished: Path, settings: nonet.Settings, rows: int) -> bool:
    """Consult until the journal holds so many answers, then kill -9; say whether it had to be killed."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=consult_once, args=(folder, finished, settings))
    process.start()
    assert process.pid is not None
    until = time.monotonic() + 60
    while process.is_alive() and sum(answered(folder).values()) < rows and time.monotonic() < until:
        time.sleep(0.002)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def asked_again(before: Mapping[str, int], fakes: Mapping[str, FakeProvider], heard: Mapping[str, int]) -> list[str]:
    """Return the seats that were asked, since a kill, a question whose answer was in the journal then."""
    found: list[str] = []
    for name, fake in fakes.items():
        known = list(dict.fromkeys(each.text for each in fake.questions[: heard[name]]))[: before.get(name, 0)]
        found += [name for each in fake.questions[heard[name] :] if each.text in known]
    return found


def test_however_often_it_is_killed_no_answer_in_the_journal_is_paid_for_again(
    settings: nonet.Settings, finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-7f3a9b2c4d5e6f70")
    folder = tmp_path / "run"
    wrong = answer({"model": "forest"})

    def mends(question: Question) -> Reply:
        return Reply(data=answer(OTHER) if "forest" in question.text else wrong, seconds=0.1)

    def falls_silent(question: Question) -> Reply:
        return Reply(data=wrong, seconds=300 if "forest" in question.text else 0.2)

    with FakeProvider("openai", [answer(BETTER)]) as openai, FakeProvider("anthropic", mends) as anthropic:
        with FakeProvider("gemini", falls_silent) as gemini:
            fakes = {"openai": openai, "anthropic": anthropic, "gemini": gemini}
            seats = seated(settings, fakes, seat_seconds=60.0)
            preload(seats)
            for rows in (0, 1, 2, 3):
                before, heard = answered(folder), {name: len(fake.questions) for name, fake in fakes.items()}
                assert killed(folder, finished.folder, seats, rows)
                assert asked_again(before, fakes, heard) == []
        # Its server is gone: whatever it had not said by then, it will not say any more.
        before, heard = answered(folder), {name: len(fake.questions) for name, fake in fakes.items()}
        assert before["openai"] == 1
        assert not killed(folder, finished.folder, seats, 99)
        assert asked_again(before, fakes, heard) == []
        assert answered(folder) | {"gemini": 0} == {"openai": 1, "anthropic": 2, "gemini": 0}
    found = opinions.given(Desk(folder, seats, desk(finished.folder, folder, seats).blueprint))
    assert [found[name].fault for name in ("openai", "anthropic", "gemini")] == ["", "", "unavailable"]
    assert found["anthropic"].repaired
    assert "gemini gave no opinion (unavailable)" in (folder / "report.md").read_text()
