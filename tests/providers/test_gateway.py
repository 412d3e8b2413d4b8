"""A run's chat model at a loopback address, asked through the real client, backed by each family's real client."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from nonet.errors import ConfigurationError
from nonet.providers import retrying
from nonet.providers.gateway import Gateway
from nonet.providers.provider import resolve
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, Settings
from nonet.testing import FakeProvider, Fault, Reply

KEY = "sk-canary-0123456789"
FAMILIES = {"openai": "openai", "anthropic": "anthropic", "google_genai": "gemini"}
ASKED = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "What is hot?"}]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.0)


@contextmanager
def opened(fake: FakeProvider, spending: Spending, family: str = "openai") -> Generator[Gateway]:
    limits = ProviderSettings(model=f"{family}:any", base_url=fake.base_url, key="CANARY_KEY", most_tokens=50)
    settings = Settings(providers={"asked": limits})
    found = Gateway(settings, resolve(settings, "asked"), spending)
    try:
        yield found
    finally:
        found.close()


def post(at: Gateway, body: Any = None, token: str | None = None, path: str = "/chat/completions") -> httpx.Response:
    headers = {"Authorization": f"Bearer {at.token if token is None else token}"}
    return httpx.post(at.url + path, json=body or {"model": "any", "messages": ASKED}, headers=headers, timeout=20)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_answers_as_openai_does_and_is_paid_for_once(family: str, tmp_path: Path):
    journal = tmp_path / "models.jsonl"
    with FakeProvider(FAMILIES[family], ["Fire.", "Ice."]) as fake:
        with opened(fake, Spending(journal), family) as first:
            told = [post(first).json() for _ in range(2)]
        with opened(fake, Spending(journal), family) as second:  # another process, after a kill
            told.append(post(second).json())
    assert [each["choices"][0]["message"]["content"] for each in told] == ["Fire."] * 3
    assert told[0]["usage"] == {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    assert [question.key for question in fake.questions] == [KEY]
    assert "Be short." in fake.questions[0].text
    assert not any(KEY in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_who_does_not_know_the_token_is_not_answered():
    with FakeProvider("openai", ["Fire."]) as fake, opened(fake, Spending()) as at:
        assert {post(at, token=token).status_code for token in ("x", "wrong", KEY)} == {401}
        assert httpx.post(f"{at.url}/chat/completions", json={"messages": ASKED}).status_code == 401
        assert not fake.questions
        assert at.host.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        ([1], "/chat/completions", 400),
        ({"messages": []}, "/chat/completions", 400),
        ({"messages": [{"role": "tool", "content": "x"}]}, "/chat/completions", 400),
        ({"messages": ASKED, "stream": True}, "/chat/completions", 400),
        ({"messages": [{"role": "user", "content": "x" * (1 << 20)}]}, "/chat/completions", 413),
        ({"messages": ASKED}, "/models", 404),
    ],
)
def test_what_is_no_question_is_refused_and_asks_nobody(body: Any, path: str, status: int):
    with FakeProvider("openai", ["Fire."]) as fake, opened(fake, Spending()) as at:
        try:
            assert post(at, body, path=path).status_code == status
        except httpx.WriteError:
            assert status == 413  # it hung up before all of it was sent
        assert post(at).status_code == 200
    assert len(fake.questions) == 1


def test_limits_stand_before_the_next_question():
    with FakeProvider("openai", ["Fire."]) as fake, opened(fake, Spending(max_tokens=100)) as at:
        assert post(at).status_code == 200
        other = {"messages": [{"role": "user", "content": "And what is cold, if anything is? " * 4}]}
        refused = post(at, other)
        assert post(at).status_code == 200, "what was paid for is told again"
    assert refused.status_code == 402
    assert "tokens" in refused.json()["error"]["message"]
    assert len(fake.questions) == 1


def test_what_passes_is_asked_again_and_what_does_not_is_told():
    script = [Fault("server"), Fault("limit"), "Fire."]
    with FakeProvider("openai", script) as fake, opened(fake, Spending()) as at:
        assert post(at).status_code == 200
    assert len(fake.questions) == 3
    faults = {
        Fault("key"): 401,
        Fault("refusal"): 422,
        Fault("too_long"): 400,
        Fault("server"): 503,
        Fault("empty"): 502,
    }
    for fault, status in faults.items():
        with FakeProvider("openai", [fault]) as fake, opened(fake, Spending()) as at:
            answer = post(at)
        assert answer.status_code == status, fault
        assert KEY not in answer.text


def test_an_answer_given_again_takes_as_long_as_it_took():
    with FakeProvider("openai", [Reply("Fire.", seconds=0.3)]) as fake, opened(fake, Spending()) as at:
        for _ in range(2):
            began = time.monotonic()
            post(at)
            assert time.monotonic() - began >= 0.3
    assert len(fake.questions) == 1


def test_a_model_without_its_key_is_not_served(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        Gateway(Settings(), resolve(Settings(), "openai:any"), Spending())


def test_a_closed_gateway_answers_nobody():
    with FakeProvider("openai", ["Fire."]) as fake, opened(fake, Spending()) as at:
        pass
    with pytest.raises(httpx.ConnectError):
        post(at)
