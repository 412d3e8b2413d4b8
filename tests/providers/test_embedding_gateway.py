"""Embedding services through the run's gateway: keys stay here, limits hold, what was paid for is given again."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import ConfigurationError
from nonet.providers.embedding import resolve
from nonet.providers.embedding_gateway import EmbeddingGateway
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, Settings
from nonet.testing.embeddings import FakeEmbeddings, vector

KEY = "sk-secret-of-the-user"
VARIABLES = {"openai": "OPENAI_API_KEY", "cohere": "COHERE_API_KEY", "gemini": "GOOGLE_API_KEY"}
PATHS = {"openai": "/v1/embeddings", "cohere": "/v2/embed", "gemini": "/v1beta/models/small:batchEmbedContents"}


def body(service: str, texts: list[str], model: str = "small") -> dict[str, Any]:
    if service == "openai":
        return {"model": model, "input": texts}
    if service == "cohere":
        return {"model": model, "texts": texts, "input_type": "search_document", "embedding_types": ["float"]}
    return {
        "requests": [{"model": f"models/{model}", "content": {"parts": [{"text": t}]}, "taskType": "X"} for t in texts]
    }


def settings(url: str, service: str = "openai", **more: Any) -> Settings:
    provider = ProviderSettings(model=f"{service}:small", base_url=url, **more)
    return Settings(providers={"mine": provider}, offline=True)


def asked(gateway: EmbeddingGateway, service: str, content: Mapping[str, Any], token: str = "", path: str = ""):
    token = token or gateway.token
    headers = {"x-goog-api-key": token} if service == "gemini" else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(gateway.url + (path or PATHS[service]), json.dumps(content).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, KEY)


@pytest.mark.parametrize("service", list(PATHS))
def test_the_service_hears_the_key_and_the_worker_never_does(tmp_path: Path, service: str):
    with FakeEmbeddings() as server:
        chosen = settings(server.url, service)
        spending = Spending(tmp_path / "models.jsonl", hidden=[KEY])
        gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), spending)
        status, answer = asked(gateway, service, body(service, ["a river"]))
        gateway.close()
    assert status == 200
    assert json.dumps(vector("a river")) in json.dumps(answer)
    assert [(each.service, each.key) for each in server.questions] == [(service, KEY)]
    assert KEY not in gateway.token
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY not in written
    (row,) = spending.rows()
    assert (row.outcome, row.step, row.model) == ("answered", "embeddings", "small")
    assert row.asked == 2 if service != "gemini" else row.asked > 2  # Gemini does not count: what it is at most


def test_what_was_paid_for_is_given_again_by_the_next_process(tmp_path: Path):
    with FakeEmbeddings() as server:
        chosen = settings(server.url)
        for _ in range(2):
            spending = Spending(tmp_path / "models.jsonl")
            gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), spending)
            assert asked(gateway, "openai", body("openai", ["a river"]))[0] == 200
            gateway.close()
    assert len(server.questions) == 1
    assert len(Spending(tmp_path / "models.jsonl").rows()) == 1


def test_a_limit_stands_before_the_request(tmp_path: Path):
    with FakeEmbeddings() as server:
        chosen = settings(server.url)
        gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), Spending(tmp_path / "m.jsonl", max_tokens=100))
        assert asked(gateway, "openai", body("openai", ["short"]))[0] == 200
        status, said = asked(gateway, "openai", body("openai", ["long " * 200]))
        gateway.close()
    assert status == 402
    assert "100 are allowed" in said["error"]["message"]
    assert len(server.questions) == 1


def test_money_is_counted_by_the_price_that_the_settings_give(tmp_path: Path):
    with FakeEmbeddings() as server:
        chosen = settings(server.url, input_price=1000.0, output_price=0.0)
        spending = Spending(tmp_path / "m.jsonl", max_usd=0.2)
        gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), spending)
        assert asked(gateway, "openai", body("openai", ["one two three"]))[0] == 200
        assert spending.rows()[0].usd == pytest.approx(0.003)
        assert asked(gateway, "openai", body("openai", ["word " * 300]))[0] == 402
        gateway.close()


def test_faults_that_pass_are_waited_out_and_others_are_said_without_the_key(tmp_path: Path):
    with FakeEmbeddings(["limit", "server", None, "key", "malformed", "half"]) as server:
        chosen = settings(server.url)
        spending = Spending(tmp_path / "m.jsonl", hidden=[KEY])
        gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), spending)
        assert asked(gateway, "openai", body("openai", ["a"]))[0] == 200
        status, said = asked(gateway, "openai", body("openai", ["b"]))
        assert status == 401
        assert KEY not in json.dumps(said)
        assert asked(gateway, "openai", body("openai", ["c"]))[0] == 502
        assert asked(gateway, "openai", body("openai", ["d"]))[0] == 200  # half a body, asked again
        gateway.close()
    outcomes = [row.outcome for row in spending.rows()]
    assert outcomes == ["limit", "unavailable", "answered", "key", "malformed", "unavailable", "answered"]


def test_nothing_but_the_models_texts_is_passed_on():
    with FakeEmbeddings() as server:
        chosen = settings(server.url)
        gateway = EmbeddingGateway(chosen, resolve(chosen, "mine"), Spending())
        content = body("openai", ["a"])
        assert asked(gateway, "openai", content, token="guessed")[0] == 401
        assert asked(gateway, "openai", content, path="/v1/files")[0] == 404
        assert asked(gateway, "openai", body("openai", ["a"], model="dear"))[0] == 404
        gateway.close()
    assert not server.questions


def test_without_a_key_or_offline_it_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    for chosen, said in ((Settings(offline=False), "OPENAI_API_KEY"), (Settings(offline=True), "offline")):
        with pytest.raises(ConfigurationError, match=said):
            EmbeddingGateway(chosen, resolve(chosen, "openai:small"), Spending())
    with pytest.raises(ConfigurationError, match="names no service"):
        resolve(Settings(), "anthropic:small")
