from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from chat_endpoint import chunk, completion, endpoint

from rag import chat, system
from rag.answer import Answer, extract
from rag.errors import ChatError
from rag.system import System

QUESTION = "How do I restore a backup of the database?"


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
def test_a_failing_model_leaves_an_extracted_answer(built: Callable[..., System], status: int, reply: Any):
    with endpoint(status, reply) as (url, _):
        answer = built().ask(QUESTION, chat.Chat(url, "m", "sesame"))
    assert answer.failed
    assert not answer.generated
    assert "The chat model failed" in answer.note
    assert "sesame" not in answer.note


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


def test_answers_do_not_depend_on_the_order_of_the_context(built: Callable[..., System]):
    plain = built()
    packed = plain.pack(plain.search(QUESTION), QUESTION)
    turned = replace(packed, passages=packed.passages[::-1])
    assert len(packed.passages) > 1

    def said(answer: Answer) -> list[tuple[str, str]]:
        titles = {source["citation"]: source["doc"] for source in answer.sources}
        lines = [line.rpartition(" [") for line in answer.answer.splitlines()]
        return [(text, titles[int(number.rstrip("]"))]) for text, _, number in lines]

    assert said(extract(QUESTION, packed)) == said(extract(QUESTION, turned))


def test_an_answer_is_streamed_as_it_is_written(built: Callable[..., System]):
    opened = built()
    packed = opened.pack(opened.search(QUESTION), QUESTION)
    written = [
        chunk(""),
        chunk("Stop it, "),
        chunk("then restore"),
        chunk(" [1]."),
        chunk(None, "stop"),
        {"choices": []},
    ]
    with endpoint(200, {}, written) as (url, requests):
        parts = list(system.streamed(QUESTION, packed, chat.Chat(url, "m", "sesame")))
    sources, *texts, answer = parts
    assert requests[0]["stream"] is True
    assert [source["citation"] for source in sources] == list(range(1, len(packed.passages) + 1))
    assert texts == ["Stop it, ", "then restore", " [1]."]
    assert isinstance(answer, Answer)
    assert answer.generated
    assert answer.answer == "".join(texts)
    assert [source["citation"] for source in answer.sources] == [1]


@pytest.mark.parametrize(
    ("status", "written", "done"),
    [
        (500, [], True),
        (200, [], True),
        (200, [chunk("Half an ans")], False),
        (200, [chunk("Half"), {"error": {"message": "out of memory"}}], True),
        (200, [chunk("Half"), {"choices": [{"index": 0}]}], True),
    ],
)
def test_a_stream_that_breaks_ends_in_an_extracted_answer(
    built: Callable[..., System], status: int, written: list[Any], done: bool
):
    opened = built()
    packed = opened.pack(opened.search(QUESTION), QUESTION)
    with endpoint(status, {}, written, done=done) as (url, _):
        model = chat.Chat(url, "m", "sesame")
        *_, answer = system.streamed(QUESTION, packed, model)
        with pytest.raises(ChatError):
            list(model.stream(QUESTION, packed))
    assert isinstance(answer, Answer)
    assert answer.failed
    assert answer.answer == extract(QUESTION, packed).answer
    assert "sesame" not in answer.note


def test_without_a_model_the_stream_is_the_answer_line_by_line(built: Callable[..., System]):
    opened = built()
    packed = opened.pack(opened.search(QUESTION), QUESTION)
    sources, *texts, answer = system.streamed(QUESTION, packed, None)
    assert isinstance(answer, Answer)
    assert "".join(str(text) for text in texts) == answer.answer == extract(QUESTION, packed).answer
    assert len(texts) > 1
    assert sources == list(answer.sources)
