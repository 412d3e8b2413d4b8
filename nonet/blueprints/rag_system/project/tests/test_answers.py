import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag import chat
from rag.cache import AnswerCache
from rag.embedding.files import count_tokens
from rag.system import System

QUESTION = "How do I restore a backup of the database?"


@contextmanager
def endpoint(status: int, reply: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve one fixed chat completion on loopback; yield its URL and the requests it got."""
    requests: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    try:
        server = HTTPServer(("127.0.0.1", 0), Handler)
    except PermissionError:
        pytest.skip("this program may not listen, not even on loopback")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def test_an_extracted_answer_quotes_its_source_and_says_so(built: Callable[..., System]):
    answer = built().ask(QUESTION)
    assert not answer.generated
    assert "No chat model" in answer.note
    assert "restore the newest backup" in answer.answer
    assert answer.sources[0]["doc"] == "guide/backup.md"
    cited = {source["citation"] for source in answer.sources}
    assert all(f"[{number}]" in answer.answer for number in cited)


def test_without_anything_found_the_answer_says_so(built: Callable[..., System]):
    answer = built(retrieval="bm25").ask("qwertyuiop")
    assert answer.sources == ()
    assert "Nothing in the documents" in answer.answer


def test_a_generated_answer_cites_what_the_model_cites(built: Callable[..., System]):
    with endpoint(200, completion("Stop it, then restore [1]. See also [99].")) as (url, requests):
        answer = built().ask(QUESTION, chat.Chat(url, "some-model", "sesame"))
    assert answer.generated
    assert [source["citation"] for source in answer.sources] == [1]
    assert answer.sources[0]["doc"] == "guide/backup.md"
    assert "99" in answer.note
    assert requests[0]["path"] == "/v1/chat/completions"
    assert requests[0]["key"] == "Bearer sesame"
    assert requests[0]["model"] == "some-model"
    prompt = requests[0]["messages"][1]["content"]
    assert QUESTION in prompt
    assert "restore the newest backup" in prompt


@pytest.mark.parametrize(("status", "reply"), [(500, {}), (401, {}), (200, {"choices": []}), (200, completion("  "))])
def test_a_failing_model_leaves_an_extracted_answer_that_is_not_kept(
    built: Callable[..., System], tmp_path: Path, status: int, reply: Any
):
    cache = AnswerCache(tmp_path / "answers.sqlite", "v1")
    with endpoint(status, reply) as (url, _):
        answer = built().ask_cached(QUESTION, chat.Chat(url, "m", "sesame"), cache)
    assert not answer.generated
    assert "The chat model failed" in answer.note
    assert "sesame" not in answer.note
    assert cache.get(QUESTION) is None


def test_an_unreachable_model_is_named(built: Callable[..., System]):
    with endpoint(200, {}) as (url, _):
        pass
    assert "cannot be reached" in built().ask(QUESTION, chat.Chat(url, "m")).note


def test_the_environment_configures_the_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RAG_CHAT_URL", raising=False)
    assert chat.configured() is None
    monkeypatch.setenv("RAG_CHAT_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("RAG_CHAT_KEY", "sesame")
    model = chat.configured()
    assert model is not None
    assert "sesame" not in repr(model)


def test_answers_are_kept_until_the_version_changes(built: Callable[..., System], tmp_path: Path):
    system = built()
    first = system.ask_cached(QUESTION, None, AnswerCache(tmp_path / "c" / "a.sqlite", "v1"))
    again = system.ask_cached(f"  {QUESTION} ", None, AnswerCache(tmp_path / "c" / "a.sqlite", "v1"))
    assert (first.cached, again.cached) == (False, True)
    assert again.answer == first.answer
    assert AnswerCache(tmp_path / "c" / "a.sqlite", "v2").get(QUESTION) is None
    assert AnswerCache(Path("/proc/nowhere/a.sqlite"), "v1").get(QUESTION) is None


@pytest.mark.parametrize("budget", [1, 30, 100, 1000])
def test_the_context_keeps_its_budget(built: Callable[..., System], budget: int):
    system = built(context_tokens=budget)
    packed = system.pack(system.search(QUESTION))
    assert packed.tokens <= budget
    assert packed.tokens == count_tokens(packed.text)


def test_the_context_repeats_nothing(built: Callable[..., System], corpus: Path):
    (corpus / "copy.md").write_text((corpus / "guide" / "backup.md").read_text())
    system = built(context_tokens=2000, chunk_size=12, chunk_overlap=8)
    text = system.pack(system.search(QUESTION)).text
    assert text.count("o'clock") == 1
    assert text.count("newest") == 1


def test_copies_of_a_page_are_packed_once(built: Callable[..., System], corpus: Path):
    (corpus / "guide" / "backup-copy.md").write_text((corpus / "guide" / "backup.md").read_text())
    system = built(context_tokens=2000, chunking="page")
    docs = [passage.doc for passage in system.pack(system.search(QUESTION)).passages]
    assert docs.count("guide/backup.md") + docs.count("guide/backup-copy.md") == 1
