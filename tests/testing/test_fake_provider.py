"""The fakes speak the real wire formats: every promise here goes through the provider's own client."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.chat_models import init_chat_model
from langchain_core.tools import tool
from pydantic import BaseModel, ValidationError

from nonet.testing import FakeProvider, Fault, Reply, ToolUse

CLIENTS = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
PROVIDERS = list(CLIENTS)


def model(provider: FakeProvider, name: str, **options: Any):
    options = {"api_key": "key-1", "max_retries": 0, "timeout": 3, **options}
    return init_chat_model(f"{CLIENTS[name]}:some-model", base_url=provider.base_url, **options)


class Verdict(BaseModel):
    """What it comes to."""

    winner: str
    confidence: float


@tool
def look_up(word: str) -> str:
    """Look a word up."""
    return word


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_scripted_answer_with_its_usage(name):
    with FakeProvider(name, ["One.", Reply("Two.", input_tokens=7, output_tokens=3)]) as provider:
        chat = model(provider, name)
        assert (await chat.ainvoke([("system", "Be brief."), ("user", "Hi")])).text == "One."
        second = await chat.ainvoke("Again")
        assert second.text == "Two."
        assert (second.usage_metadata["input_tokens"], second.usage_metadata["output_tokens"]) == (7, 3)
        asked = provider.questions[0]
        assert (asked.model, asked.key, asked.system) == ("some-model", "key-1", "Be brief.")
        assert asked.messages == (("user", "Hi"),)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_streamed_answer_comes_in_pieces(name):
    with FakeProvider(name, ["A longer answer in pieces."]) as provider:
        parts = [part.text async for part in model(provider, name).astream("Hi")]
        assert "".join(parts) == "A longer answer in pieces."
        assert len([part for part in parts if part]) > 1
        assert provider.questions[0].stream


@pytest.mark.parametrize("name", PROVIDERS)
async def test_structured_output(name):
    with FakeProvider(name, [{"winner": "b", "confidence": 0.5}]) as provider:
        found = await model(provider, name).with_structured_output(Verdict).ainvoke("Which?")
        assert found == Verdict(winner="b", confidence=0.5)
        assert set(provider.questions[0].schema["properties"]) == {"winner", "confidence"}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_tools_are_called_and_their_answers_heard(name):
    script = [Reply(calls=[ToolUse("look_up", {"word": "race"})]), "Done."]
    with FakeProvider(name, script) as provider:
        chat = model(provider, name).bind_tools([look_up])
        called = await chat.ainvoke("Hi")
        (call,) = called.tool_calls
        assert (call["name"], call["args"]) == ("look_up", {"word": "race"})
        done = await chat.ainvoke([("user", "Hi"), called, await look_up.ainvoke(call)])
        assert done.text == "Done."
        assert provider.questions[1].tools == ("look_up",)
        assert ("tool", "race") in [
            (role, "race" if "race" in text else text) for role, text in provider.questions[1].messages
        ]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("kind", ["limit", "server", "key", "too_long", "slow", "half", "malformed"])
async def test_a_fault_reaches_the_client(name, kind):
    with FakeProvider(name, [Fault(kind, retry_after=0, seconds=30)]) as provider:
        with pytest.raises(Exception):  # noqa: B017, PT011 each client has error classes of its own
            await model(provider, name, timeout=1).ainvoke("Hi")
        assert provider.questions


@pytest.mark.parametrize("name", PROVIDERS)
async def test_what_does_not_fit_the_schema_is_found_out(name):
    with FakeProvider(name, [Fault("wrong_schema")]) as provider:
        chat = model(provider, name).with_structured_output(Verdict, include_raw=True)
        try:
            found = await chat.ainvoke("Which?")
        except ValidationError:  # OpenAI's client parses before LangChain does
            assert name == "openai"
        else:
            assert found["parsed"] is None
            assert found["parsing_error"] is not None


@pytest.mark.parametrize("name", PROVIDERS)
async def test_nothing_and_a_refusal_are_no_answers(name):
    with FakeProvider(name, [Fault("empty"), Fault("refusal")]) as provider:
        assert (await model(provider, name).ainvoke("Hi")).text == ""
        refused = await model(provider, name).ainvoke("Hi")
        assert "cannot help" in refused.text + str(refused.additional_kwargs) or "SAFETY" in str(
            refused.response_metadata
        )


async def test_a_function_may_answer():
    with FakeProvider("openai", lambda question: f"{question.model} heard {question.messages[-1][1]}") as provider:
        assert (await model(provider, "openai").ainvoke("Hi")).text == "some-model heard Hi"
