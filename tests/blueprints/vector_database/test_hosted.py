"""The shipped client of embedding services, each in its own format, through the run's gateway."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nonet.blueprints import vector_database
from nonet.blueprints.vector_database.blueprint import blueprint
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.providers.embedding import resolve
from nonet.providers.embedding_gateway import EmbeddingGateway
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, Settings
from nonet.state import Brief
from nonet.testing.embeddings import FakeEmbeddings, vector
from nonet.trials.access import Grant, Reach
from nonet.trials.contract import Access

SOURCE = Path(vector_database.__file__).parent / "project" / "src"
SERVICES = {
    "openai": ("OPENAI_API_KEY", ("", "")),
    "cohere": ("COHERE_API_KEY", ("search_document", "search_query")),
    "gemini": ("GOOGLE_API_KEY", ("RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY")),
}


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(SOURCE))
    module = importlib.import_module("vectordb.embedding.hosted")
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    yield module
    for name in [name for name in sys.modules if name.split(".")[0] == "vectordb"]:
        del sys.modules[name]


def gateway(url: str, service: str, monkeypatch: pytest.MonkeyPatch) -> EmbeddingGateway:
    settings = Settings(providers={"mine": ProviderSettings(model=f"{service}:small", base_url=url)}, offline=True)
    monkeypatch.setenv(SERVICES[service][0], "sk-users")
    opened = EmbeddingGateway(settings, resolve(settings, "mine"), Spending())
    monkeypatch.delenv(SERVICES[service][0])
    monkeypatch.setenv("EMBEDDING_URL", opened.url)
    monkeypatch.setenv("EMBEDDING_KEY", opened.token)
    return opened


@pytest.mark.parametrize("service", list(SERVICES))
def test_texts_and_questions_are_embedded_through_the_gateway(
    hosted: Any, monkeypatch: pytest.MonkeyPatch, service: str
):
    texts = [f"text number {place}" for place in range(hosted.BATCH + 3)] + ["", "x" * 30_000]
    with FakeEmbeddings(["limit"]) as server:
        opened = gateway(server.url, service, monkeypatch)
        client = hosted.Hosted(f"{service}:small")
        found, question = client.embed(texts), client.ask("text number 7")
        opened.close()
    assert found == pytest.approx(np.asarray([vector(text[:24_000]) for text in texts]), abs=1e-6)
    assert question == pytest.approx(found[7], abs=1e-6)
    assert {each.purpose for each in server.questions[:-1]} == {SERVICES[service][1][0]}
    assert server.questions[-1].purpose == SERVICES[service][1][1]
    assert all(each.key == "sk-users" and "" not in each.texts for each in server.questions)
    assert service in client.version


@pytest.mark.parametrize(
    ("fault", "said"), [("key", "HTTP 401"), ("fewer", "0 vectors to 1 texts"), ("empty", "without vectors"),
                        ("malformed", "no JSON")],
)  # fmt: skip
def test_what_a_service_does_wrong_is_one_line(hosted: Any, monkeypatch: pytest.MonkeyPatch, fault: Any, said: str):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-users")
    with FakeEmbeddings([fault]) as server:
        monkeypatch.setenv("EMBEDDING_URL", server.url)
        with pytest.raises(Exception, match=said) as refused:
            hosted.Hosted("openai:small").ask("a")
    assert type(refused.value).__name__ == "DataError"
    assert "\n" not in str(refused.value)


def test_a_missing_key_and_an_unknown_service_are_said(hosted: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COHERE_API_KEY", raising=False)
    with pytest.raises(Exception, match="set COHERE_API_KEY"):
        hosted.Hosted("cohere:small").ask("a")
    with pytest.raises(Exception, match="names no embedding service"):
        hosted.Hosted("voyage:small")


def test_a_service_is_a_candidate_where_the_inputs_name_it():
    data = {
        "rows": 500, "metric": "cosine", "kind": "texts", "embeddings": "wordllama", "scale": 0, "payloads": False,
        "labels": "given", "units": 60, "words_total": 900, "pairs": 4,
    }  # fmt: skip
    inputs = Inputs(texts="t", queries="q", hosted=["cohere:embed-v4.0"])
    brief = Brief(workflow="vector_database", goal="Search", inputs={})
    designs = [each.design for each in blueprint.propose(brief, inputs, [], data).nominations]
    mine = [design for design in designs if design["embedding"] == "hosted"]
    assert {design["hybrid"] for design in mine} == {"none", "weighted"}
    assert blueprint.access(mine[0]) == Access(embedding="cohere:embed-v4.0")
    assert blueprint.describe(mine[0]).startswith("cohere:embed-v4.0")
    with pytest.raises(ValueError, match="names no embedding service"):
        Inputs(texts="t", hosted=["voyage:small"])


def test_a_design_that_names_a_service_gets_its_grant_and_no_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-users")
    asked: list[str] = []

    def grants(name: str) -> Grant:
        asked.append(name)
        return Grant(hosts=("tcp://127.0.0.1:9",), variables={"EMBEDDING_KEY": "token"})

    reach = Reach(blueprint.access, offline=True, embed=grants)
    found = reach.granted({"embedding": "hosted", "model_at": "openai:small"})
    assert (found.hosts, dict(found.variables or {})) == (("tcp://127.0.0.1:9",), {"EMBEDDING_KEY": "token"})
    assert asked == ["openai:small"]
    assert reach.granted({"embedding": "wordllama", "model_at": ""}).hosts == ()
