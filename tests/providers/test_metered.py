"""A model under a run's limits, through the real clients: faults, what is paid for once, no secret on record."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import ServiceError, SpentError
from nonet.providers.chat import chat_model
from nonet.providers.metered import MeteredModel
from nonet.providers.provider import resolve
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, Settings
from nonet.testing import FakeProvider, Fault, Reply, ToolUse

FAMILIES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
VERDICT = {
    "title": "Verdict",
    "description": "What it comes to.",
    "type": "object",
    "properties": {"winner": {"type": "string"}},
    "required": ["winner"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("A_KEY", "secret-canary-1")


def metered(fake: FakeProvider, name: str, spending: Spending | None = None, **limits: Any) -> MeteredModel:
    limits = {"key": "A_KEY", "input_price": 1, "output_price": 2, "seconds": 5, **limits}
    reached = ProviderSettings(model=f"{FAMILIES[name]}:some-model", base_url=fake.base_url, **limits)
    settings = Settings(providers={"mine": reached})
    provider = resolve(settings, "mine")
    inner = chat_model(settings, provider)
    return MeteredModel(provider=provider, inner=inner, spending=spending or Spending(), step="design")


@pytest.mark.parametrize("name", FAMILIES)
async def test_data_come_back_and_their_price_is_booked(name):
    spending = Spending()
    with FakeProvider(name, [Reply(data={"winner": "b"}, input_tokens=1000, output_tokens=500)]) as fake:
        message = await metered(fake, name, spending).structured(VERDICT).ainvoke("Which?")
    assert message.additional_kwargs["data"] == {"winner": "b"}
    (row,) = spending.rows()
    assert (row.step, row.provider, row.outcome, row.asked, row.answered) == ("design", "mine", "answered", 1000, 500)
    assert row.usd == pytest.approx(0.002)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("limit", "limit"),
        ("server", "unavailable"),
        ("key", "key"),
        ("too_long", "too_long"),
        ("slow", "timeout"),
        ("half", "unavailable"),
        ("malformed", "malformed"),
        ("refusal", "refused"),
        ("empty", "malformed"),
    ],
)
async def test_every_fault_has_one_name_whichever_the_client(name, kind, fault):
    spending = Spending()
    with FakeProvider(name, [Fault(kind, retry_after=7, seconds=30)]) as fake:
        with pytest.raises(ServiceError) as caught:
            await metered(fake, name, spending, seconds=1 if kind == "slow" else 30).ainvoke("Hi")
        assert len(fake.questions) == 1
    assert caught.value.fault == fault
    assert spending.rows()[0].outcome == fault
    if kind == "limit" and name != "gemini":  # Gemini's client keeps the header to itself
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("name", FAMILIES)
async def test_what_was_paid_for_is_not_paid_for_again(name, tmp_path):
    path = tmp_path / "models.jsonl"
    script = [Reply(calls=[ToolUse("look_up", {"word": "race"})]), {"winner": "b"}]
    with FakeProvider(name, script) as fake:
        for _ in range(2):  # a run that was killed, and the one that goes on
            spending = Spending(path, hidden=["secret-canary-1"])
            model = metered(fake, name, spending)
            called = await model.ainvoke("Hi")
            assert called.tool_calls[0]["args"] == {"word": "race"}
            found = await model.structured(VERDICT).ainvoke("Which?")
            assert found.additional_kwargs["data"] == {"winner": "b"}
        assert len(fake.questions) == 2
    assert "secret-canary-1" not in path.read_text()


async def test_a_secret_that_a_model_repeats_is_struck_out(tmp_path):
    path = tmp_path / "models.jsonl"
    with FakeProvider("openai", lambda question: f"Your key is {question.key}.") as fake:
        await metered(fake, "openai", Spending(path, hidden=["secret-canary-1"])).ainvoke("Hi")
    assert "secret-canary-1" not in path.read_text()
    assert "[secret]" in path.read_text()


async def test_not_even_half_of_a_secret_is_in_an_error_that_is_cut():
    secret = "secret-canary-0123456789"
    error = Fault("server", said="." * 270 + secret + "\ud83d")
    with FakeProvider("openai", [error]) as fake, pytest.raises(ServiceError) as caught:
        await metered(fake, "openai", Spending(hidden=[secret])).ainvoke("Hi")
    assert secret[:8] not in caught.value.message
    assert caught.value.message.encode()


@pytest.mark.parametrize("name", FAMILIES)
async def test_half_a_character_is_kept_as_it_came(name, tmp_path):
    spending = Spending(tmp_path / "models.jsonl")
    with FakeProvider(name, [Reply(data={"winner": "\ud83d"})]) as fake:
        message = await metered(fake, name, spending).structured(VERDICT).ainvoke("Which?")
        again = await metered(fake, name, Spending(tmp_path / "models.jsonl")).structured(VERDICT).ainvoke("Which?")
        assert len(fake.questions) == 1
    assert message.additional_kwargs["data"] == again.additional_kwargs["data"] == {"winner": "\ud83d"}


@pytest.mark.parametrize("name", FAMILIES)
async def test_every_client_tells_when_to_come_back(name):
    with FakeProvider(name, [Fault("limit", retry_after=7)]) as fake, pytest.raises(ServiceError) as caught:
        await metered(fake, name).ainvoke("Hi")
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_is_asked_from_one_event_loop_after_another(name):
    with FakeProvider(name, ["Hello."]) as fake:
        for _ in range(3):
            assert asyncio.run(metered(fake, name).ainvoke("Hi")).text == "Hello."
            assert metered(fake, name).invoke("Hi").text == "Hello."


async def test_the_whole_transcript_of_a_call_is_kept(tmp_path):
    with FakeProvider("openai", ["Because."]) as fake:
        spending = Spending(tmp_path / "models.jsonl", hidden=["secret-canary-1"])
        await metered(fake, "openai", spending).ainvoke("Why? My key is secret-canary-1.")
    (row,) = spending.rows()
    text = (tmp_path / "models" / f"{row.request}.json").read_text()
    kept = json.loads(text)
    assert kept["messages"][0]["data"]["content"] == "Why? My key is [secret]."
    assert kept["answer"]["data"]["content"] == "Because."
    assert (kept["step"], kept["outcome"]) == ("design", "answered")


async def test_a_call_that_could_break_a_limit_is_not_made(tmp_path):
    with FakeProvider("openai", ["Hello."]) as fake:
        for limit in ({"max_tokens": 3000}, {"max_usd": 0.006}):
            with pytest.raises(SpentError, match="allowed"):
                await metered(fake, "openai", Spending(**limit)).ainvoke("Hi")
        model = metered(fake, "openai", Spending(max_usd=1))
        limits = model.provider.limits.model_copy(update={"input_price": None, "base_url": "https://a.example"})
        unpriced = model.model_copy(update={"provider": replace(model.provider, limits=limits)})
        with pytest.raises(SpentError, match="no known price"):
            await unpriced.ainvoke("Hi")
        assert not fake.questions


async def test_calls_at_once_never_break_a_limit_together():
    with FakeProvider("openai", [Reply("Hello.", seconds=0.1)]) as fake:
        spending = Spending(max_tokens=10_000)
        model = metered(fake, "openai", spending, concurrency=16, most_tokens=4000)
        found = await asyncio.gather(*(model.ainvoke(f"Hi {n}") for n in range(8)), return_exceptions=True)
    assert sum(isinstance(each, SpentError) for each in found) == 6
    assert len(fake.questions) == 2


async def test_no_more_run_at_once_than_allowed():
    with FakeProvider("openai", [Reply("Hello.", seconds=0.2)]) as fake:
        model = metered(fake, "openai", concurrency=2)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(model.ainvoke(f"Hi {n}") for n in range(6)))
        assert asyncio.get_running_loop().time() - began >= 0.6


def test_a_line_torn_by_a_kill_costs_itself_alone(tmp_path):
    path = tmp_path / "models.jsonl"
    whole = {
        "request": "r1", "step": "s", "provider": "p", "model": "m", "outcome": "answered",
        "asked": 1, "answered": 1, "usd": 0.5, "seconds": 0.1, "at": 1.0, "answer": None,
    }  # fmt: skip
    path.write_text(json.dumps(whole) + "\n" + json.dumps(whole)[:40])
    spending = Spending(path)
    assert spending.spent() == (2, 0.5)
    spending.book(0, spending.rows()[0])
    assert len(Spending(path).rows()) == 2


def test_a_key_may_stand_in_a_file_that_the_user_names(tmp_path: Path, monkeypatch):
    from nonet.providers.keys import secret

    (tmp_path / ".env").write_text("# keys\nexport B_KEY='b 1'\nA_KEY=other\nC_KEY=c # mine\n")
    settings = Settings(env_file=str(tmp_path / ".env"))
    assert secret(settings, "B_KEY") == "b 1"
    assert secret(settings, "C_KEY") == "c"
    assert secret(settings, "A_KEY") == "secret-canary-1"
    assert secret(Settings(), "B_KEY") == ""


@pytest.mark.parametrize("name", ["anthropic", "gemini"])
@pytest.mark.parametrize("text", ['{"winner": "b"}', 'Here it is:\n```json\n{"winner": "b"}\n```'])
async def test_where_structured_output_is_rejected_the_same_call_asks_in_words(name, text):
    def script(question):
        # Whatever it is called in this format, a 400 that says nothing of lengths.
        refused = Fault("too_long", said="structured output is not supported by this model")
        return refused if question.schema is not None else Reply(text, input_tokens=30, output_tokens=5)

    spending = Spending()
    with FakeProvider(name, script) as fake:
        message = await metered(fake, name, spending).structured(VERDICT).ainvoke("Which?")
        assert '"winner"' in fake.questions[1].text
        assert len(fake.questions) == 2
    assert message.additional_kwargs["data"] == {"winner": "b"}
    assert [(row.outcome, row.asked, row.answered) for row in spending.rows()] == [("answered", 30, 5)]


async def test_a_question_that_is_too_long_is_not_asked_again_in_words():
    with FakeProvider("anthropic", [Fault("too_long")]) as fake:
        with pytest.raises(ServiceError) as caught:
            await metered(fake, "anthropic").structured(VERDICT).ainvoke("Which?")
        assert len(fake.questions) == 1
    assert caught.value.fault == "too_long"
