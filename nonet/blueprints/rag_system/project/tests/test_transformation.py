from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_endpoint import completion, endpoint

from rag import chat, settings, system, transformation
from rag.cache.cached import CachedSystem
from rag.design import Design
from rag.errors import SettingsError
from rag.settings import CacheSettings, Settings
from rag.system import System

OTHER_WORDS = "Which evening routine safeguards what was stored?"
"""Shares no word with the page that answers it."""
ANSWER = "A backup runs every night."
KINDS = ("multi_query", "hyde", "step_back")


@pytest.fixture(autouse=True)
def _no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"RAG_CHAT_{name}", raising=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_transformed_question_finds_what_its_own_words_do_not(
    built: Callable[..., System], monkeypatch: pytest.MonkeyPatch, kind: str
):
    assert "guide/backup.md" not in dict(built(retrieval="bm25").search(OTHER_WORDS).docs)
    with endpoint(200, completion(f"1. {ANSWER}")) as (url, requests):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        opened = built(retrieval="bm25", query_transformation=kind)
        ranking = opened.search(OTHER_WORDS)
    assert ranking.docs[0][0] == "guide/backup.md"
    assert not ranking.failed
    assert (opened.transformer.asked, opened.transformer.failed) == (1, 0)
    assert requests[0]["messages"][1]["content"] == OTHER_WORDS


@pytest.mark.parametrize("retrieval", ["bm25", "dense", "hybrid_weighted", "hybrid_rrf"])
def test_several_rankings_are_joined_by_their_ranks(
    built: Callable[..., System], monkeypatch: pytest.MonkeyPatch, retrieval: str
):
    plain = built(retrieval=retrieval)
    with endpoint(200, completion("- Coffee on Fridays\n- Passwords of accounts\n\n")) as (url, _):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        ranking = built(retrieval=retrieval, query_transformation="multi_query").search("restore the backup")
    first = {
        plain.search(text).docs[0][0] for text in ("restore the backup", "Coffee on Fridays", "Passwords of accounts")
    }
    assert len(first) == 3
    if retrieval == "bm25":  # by vectors every page has a rank everywhere, and a middling one may win
        assert first == {doc for doc, _ in ranking.docs[:3]}
    scores = [score for _, score in ranking.docs]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_a_model_that_repeats_the_question_changes_nothing(
    built: Callable[..., System], monkeypatch: pytest.MonkeyPatch
):
    question = "restore the backup"
    plain = built().search(question)
    with endpoint(200, completion(f"{question}\n- {question}")) as (url, _):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        assert built(query_transformation="step_back").search(question) == plain


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("status", "reply"), [(500, {}), (200, {"choices": []}), (200, completion(" "))])
def test_a_failing_model_leaves_the_plain_question_and_is_counted(
    built: Callable[..., System], monkeypatch: pytest.MonkeyPatch, kind: str, status: int, reply: Any
):
    plain = built().search("restore the backup")
    with endpoint(status, reply) as (url, _):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        opened = built(query_transformation=kind)
        ranking = opened.search("restore the backup")
    assert (ranking.docs, ranking.chunks, ranking.failed) == (plain.docs, plain.chunks, True)
    assert (opened.transformer.asked, opened.transformer.failed) == (1, 1)


def test_without_an_endpoint_the_plain_question_is_searched(built: Callable[..., System]):
    opened = built(query_transformation="hyde")
    assert opened.search("restore the backup").failed
    assert not opened.search("  ").failed
    assert opened.transformer.asked == 1


def test_a_ranking_of_a_failing_model_is_not_kept(
    built: Callable[..., System], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with endpoint(500, {}) as (url, requests):
        monkeypatch.setenv("RAG_CHAT_URL", url)
        opened = built(query_transformation="hyde")
        cached = CachedSystem(opened, CacheSettings(), tmp_path / "c.sqlite")
        cached.search("restore the backup")
        cached.search("restore the backup")
        cached.close()
    assert len(requests) == 2


def test_what_a_model_writes_is_limited():
    with endpoint(200, completion("word " * 100_000)) as (url, _):
        searched = transformation.Transformer(Design(query_transformation="hyde"), chat.Chat(url, "m"))("question")
    assert len(searched.texts[0]) <= len("question\n") + transformation.LONGEST


def test_the_settings_name_the_endpoint_and_the_variable_of_its_key(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, corpus: Path
):
    root = settings_for(query_transformation="hyde").root
    with endpoint(200, completion(ANSWER)) as (url, requests):
        write(root, {"url": url, "model": "model", "key": "SOME_KEY"})
        monkeypatch.setenv("SOME_KEY", "sesame")
        loaded = settings.load(root)
        system.index(loaded, corpus)
        assert system.open_shipped(loaded).search(OTHER_WORDS).docs[0][0] == "guide/backup.md"
    assert (requests[0]["model"], requests[0]["key"]) == ("model", "Bearer sesame")


@pytest.mark.parametrize("value", [[], {"url": "ftp://x", "model": "m"}, {"url": 1, "model": "m"}, {"model": "m"}])
def test_settings_of_no_endpoint_are_refused(settings_for: Callable[..., Settings], value: Any):
    root = settings_for().root
    write(root, value)
    with pytest.raises(SettingsError, match="chat"):
        settings.load(root)


def write(root: Path, value: Any) -> None:
    path = root / "settings.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "chat": value}), encoding="utf-8")
