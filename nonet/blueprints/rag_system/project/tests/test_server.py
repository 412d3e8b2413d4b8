import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_endpoint import chunk, completion, endpoint
from conftest import DESIGN, PAGES
from loopback import Reply, served
from prometheus_client.parser import text_string_to_metric_families

from rag import indexing
from rag.cli import main
from rag.load import generator
from rag.load.local import server
from rag.settings import Settings
from rag.settings import load as load_settings
from rag.system import open_shipped

pytestmark = pytest.mark.slow

QUESTION = "How do I restore a backup?"


@pytest.fixture
def root(settings_for: Callable[..., Settings], corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RAG_CHAT_URL", raising=False)
    settings = settings_for()
    indexing.index(settings, corpus)
    lines = [{"text": QUESTION}, {"text": "When is coffee free?"}]
    (settings.root / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return settings.root


@pytest.fixture(autouse=True, scope="module")
def _loopback() -> None:
    with endpoint(200, {}):
        """Skip where this program may not listen."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that no test changes."""
    root = tmp_path_factory.mktemp("shared")
    for name, text in PAGES.items():
        (root / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "corpus" / name).write_text(text)
    (root / "settings.json").write_text(json.dumps({"design": DESIGN}))
    indexing.index(load_settings(root), root / "corpus")
    return root


@pytest.fixture(scope="module")
def shared(project: Path) -> Iterator[str]:
    """A server without caches."""
    with server(project, "--no-cache") as url:
        yield url


@cache
def http() -> httpx.Client:
    return httpx.Client(timeout=60)


def events(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for block in text.split("\n\n"):
        if block:
            name, data = block.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def samples(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    reply = http().get(f"{url}/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(reply.text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_the_server_tells_its_state_searches_answers_and_counts(root: Path):
    with server(root) as url:
        health = http().get(f"{url}/health").json()
        assert health["ready"] is True
        assert health["documents"] == 6
        assert health["chunks"] > 6
        assert re.fullmatch(r"[0-9a-f]{16}", health["index"])
        found = http().post(f"{url}/search", json={"question": "refund", "k": 1}).json()
        assert [doc["doc"] for doc in found["docs"]] == ["faq.html"]
        first, again = (http().post(f"{url}/ask", json={"question": QUESTION}).json() for _ in range(2))
        assert first["sources"][0]["doc"] == "guide/backup.md"
        assert (first["cached"], again["cached"]) == (False, True)
        for body in ({"question": ""}, {"question": "x", "unknown": 1}, {}):
            assert http().post(f"{url}/ask", json=body).status_code == 422
        assert http().post(f"{url}/search", json={"question": "x", "k": 0}).status_code == 422
        http().get(f"{url}/nowhere/at/all")
        counted = samples(url)
    assert counted["rag_requests_total", (("path", "/ask"), ("status", "200"))] == 2
    assert counted["rag_requests_total", (("path", "/ask"), ("status", "422"))] == 3
    assert counted["rag_requests_total", (("path", "other"), ("status", "404"))] == 1
    assert counted["rag_request_seconds_count", (("path", "/ask"),)] == 5
    assert counted["rag_request_seconds_bucket", (("le", "+Inf"), ("path", "/search"))] == 2
    assert counted["rag_cache_lookups_total", (("cache", "responses"), ("result", "hit"))] == 1
    assert counted["rag_cache_lookups_total", (("cache", "retrieval"), ("result", "miss"))] == 2
    assert counted["rag_index_documents", ()] == 6
    assert counted["rag_index_info", (("version", health["index"]),)] == 1
    assert counted["rag_requests_running", ()] == 1


def test_conditions_over_http_are_texts_or_objects(shared: str):

    def docs(*where: Any) -> set[str]:
        reply = http().post(f"{shared}/search", json={"question": "refund", "where": list(where)})
        assert reply.status_code == 200
        return {doc["doc"] for doc in reply.json()["docs"]}

    assert docs("kind=html") == {"faq.html"}
    assert docs({"field": "kind", "value": "html"}) == {"faq.html"}
    assert docs({"field": "kind", "op": "in", "value": ["html", "code"]}) == {"faq.html", "api.py"}
    assert docs({"field": "kind", "op": "in", "value": ["html", "code"]}, "suffix=.py") == {"api.py"}
    assert docs({"field": "modified", "op": ">=", "value": 0}) == docs()
    for path in ("/search", "/ask"):
        for where in ("nonsense", "colour=red", {"field": "kind", "op": "~", "value": "x"}):
            for stream in ({}, {"stream": True}) if path == "/ask" else ({},):
                reply = http().post(f"{shared}{path}", json={"question": "refund", "where": [where], **stream})
                assert reply.status_code == 422
    assert "known: " in http().post(f"{shared}/ask", json={"question": "x", "where": ["colour=red"]}).json()["detail"]
    answer = http().post(f"{shared}/ask", json={"question": "refund", "where": ["kind=code"]}).json()
    assert {source["doc"] for source in answer["sources"]} <= {"api.py"}


def test_extractive_answers_are_streamed_by_sentence(shared: str):
    whole = http().post(f"{shared}/ask", json={"question": QUESTION}).json()
    reply = http().post(f"{shared}/ask", json={"question": QUESTION, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events(reply.text)]
    assert names[0] == "sources"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"text"}
    assert "".join(data["text"] for name, data in events(reply.text) if name == "text") == whole["answer"]
    assert events(reply.text)[-1][1] == whole


def test_a_models_words_arrive_as_they_are_written(root: Path, monkeypatch: pytest.MonkeyPatch):
    written = [chunk("Stop"), chunk(" it,"), chunk(" then"), chunk(" restore [1]."), chunk(None, "stop")]
    with endpoint(200, completion("x"), written, wait=0.25) as (url, _):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        with (
            server(root) as at,
            http().stream("POST", f"{at}/ask", json={"question": QUESTION, "stream": True}) as reply,
        ):
            times: list[float] = []
            text = ""
            for piece in reply.iter_text():
                times += [time.monotonic()] * piece.count("event: text")
                text += piece
    found = events(text)
    assert [name for name, _ in found] == ["sources", *["text"] * 4, "done"]
    assert found[0][1]["sources"][0]["doc"] == "guide/backup.md"
    assert [data["text"] for name, data in found if name == "text"] == ["Stop", " it,", " then", " restore [1]."]
    assert found[-1][1]["answer"] == "Stop it, then restore [1]."
    assert found[-1][1]["generated"] is True
    assert [source["citation"] for source in found[-1][1]["sources"]] == [1]
    assert times[-1] - times[0] > 0.5


def test_answers_that_wait_for_the_model_hold_up_nothing_else(root: Path, monkeypatch: pytest.MonkeyPatch):
    gate, waiting = threading.Event(), 50
    with endpoint(200, completion("Late [1]."), gate=gate) as (url, requests):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        with server(root, "--no-cache") as at, httpx.Client(base_url=at, timeout=60) as client:
            replies: list[httpx.Response] = []

            def ask() -> None:
                replies.append(client.post("/ask", json={"question": QUESTION}))

            threads = [threading.Thread(target=ask) for _ in range(waiting)]
            for thread in threads:
                thread.start()
            until(lambda: len(requests) == waiting)
            assert client.post("/search", json={"question": "refund"}).status_code == 200
            assert client.get("/health").status_code == 200
            assert replies == []
            gate.set()
            for thread in threads:
                thread.join()
    assert [reply.json()["answer"] for reply in replies] == ["Late [1]."] * waiting


def test_large_bodies_are_refused_whether_they_say_their_size_or_not(shared: str):
    large = json.dumps({"question": "x", "where": ["a=" + "y" * 200_000]}).encode()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    def refused() -> float:
        return samples(shared).get(("rag_requests_total", (("path", "/ask"), ("status", "413"))), 0)

    before = refused()
    assert http().post(f"{shared}/ask", content=large).status_code == 413
    with suppress(httpx.WriteError):  # the server may close while the rest is still being sent
        assert http().post(f"{shared}/ask", content=pieces()).status_code == 413
    assert refused() == before + 2
    assert http().post(f"{shared}/ask", json={"question": "x" * 10_001}).status_code == 422
    assert http().post(f"{shared}/ask", json={"question": QUESTION}).status_code == 200


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def started(root: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "rag", "--project", str(root), "serve", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            yield process, process.stderr.readline().rpartition(" ")[2].strip()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_what_is_under_way_and_leaves_in_peace(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
):
    gate = threading.Event()
    with endpoint(200, completion("Late [1]."), gate=gate) as (url, requests):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        with started(root) as (process, at), httpx.Client(base_url=at, timeout=60) as client:
            replies: list[httpx.Response] = []
            asking = threading.Thread(target=lambda: replies.append(client.post("/ask", json={"question": QUESTION})))
            asking.start()
            until(lambda: bool(requests))
            process.send_signal(number)
            gate.set()
            asking.join()
            assert process.wait(60) == 0
    assert replies[0].json()["answer"] == "Late [1]."


def test_an_index_that_is_replaced_is_served_on(root: Path, corpus: Path, settings_for: Callable[..., Settings]):
    with server(root) as url:
        before = http().get(f"{url}/health").json()["index"]
        (corpus / "guide" / "backup.md").unlink()
        indexing.index(settings_for(), corpus)
        assert open_shipped(settings_for()).version != before
        assert http().get(f"{url}/health").json()["index"] == before
        answer = http().post(f"{url}/ask", json={"question": QUESTION}).json()
    assert answer["sources"][0]["doc"] == "guide/backup.md"


def test_a_port_that_is_taken_is_told_in_one_line(project: Path, shared: str, capsys: pytest.CaptureFixture[str]):
    assert main(["--project", str(project), "serve", "--port", shared.rpartition(":")[2]]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "--port" in err


def load(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert main(["--project", str(root), "load", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_load_test_starts_a_server_of_its_own_and_stops_it(root: Path, capsys: pytest.CaptureFixture[str]):
    found = load(root, capsys, "--rate", "20", "--seconds", "2")
    assert found["requests"] == 40
    assert found["error_rate"] == 0
    assert 0 < found["achieved_rate"] < 1.05 * 40 / 39 * 20  # the last is due a twentieth before the end
    assert 0 < found["p50_latency_ms"] <= found["p95_latency_ms"] <= found["p99_latency_ms"] <= found["max_latency_ms"]


def test_a_running_server_is_tested_by_its_url(shared: str, project: Path, tmp_path: Path, capsys: Any):
    (tmp_path / "q.jsonl").write_text('{"text": "refund"}\n')
    options = ["--url", shared, "--questions", str(tmp_path / "q.jsonl"), "--rate", "20", "--seconds", "0.5"]
    assert main(["--project", str(project), "load", *options, "--path", "/search"]) == 0
    assert "p99_latency_ms" in capsys.readouterr().out


def test_latency_counts_from_when_a_request_was_due(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(generator, "AT_ONCE", 1)
    with endpoint(200, completion("x"), wait=0.1) as (url, _):
        plan = generator.Plan("/chat/completions", rate=50, seconds=1)
        outcome = generator.run(url, ["a", "b"], plan)
    # One at a time, a tenth of a second each, fifty of them asked for within one second: the last waits four.
    found = outcome.summary()
    assert found["requests"] == 50
    assert found["p50_latency_ms"] > 1500
    assert found["max_latency_ms"] > 3500
    assert found["achieved_rate"] < 11


def test_failures_are_counted_by_what_went_wrong():
    with endpoint(503, {}) as (url, _), pytest.raises(generator.ServeError, match="503"):
        generator.run(url, ["a"], generator.Plan("/ask", 10, 1))
    with pytest.raises(generator.ServeError, match="rag serve"):
        generator.run(url, ["a"], generator.Plan("/ask", 10, 1))
    with pytest.raises(generator.ServeError, match="too many"):
        generator.run(url, ["a"], generator.Plan("/ask", 5000, 3600))


def test_answers_that_are_refused_are_the_error_rate():
    count = iter(range(1000))
    with served(lambda _: Reply({}, 200 if next(count) <= 15 else 503)) as (url, _):
        outcome = generator.run(url, ["coffee"], generator.Plan("/search", 100, 0.2))
    assert outcome.errors == {"HTTP 503": 5}
    assert len(outcome.latencies) == 15
    assert outcome.summary()["error_rate"] == 0.25


def test_a_load_test_without_an_index_says_why(
    settings_for: Callable[..., Settings], capsys: pytest.CaptureFixture[str]
):
    settings = settings_for()
    (settings.root / "questions.jsonl").write_text('{"text": "x"}\n')
    assert main(["--project", str(settings.root), "load"]) == 2
    assert "rag index" in capsys.readouterr().err
