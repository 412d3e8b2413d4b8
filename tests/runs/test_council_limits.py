"""Limits on tokens and money hold over agents and council together, and the report shows what each step took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from consulting import consulted, desk, seated
from test_council import BETTER, answer

import nonet
from nonet.agents.models import choose
from nonet.agents.playbook import PlaybookModel
from nonet.graphs.steps.spending import keep_limits, spending
from nonet.runs.result import Run
from nonet.testing import FakeProvider, Question, Reply

AGENT, SEAT = 10_000, 30
"""Tokens that the agent's question takes, and a seat's."""
ENOUGH_FOR_ONE = 14_000
"""Tokens that hold the agent's question or what a seat's may take at most, and not both. A token costs 1e-6 USD."""


def says(question: Question) -> Reply:
    if question.schema is None:
        return Reply("Nothing found.", input_tokens=AGENT - 10, output_tokens=10)
    return Reply(data=answer(BETTER), input_tokens=SEAT - 10, output_tokens=10)


@pytest.mark.parametrize("limit", [{"max_tokens": ENOUGH_FOR_ONE}, {"max_usd": ENOUGH_FOR_ONE / 1e6}])
async def test_what_an_agent_took_is_not_there_for_the_council(
    limit: dict[str, Any], settings: nonet.Settings, finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-7f3a9b2c4d5e6f70")
    with FakeProvider("openai", says) as fake:
        seats = seated(settings, {"openai": fake}, model="openai", **limit)
        mine = seats.providers["openai"].model_copy(update={"output_price": 1.0})
        seats = seats.model_copy(update={"providers": {"openai": mine}})
        alone = await consulted(desk(finished.folder, tmp_path / "alone", seats))
        assert alone["openai"].fault == ""

        at = desk(finished.folder, tmp_path / "run", seats)
        keep_limits(at)
        agent = choose(seats, PlaybookModel(playbook=lambda turn, results: []), spending(at), "librarian").model
        assert (await agent.ainvoke("Which notes?")).text == "Nothing found."
        asked = len(fake.questions)
        found = await consulted(at)
        assert found["openai"].fault == "spent"
        assert len(fake.questions) == asked, "the limit stands before the call that could break it"

        # A run that goes on without the flag keeps the limit it began with, and what was spent.
        again = desk(finished.folder, at.folder, seats.model_copy(update={"max_tokens": None, "max_usd": None}))
        (at.folder / "council.json").unlink()
        assert (await consulted(again))["openai"].fault == "spent"
        assert len(fake.questions) == asked
    report = (at.folder / "report.md").read_text()
    assert "openai gave no opinion (spent)" in report
    assert f"| librarian | 1 | 0 | {AGENT:,} | 0.0100 |" in report


async def test_a_limit_in_money_does_not_trust_a_model_without_a_price(
    settings: nonet.Settings, finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-7f3a9b2c4d5e6f70")
    with FakeProvider("openai", [answer(BETTER)]) as priced:
        seats = seated(settings, {"openai": priced, "gemini": priced}, max_usd=1.0)
        elsewhere = {"base_url": "http://models.invalid", "input_price": None, "output_price": None}
        unknown = seats.providers["gemini"].model_copy(update=elsewhere)
        seats = seats.model_copy(update={"providers": {**seats.providers, "gemini": unknown}})
        at = desk(finished.folder, tmp_path / "run", seats)
        found = await consulted(at)
    assert (found["openai"].fault, found["gemini"].fault) == ("", "spent")
    assert "no known price" in found["gemini"].said
    assert [row["step"] for row in at.rows("models.jsonl")] == ["consult:openai"], "nobody else was asked"
