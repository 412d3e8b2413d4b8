"""Limits of an agent with a model: calls, time, the context, tokens; and the right faults asked again."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nonet.agents import task
from nonet.agents.limits import LEFT_OUT
from nonet.agents.reader import reader
from nonet.agents.specialist import Findings, Task
from nonet.providers import retrying
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings
from nonet.testing import FakeProvider, Fault, Reply, ToolUse
from nonet.tools.contract import ToolContext

OWN = "note:rag_system/recursive"
"""What the model reads; the playbook reads ``NOTE``."""
NOTE = "note:rag_system/bm25"
READS = Reply(calls=[ToolUse("scrape_url", {"url": OWN})])


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0)
    monkeypatch.setenv("A_KEY", "secret-canary-1")


async def read(settings: Any, fake: FakeProvider, seconds: float = 60, spending: Spending | None = None) -> Findings:
    mine = ProviderSettings(model="openai:some-model", base_url=fake.base_url, key="A_KEY", seconds=30)
    reached = settings.model_copy(update={"model": "mine", "providers": {"mine": mine}})
    return await reader.run(Task("read", "", (NOTE,), seconds), ToolContext(reached), spending)


def references(found: Findings) -> list[str]:
    return [item.reference for item in found.evidence]


async def test_a_hung_model_ends_in_the_playbook_within_its_time(settings):
    with FakeProvider("openai", [READS, Fault("slow", seconds=30)]) as fake:
        began = time.monotonic()
        found = await read(settings, fake, seconds=1)
        assert time.monotonic() - began < 10
        assert len(fake.questions) == 2
    assert references(found) == [OWN, NOTE]
    assert any("the playbook went on (its 1 seconds were over)" in note for note in found.notes)
    assert found.concluded is None


@pytest.mark.parametrize(("kind", "questions"), [("limit", 3), ("server", 3), ("key", 1), ("refusal", 1)])
async def test_only_what_passes_is_asked_again_and_a_model_that_is_down_is_left_alone(kind, questions, settings):
    with FakeProvider("openai", [Fault(kind, retry_after=0)]) as fake:
        found = await read(settings, fake)
        assert len(fake.questions) == questions
    assert references(found) == [NOTE]


async def test_a_fault_that_passes_costs_nothing_but_the_wait(settings):
    with FakeProvider(
        "openai", [Fault("limit", retry_after=0), READS, Fault("server"), "Read.", {"findings": []}]
    ) as fake:
        found = await read(settings, fake)
    assert references(found) == [OWN]
    assert found.notes == []
    assert found.answer == "Read."


async def test_a_wait_longer_than_its_time_is_not_begun(settings):
    with FakeProvider("openai", [Fault("limit", retry_after=3600)]) as fake:
        began = time.monotonic()
        found = await read(settings, fake, seconds=20)
        assert time.monotonic() - began < 10
    assert references(found) == [NOTE]


async def test_a_conversation_that_is_too_long_goes_on_without_its_oldest_results(settings):
    script = [READS, Fault("too_long"), "Read.", {"findings": [{"statement": "It splits.", "references": [OWN]}]}]
    with FakeProvider("openai", script) as fake:
        found = await read(settings, fake)
        texts = [question.text for question in fake.questions]
    assert LEFT_OUT.partition("{")[0] not in texts[1]
    assert LEFT_OUT.format(references=OWN) in texts[2]
    assert len(texts[2]) < len(texts[1])
    assert found.answer == "Read."
    assert references(found) == [OWN]
    assert found.concluded is not None
    assert found.concluded.findings[0].references == [OWN]


async def test_what_is_too_long_without_them_too_ends_in_the_playbook(settings):
    with FakeProvider("openai", [READS, Fault("too_long")]) as fake:
        found = await read(settings, fake)
        assert len(fake.questions) == 3
    assert references(found) == [OWN, NOTE]


async def test_a_model_may_call_so_many_tools_and_the_rest_are_refused_in_one_note(settings, monkeypatch):
    many = Reply(calls=[ToolUse("scrape_url", {"url": OWN})] * (task.TOOL_CALLS + 5))
    with FakeProvider("openai", [many, "Enough.", {"findings": []}]) as fake:
        found = await read(settings, fake)
        told = [text for role, text in fake.questions[1].messages if role == "tool"]
    assert sum(text.startswith("Refused: ") for text in told) == 5
    assert found.notes == [f"reader: 5 calls beyond the {task.TOOL_CALLS} that its model may make were refused."]


async def test_a_model_that_never_ends_is_stopped_and_what_it_found_is_kept(settings):
    def script(question: Any) -> Any:
        return {"findings": []} if question.schema is not None else READS

    with FakeProvider("openai", script) as fake:
        found = await read(settings, fake)
        assert sum(question.schema is None for question in fake.questions) == task.MODEL_CALLS
    assert references(found) == [OWN]
    assert f"reader: stopped after {task.MODEL_CALLS} calls of its model." in found.notes
    assert found.concluded is not None


async def test_a_limit_on_tokens_hands_over_before_the_call_that_would_break_it(settings):
    with FakeProvider("openai", [Reply(calls=READS.calls, input_tokens=9_000), "Read."]) as fake:
        found = await read(settings, fake, spending=Spending(max_tokens=12_000))
        assert len(fake.questions) == 1
    assert references(found) == [OWN, NOTE]
    assert any("12,000 are allowed" in note for note in found.notes)


async def test_no_note_repeats_a_secret(settings):
    with FakeProvider("openai", [Reply(calls=[ToolUse("no_such_tool", {"key": "secret-canary-1"})]), "Sorry."]) as fake:
        found = await read(settings, fake)
    assert found.notes
    assert "secret-canary-1" not in "".join(found.notes)
