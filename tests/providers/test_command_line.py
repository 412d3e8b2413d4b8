"""Command-line agents as chat models: real processes, described by configuration alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from nonet.errors import ConfigurationError, ServiceError
from nonet.providers.chat import chat_model
from nonet.providers.command_line.description import describe, names
from nonet.providers.metered import MeteredModel
from nonet.providers.provider import lacking, resolve
from nonet.providers.secrecy import hidden
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, SeatSettings, Settings
from nonet.tools.clink.seat import seats

AGENT = str(Path(__file__).parent / "agent.py")


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Settings(home=str(tmp_path / "home"))


def agent(settings: Settings, behaviour: str, seconds: float = 30, variant: str = "", **described: Any) -> MeteredModel:
    folder = settings.home_path / "command_line"
    folder.mkdir(parents=True, exist_ok=True)
    described = {"command": [sys.executable, AGENT, behaviour], "read_only": ["--read-only"], **described}
    (folder / "mine.yaml").write_text(yaml.safe_dump(described))
    limits = ProviderSettings(model=f"cli:mine{variant}", seconds=seconds)
    settings = settings.model_copy(update={"providers": {"mine": limits}})
    provider = resolve(settings, "mine")
    assert lacking(settings, provider) is None
    return MeteredModel(provider=provider, inner=chat_model(settings, provider), spending=Spending())


JSON = {"form": "json", "answer": "result", "session": "session_id"}
JSONL = {
    "form": "jsonl",
    "event": {"type": "item.completed", "item.type": "agent_message"},
    "answer": "item.text",
    "session": "thread_id",
}


@pytest.mark.parametrize(("behaviour", "output"), [("text", {"form": "text"}), ("json", JSON), ("jsonl", JSONL)])
async def test_the_answer_is_found_where_the_description_says(settings, behaviour, output):
    found = await agent(settings, behaviour, output=output).ainvoke("Which design?")
    told = json.loads(found.text)
    assert told["prompt"] == "Which design?"
    assert told["arguments"] == ["--read-only"]
    assert told["folder"] == []


async def test_it_sees_the_variables_that_its_file_names_and_no_other(settings, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("AGENT_TOKEN", "t")
    told = json.loads((await agent(settings, "text", environment=["AGENT_TOKEN"]).ainvoke("Hi")).text)
    assert "AGENT_TOKEN" in told["environment"]
    assert "OPENAI_API_KEY" not in told["environment"]


async def test_its_role_and_model_are_told_by_its_arguments(settings):
    described = {"role": ["--role", "{role}"], "model": ["--model", "{model}"], "prompt": ["-"]}
    model = agent(settings, "text", variant="/small", **described)
    told = json.loads((await model.ainvoke([SystemMessage("Be {model}."), HumanMessage("Hi")])).text)
    assert told["arguments"] == ["--read-only", "--role", "Be {model}.", "--model", "small", "-"]
    assert told["prompt"] == "Hi"


async def test_without_an_argument_for_it_the_role_begins_the_prompt(settings):
    told = json.loads((await agent(settings, "text").ainvoke([SystemMessage("Be brief."), HumanMessage("Hi")])).text)
    assert told["prompt"] == "Be brief.\n\nHi"


async def test_a_conversation_is_continued_by_its_session(settings):
    model = agent(settings, "json", output=JSON, continuation=["--resume", "{session}"])
    first = await model.ainvoke("One?")
    second = json.loads((await model.ainvoke([HumanMessage("One?"), first, HumanMessage("Two?")])).text)
    assert second["arguments"] == ["--resume", "s-1", "--read-only"]
    assert second["prompt"] == "Two?"


async def test_without_sessions_the_earlier_turns_are_told(settings):
    turns = [HumanMessage("One?"), AIMessage("1."), HumanMessage("Two?")]
    told = json.loads((await agent(settings, "text").ainvoke(turns)).text)
    assert told["prompt"] == "You were asked:\nOne?\n\nYou answered:\n1.\n\nYou were asked:\nTwo?"


async def test_data_are_read_out_of_what_it_says(settings):
    schema = {"title": "Verdict", "type": "object", "properties": {"winner": {"type": "string"}}}
    found = await agent(settings, "verdict").structured(schema).ainvoke("Which?")
    assert found.additional_kwargs["data"] == {"winner": "b"}


async def test_of_a_long_answer_it_is_asked_for_the_substance(settings):
    assert (await agent(settings, "long").ainvoke("Hi")).text == "a short one"


@pytest.mark.parametrize(
    ("behaviour", "fault", "said"),
    [("fails", "unavailable", "not logged in"), ("floods", "malformed", "more than"), ("hangs", "timeout", "in time")],
)
async def test_a_failure_has_a_name(settings, behaviour, fault, said):
    with pytest.raises(ServiceError, match=said) as caught:
        await agent(settings, behaviour, seconds=3).ainvoke("Hi")
    assert caught.value.fault == fault


async def test_one_that_floods_its_errors_is_over_at_its_time_limit(settings):
    began = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        await agent(settings, "complains", seconds=0.5).ainvoke("Hi")
    assert caught.value.fault == "timeout"
    assert time.monotonic() - began < 10


async def test_not_even_half_of_what_it_was_given_is_in_its_error(settings, monkeypatch):
    monkeypatch.setenv("AGENT_TOKEN", "token-7f3a9b2c4d5e6f708192")
    with pytest.raises(ServiceError, match="ended with 2") as caught:
        await agent(settings, "tells its token", environment=["AGENT_TOKEN"]).ainvoke("Hi")
    assert "708192" not in caught.value.message


def test_secrets_that_its_file_names_are_struck_out_of_what_is_written(settings, monkeypatch):
    monkeypatch.setenv("AGENT_TOKEN", "token-7f3a9b2c")
    monkeypatch.setenv("AGENT_FOLDER", "/home/agent")
    agent(settings, "text", environment=["AGENT_TOKEN", "AGENT_FOLDER"])
    seated = settings.model_copy(update={"seats": (SeatSettings(provider="cli:mine"),)})
    assert hidden(seated) == ["token-7f3a9b2c"]
    assert "token-7f3a9b2c" not in hidden(settings)


async def test_what_it_started_is_killed_with_it(settings, tmp_path):
    with pytest.raises(ServiceError):
        await agent(settings, "hangs", seconds=4).ainvoke("Hi")
    child = int((tmp_path / "child").read_text())
    end = time.monotonic() + 5
    while _alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2][:3]
    except OSError:
        return False


async def test_a_prompt_that_it_does_not_read_harms_nothing(settings):
    found = agent(settings, "reads nothing", output={"form": "json", "answer": "result"})
    with pytest.raises(ServiceError, match="no answer"):
        await found.ainvoke("x" * 1_000_000)


def test_those_that_come_with_nonet_are_read_only(settings):
    assert {"claude", "codex", "gemini"} <= set(names(settings))
    for name in ("claude", "codex", "gemini"):
        assert describe(settings, name).read_only


def test_one_that_is_not_installed_is_told(settings, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (seat,) = seats(settings.model_copy(update={"seats": (SeatSettings(provider="cli:claude"),)}))
    assert seat.lack == "the program 'claude' is not on PATH"


def test_a_malformed_description_is_refused(settings):
    folder = settings.home_path / "command_line"
    folder.mkdir(parents=True)
    (folder / "odd.yaml").write_text("command: []\nshell: true\n")
    with pytest.raises(ConfigurationError, match="describes no agent"):
        describe(settings, "odd")
    with pytest.raises(ConfigurationError, match="claude"):
        describe(settings, "no-such-agent")
