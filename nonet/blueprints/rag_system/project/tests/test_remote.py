import time
from collections.abc import Callable
from pathlib import Path

import loopback
import numpy as np
import pytest
from loopback import Reply, Request, served

from rag import remote
from rag.embedding import endpoint, wordllama
from rag.errors import ModelError, SettingsError
from rag.remote import Endpoint
from rag.reranking.endpoint import EndpointReranker
from rag.settings import Settings
from rag.system import System, index, open_shipped

pytestmark = pytest.mark.slow

TEXTS = ["Stop the database first.", "Coffee is free on Fridays.", "Passwords expire after ninety days."]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_EMBEDDING_KEY", "sesame")
    monkeypatch.setenv("RAG_RERANK_KEY", "open-up")
    monkeypatch.setattr(remote, "WAITS", (0.01, 0.01, 0.01))


def refused(call: Callable[[], object]) -> str:
    """Return the error's one line, which holds no key."""
    with pytest.raises(ModelError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert "sesame" not in text
    assert "open-up" not in text
    return text


def test_embeddings_are_asked_for_in_batches_and_come_back_in_order():
    texts = [f"{text} {number}" for number in range(50) for text in TEXTS]
    with served(loopback.embeddings) as (url, requests):
        found = np.stack([vector for vector, _ in endpoint.load(url, "some-model").passages(texts)])
        query = endpoint.load(url, "some-model").query(texts[1])
    np.testing.assert_allclose(found, wordllama.load().embed(texts)[0], atol=1e-6)
    np.testing.assert_allclose(query, found[1], atol=1e-6)
    assert [len(request.body["input"]) for request in requests] == [64, 64, 22, 1]
    assert {request.path for request in requests} == {"/v1/embeddings"}
    assert {request.key for request in requests} == {"Bearer sesame"}
    assert {request.body["model"] for request in requests} == {"some-model"}


def test_a_whole_index_behind_a_url_ranks_as_its_model_does(built: Callable[..., System]):
    question = "How do I restore a backup?"
    wanted = built(embedding="wordllama").search(question)
    with served(loopback.embeddings) as (url, _):
        found = built(embedding="url", embedding_at=url, embedding_model="m").search(question)
        assert [doc for doc, _ in found.docs] == [doc for doc, _ in wanted.docs]
        np.testing.assert_allclose([s for _, s in found.docs], [s for _, s in wanted.docs], atol=1e-3)


def test_what_is_overloaded_is_asked_again_after_the_time_it_names():
    answers = iter([Reply({}, 429, {"Retry-After": "1"}), Reply({}, 503)])
    began = time.monotonic()
    with served(lambda request: next(answers, None) or loopback.embeddings(request)) as (url, requests):
        assert len(list(endpoint.load(url, "m").passages(TEXTS))) == 3
    assert len(requests) == 3
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("named", ["120", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_long_wait_is_no_wait(named: str):
    with served(lambda _: Reply({}, 429, {"Retry-After": named})) as (url, requests):
        text = refused(lambda: endpoint.load(url, "m").query("x"))
    assert "answered 429 and asks to wait" in text
    assert len(requests) == 1


@pytest.mark.parametrize("named", ["soon", "Fri, 01 Jan 1999 00:00:00 GMT", "0"])
def test_a_wait_that_says_nothing_or_is_over_is_short(named: str):
    answers = iter([Reply({}, 429, {"Retry-After": named})])
    with served(lambda request: next(answers, None) or loopback.embeddings(request)) as (url, _):
        assert endpoint.load(url, "m").query("x").shape == (256,)


def test_four_failures_are_enough():
    with served(lambda _: Reply({"error": {"message": "boiler broke"}}, 500)) as (url, requests):
        assert refused(lambda: endpoint.load(url, "m").query("x")) == f"{url} answered 500 (boiler broke)."
    assert len(requests) == 4


def test_a_refused_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch):
    echo = {"error": {"message": "Incorrect API key provided: sesame"}}
    with served(lambda _: Reply(echo, 401)) as (url, requests):
        assert "refused the key in RAG_EMBEDDING_KEY" in refused(lambda: endpoint.load(url, "m").query("x"))
        monkeypatch.delenv("RAG_EMBEDDING_KEY")
        assert "set RAG_EMBEDDING_KEY" in refused(lambda: endpoint.load(url, "other").query("x"))
    assert [request.key for request in requests] == ["Bearer sesame", None]


def test_a_reason_is_told_without_the_key():
    with served(lambda _: Reply({"error": {"message": "no model\nm for sesame"}}, 404)) as (url, requests):
        assert refused(lambda: endpoint.load(url, "m").query("x")) == f"{url} answered 404 (no model m for …)."
    assert len(requests) == 1


def items(*vectors: object) -> Reply:
    return Reply({"data": [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]})


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (items([1.0, 0.0]), "1 embeddings for 2 texts"),
        (items([1.0], [1.0], [1.0]), "3 embeddings for 2 texts"),
        (Reply({"data": [{"index": 0, "embedding": [1.0]}] * 2}), "2 embeddings for 2 texts"),
        (items([1.0, 0.0], [1.0]), "did not reply with embeddings"),
        (items([], []), "no vectors of numbers"),
        (items([1.0, float("nan")], [1.0, 0.0]), "no vectors of numbers"),
        (items("AAAA", "AAAA"), "did not reply with embeddings"),
        (Reply({"object": "list"}), "did not reply with embeddings"),
        (Reply([1, 2]), "did not reply with embeddings"),
        (Reply(b"<html>"), "did not reply with JSON"),
    ],
)
def test_what_is_no_reply_is_an_error(reply: Reply, complaint: str):
    with served(lambda _: reply) as (url, _):
        text = refused(lambda: list(endpoint.load(url, "m").passages(TEXTS[:2])))
    assert complaint in text
    assert url in text


def test_dimensions_may_not_change():
    widths = iter([4, 5])
    with served(lambda _: items([1.0] * next(widths))) as (url, _):
        model = endpoint.load(url, "m")
        model.query("x")
        assert "5 dimensions, with 4 before" in refused(lambda: model.query("x"))


def test_an_index_of_other_dimensions_is_named(settings_for: Callable[..., Settings], corpus: Path):
    changed: list[bool] = []
    with served(lambda request: items([1.0, 0.0]) if changed else loopback.embeddings(request)) as (url, _):
        settings = settings_for(embedding="url", embedding_at=url, embedding_model="m", retrieval="dense")
        index(settings, corpus)
        changed.append(True)
        endpoint.load.cache_clear()  # as in another process
        assert "index holds 256; run `rag index`" in refused(lambda: open_shipped(settings).search("backup"))


def test_what_is_not_there_is_said_after_some_tries():
    with served(loopback.embeddings) as (url, _):
        pass
    assert refused(lambda: endpoint.load(url, "m").query("x")) == f"{url} cannot be reached: ConnectError."


def test_time_is_limited():
    def slow(request: Request) -> Reply:
        time.sleep(0.6)
        return loopback.embeddings(request)

    with served(slow) as (url, requests):
        assert "did not answer within 0.2 s" in refused(lambda: Endpoint(url, "NONE", 0.2).post("embeddings", {}))
    assert len(requests) == 1


@pytest.mark.parametrize(
    "url", ["", "models.example/v1", "ftp://models.example", "https://user:sesame@models.example/v1"]
)
def test_what_is_no_url_is_refused_without_showing_it(url: str):
    with pytest.raises(SettingsError) as caught:
        endpoint.load(url, "m")
    assert "sesame" not in str(caught.value)


def test_a_query_of_the_url_is_sent_and_not_shown():
    with served(lambda _: Reply({}, 404)) as (url, requests):
        assert "code=" not in refused(lambda: Endpoint(f"{url}?code=77", "NONE").post("embeddings", {}))
    assert requests[0].path == "/v1/embeddings?code=77"


# ---- reranking -----------------------------------------------------------------------------------------------------


def test_reranking_sends_texts_and_reads_scores_in_order():
    with served(loopback.reranking) as (url, requests):
        scores = EndpointReranker(url, "some-reranker").scores("passwords expire", TEXTS)
    np.testing.assert_allclose(scores, [0, 0, 1])
    assert requests[0].path == "/v1/rerank"
    assert requests[0].key == "Bearer open-up"
    assert requests[0].body == {
        "model": "some-reranker",
        "query": "passwords expire",
        "documents": TEXTS,
        "top_n": 3,
    }


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"results": [{"index": 0, "relevance_score": 1.0}]}, "scored 1 of 2"),
        ({"results": [{"index": 0, "relevance_score": 1.0}] * 2}, "scored 2 of 2"),
        ({"results": [{"index": i, "relevance_score": None} for i in range(2)]}, "no numbers"),
        ({"results": [{"index": i, "relevance_score": "high"} for i in range(2)]}, "did not reply with a reranking"),
        ({"results": [{"index": i} for i in range(2)]}, "did not reply with a reranking"),
        ({"data": []}, "did not reply with a reranking"),
    ],
)
def test_what_is_no_reranking_is_an_error(body: object, complaint: str):
    with served(lambda _: Reply(body)) as (url, _):
        assert complaint in refused(lambda: EndpointReranker(url, "").scores("x", TEXTS[:2]))


def test_the_indexed_text_of_the_first_chunks_is_reranked(built: Callable[..., System]):
    with served(loopback.reranking) as (url, requests):
        system = built(rerank="url", rerank_at=url, rerank_weight=1.0, rerank_depth=5, chunking="headings")
        found = system.search("windows msi backups")
        blank = system.search(" ")
    (request,) = requests  # nothing is asked about a blank question
    assert len(request.body["documents"]) == 5
    (windows,) = [text for text in request.body["documents"] if "MSI" in text]
    assert windows.startswith("Installing")  # the title, by which it is indexed too
    assert system.chunk(found.chunks[0][0]).text.strip().endswith("Use the MSI package.")
    assert blank.chunks


def test_a_reranker_that_fails_fails_the_search(built: Callable[..., System]):
    with served(lambda _: Reply({"detail": "no such model"}, 400)) as (url, _):
        system = built(rerank="url", rerank_at=url)
        assert "no such model" in refused(lambda: system.search("How do I restore a backup?"))
