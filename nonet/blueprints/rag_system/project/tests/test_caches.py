import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_endpoint import completion, endpoint

from rag import chat, indexing
from rag.answer import Answer
from rag.cache import cached
from rag.cache.cached import CachedSystem
from rag.cache.store import KEPT, Store
from rag.filters import parse
from rag.questions import Question
from rag.replay import judging, report, requests
from rag.settings import CacheSettings, Settings
from rag.system import System, open_shipped

pytestmark = pytest.mark.slow

QUESTION = "How do I restore a backup of the database?"
OFF = {"retrieval": False, "similar": False, "responses": False}


def caches(**on: bool) -> CacheSettings:
    return CacheSettings(**{**OFF, **on})


@pytest.fixture
def opened(built: Callable[..., System]) -> System:
    return built()


@pytest.mark.parametrize("cache", ["retrieval", "similar", "responses"])
def test_each_cache_answers_what_was_asked_before(opened: System, tmp_path: Path, cache: str):
    for attempt in ("miss", "hit"):  # the second time from the file, in a system opened anew
        system = CachedSystem(opened, caches(**{cache: True}), tmp_path / "c" / "cache.sqlite")
        answer = system.ask(QUESTION)
        assert system.tally == {(cache, attempt): 1}
        assert replace(answer, cached=False) == opened.ask(QUESTION)
        assert answer.cached is (attempt == "hit" and cache != "retrieval")
        assert replace(system.ask(f"  {QUESTION} "), cached=False).answer == answer.answer
        system.close()


def test_rankings_come_back_as_they_were(opened: System, tmp_path: Path):
    system = CachedSystem(opened, caches(retrieval=True), tmp_path / "cache.sqlite")
    assert system.search(QUESTION) == system.search(QUESTION) == opened.search(QUESTION)
    where = [parse("folder=guide"), parse("kind=markdown")]
    assert system.search(QUESTION, where) == system.search(QUESTION, where[::-1]) == opened.search(QUESTION, where)
    assert system.tally == {("retrieval", "miss"): 2, ("retrieval", "hit"): 2}


@pytest.mark.parametrize("cache", ["retrieval", "similar", "responses"])
def test_conditions_keep_answers_apart(opened: System, tmp_path: Path, cache: str):
    system = CachedSystem(opened, caches(**{cache: True}), tmp_path / "cache.sqlite")
    for where in ([], [parse("id=faq.html")], [parse("id!=faq.html")]):
        answer = system.ask(QUESTION, where)
        assert replace(answer, cached=False) == opened.ask(QUESTION, where=where)


@pytest.mark.parametrize("cache", ["retrieval", "similar", "responses"])
def test_another_index_design_or_model_finds_nothing(
    settings_for: Callable[..., Settings], corpus: Path, tmp_path: Path, cache: str
):
    def asked(model: chat.Chat | None = None) -> tuple[dict[Any, int], Answer]:
        system = CachedSystem(
            open_shipped(settings_for(**changes)), caches(**{cache: True}), tmp_path / "c.sqlite", model
        )
        answer = system.ask(QUESTION)
        system.close()
        return system.tally, answer

    changes: dict[str, Any] = {}
    indexing.index(settings_for(), corpus)
    assert asked()[0] == {(cache, "miss"): 1}
    assert asked()[0] == {(cache, "hit"): 1}
    changes = {"context_tokens": 150}
    assert asked()[0] == {(cache, "miss"): 1}
    with endpoint(200, completion("Restore it [1].")) as (url, _):
        changes = {}
        assert asked(chat.Chat(url, "one"))[0] == {(cache, "miss"): 1}
        assert asked(chat.Chat(url, "two"))[0] == {(cache, "miss"): 1}
        tally, answer = asked(chat.Chat(url, "one"))
        assert tally == {(cache, "hit"): 1}
        assert answer.answer == "Restore it [1]."
    (corpus / "guide" / "backup.md").write_text("# Backups\n\nRestore a backup with the new wizard.\n")
    indexing.index(settings_for(), corpus)
    tally, answer = asked()
    assert tally == {(cache, "miss"): 1}
    assert "wizard" in answer.answer


def test_a_like_question_gets_the_answer_and_is_told_so(opened: System, tmp_path: Path):
    system = CachedSystem(opened, caches(similar=True), tmp_path / "cache.sqlite")
    first = system.ask(QUESTION)
    like = system.ask("How do I restore the backup of the database")
    assert like.answer == first.answer
    assert like.like == QUESTION
    assert QUESTION in like.note
    assert like.cached
    other = system.ask("How do I restore the backup of a printer?")
    assert not other.cached


@pytest.mark.parametrize("cache", ["similar", "responses"])
def test_an_answer_that_a_failing_model_caused_is_not_kept(opened: System, tmp_path: Path, cache: str):
    with endpoint(500, {}) as (url, _):
        system = CachedSystem(opened, caches(**{cache: True}), tmp_path / "cache.sqlite", chat.Chat(url, "m"))
        assert system.ask(QUESTION).failed
        assert system.ask(QUESTION).failed
        assert list(system.stream(QUESTION))[-1].failed  # pyright: ignore
    assert system.tally == {(cache, "miss"): 3}


def test_what_was_streamed_is_kept_too(opened: System, tmp_path: Path):
    system = CachedSystem(opened, caches(responses=True), tmp_path / "cache.sqlite")
    first, again = list(system.stream(QUESTION)), list(system.stream(QUESTION))
    assert again[:-1] == first[:-1]
    assert isinstance(again[-1], Answer)
    assert again[-1].cached
    assert system.ask(QUESTION).cached


def test_where_nothing_can_be_kept_nothing_fails(opened: System, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database, but it is long enough to look at" * 100)
    for path in (Path("/proc/nowhere/cache.sqlite"), tmp_path / "file" / "c.sqlite", tmp_path / "broken.sqlite"):
        system = CachedSystem(opened, caches(retrieval=True, similar=True, responses=True), path)
        assert system.ask(QUESTION) == system.ask(QUESTION) == opened.ask(QUESTION)


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rag.cache.store.KEPT", 5)
    assert KEPT > 5
    store = Store(tmp_path / "c.sqlite", "v")
    for number in range(8):
        store.put("a", number, str(number))
        store.put("b", number, str(number))
    assert [store.get("a", str(number)) for number in range(8)] == [None, None, None, 3, 4, 5, 6, 7]
    assert [store.get("b", str(number)) for number in range(8)] == [None, None, None, 3, 4, 5, 6, 7]


def test_threads_share_the_caches(opened: System, tmp_path: Path):
    system = CachedSystem(opened, caches(retrieval=True, similar=True, responses=True), tmp_path / "cache.sqlite")
    questions = [f"How do I restore backup number {number}?" for number in range(5)]
    expected = {question: opened.ask(question).answer for question in questions}
    wrong: list[str] = []

    def work() -> None:
        for question in questions:
            answer = system.ask(question)
            if answer.answer != expected[answer.like or question]:
                wrong.append(question)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sum(count for (cache, _), count in system.tally.items() if cache == "similar") == 20


def test_settings_switch_the_caches(settings_for: Callable[..., Settings], corpus: Path):
    settings = settings_for()
    assert settings.cache == CacheSettings(retrieval=True, similar=False, responses=True)
    indexing.index(settings, corpus)
    system = cached.shipped(open_shipped(settings), settings, None)
    system.ask(QUESTION)
    assert {cache for cache, _ in system.tally} == {"retrieval", "responses"}
    assert (settings.root / ".cache" / "cache.sqlite").is_file()


def questions(count: int) -> list[Question]:
    return [Question(str(number), f"Where is the {number}th backup?", {f"{number}.md": 1.0}) for number in range(count)]


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.6])
def test_drawn_questions_repeat_at_the_rate(rate: float):
    found = requests.drawn(questions(400), rate, reworded=0.0, seed=1)
    assert found.repeats == pytest.approx(rate, abs=0.06)
    assert found.reworded == 0
    assert {item.text for item in found.asked} == {question.text for question in questions(400)}
    assert found == requests.drawn(questions(400), rate, reworded=0.0, seed=1)
    mixed = requests.drawn(questions(400), rate, reworded=1.0, seed=1)
    assert (mixed.reworded or 0) + mixed.repeats == pytest.approx(rate, abs=0.06)
    assert (mixed.reworded or 0) >= 0.5 * rate


def test_a_log_is_taken_as_it_is_and_its_repeats_counted():
    log = [Question("1", "a b"), Question("2", "c"), Question("3", "A  b"), Question("4", "a b", {"x": 1.0})]
    found = requests.logged(log, [Question("9", "c", {"y": 2.0, "z": 0.0})])
    assert [item.text for item in found.asked] == ["a b", "c", "A  b", "a b"]
    assert [set(item.relevant) for item in found.asked] == [set(), {"y"}, set(), {"x"}]
    assert found.repeats == 0.5


def test_a_replay_counts_hits_and_wrong_hits(built: Callable[..., System], corpus: Path):
    for day in ("Monday", "Tuesday"):
        (corpus / f"{day}.md").write_text(f"# Restoring on {day}\n\nRestore the backup on {day} so.\n")
    opened = built(title_prefix=False)
    known = [
        Question(day, f"How do I restore the newest backup of the whole database system on {day}?", {f"{day}.md": 1.0})
        for day in ("Monday", "Tuesday")
    ]
    asked = requests.logged([known[0], known[0], known[1]], []).asked
    found = judging.judged(opened, asked, caches(retrieval=True, responses=True))
    assert set(found) == {"none", "retrieval", "similar", "responses", "as set"}
    assert found["none"].hits == 0
    assert (found["retrieval"].hits, found["retrieval"].wrong) == (1, 0)
    assert (found["responses"].hits, found["responses"].wrong) == (1, 0)
    assert (found["as set"].hits, found["as set"].wrong) == (1, 0)
    similar = found["similar"]
    assert (similar.hits, similar.wrong, similar.labelled, similar.wrong_labelled) == (2, 1, 2, 1)
    assert "leave it off" in report.verdict(similar)
    assert "leave it off" in report.verdict(replace(similar, hits=0, wrong=0, wrong_labelled=0))
    safe = report.verdict(replace(similar, hits=100, wrong=0, wrong_labelled=0))
    assert "leave" not in safe
    assert "3.0%" in safe


def test_the_replay_is_printed(settings_for: Callable[..., Settings], corpus: Path, capsys: pytest.CaptureFixture[str]):
    from rag.cli import main

    settings = settings_for()
    indexing.index(settings, corpus)
    path = settings.root / "questions.jsonl"
    lines = [{"text": "How do I restore a backup?", "relevant": ["guide/backup.md"]}, {"text": "When is coffee free?"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines * 5))
    for options in (["--repeat-rate", "0.5"], ["--log", str(path)]):
        assert main(["--project", str(settings.root), "replay", *options, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["caches"]["retrieval"]["hit_rate"] > 0
        assert found["caches"]["retrieval"]["wrong_hit_rate"] == 0
        assert found["caches"]["none"]["p95"] > 0
        assert main(["--project", str(settings.root), "replay", *options]) == 0
        out = capsys.readouterr().out
        assert all(name in out for name in ("none", "retrieval", "similar", "responses", "as set"))
    assert found["repeat_rate"] == 0.8
    assert not (settings.root / ".cache").exists()
