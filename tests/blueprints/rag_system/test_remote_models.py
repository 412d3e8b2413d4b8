"""A model behind a URL, from the option to a verified run: the key reaches its design's worker, and no file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import foreign_pages
import pytest
from embeddings_server import EmbeddingsServer, serving

import nonet
from nonet.runs.result import Run

KEY = "sk-0123456789-of-the-test"
PAGES = 60
pytestmark = pytest.mark.slow


@dataclass
class Remote:
    """A finished run whose winner calls a server that is still there."""

    run: Run
    server: EmbeddingsServer
    settings: nonet.Settings


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    with pytest.MonkeyPatch.context() as patch, serving(KEY, foreign_pages.write(folder, PAGES)) as server:
        patch.setenv("RAG_EMBEDDING_KEY", KEY)
        patch.setenv("NONET_HOME", str(folder / "home"))
        settings = nonet.Settings(home=str(folder / "home"))
        run = nonet.run(
            "rag_system",
            "Answer questions",
            corpus=str(folder / "docs"),
            questions=str(folder / "questions.jsonl"),
            embedding_url=server.url,
            embedding_model="words",
            budget="2 trials",
            out=folder / "run",
            settings=settings,
        )
        yield Remote(run, server, settings)


def test_a_given_endpoint_is_measured_and_can_win(remote: Remote):
    run = remote.run
    assert run.error is None
    assert run.decision is not None
    design = json.loads((run.folder / "decision.json").read_text())["decision"]["design"]
    assert (design["embedding"], design["embedding_at"], design["embedding_model"]) == (
        "url",
        remote.server.url,
        "words",
    )
    assert set(remote.server.keys) == {KEY}


def test_the_key_is_in_no_file(remote: Remote):
    holding = [
        path
        for folder in (remote.run.folder, Path(remote.settings.home) / "memory")
        for path in folder.rglob("*")
        if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert holding == []
    assert (remote.run.folder / "project" / "settings.json").read_text().count(remote.server.url) == 1


def test_the_record_says_what_was_reached(remote: Remote):
    recorded = json.loads((remote.run.folder / "integrity.json").read_text())
    reached = recorded["access"][recorded["design"]]
    assert reached["hosts"] == [remote.server.url.removeprefix("http://").removesuffix("/v1")]
    assert reached["variables"] == {"RAG_EMBEDDING_KEY": True}
    others = [each for key, each in recorded["access"].items() if key != recorded["design"]]
    assert others == [{"hosts": [], "folders": {}, "variables": {}}]


def test_verify_passes_while_the_service_answers_alike(remote: Remote, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAG_EMBEDDING_KEY", KEY)
    found = nonet.verify(remote.run.folder, settings=remote.settings)
    assert found.passed, found.differences
    assert any("the winner measured again" in line for line in found.checked)


def test_verify_says_what_a_service_changed(remote: Remote, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAG_EMBEDDING_KEY", KEY)
    monkeypatch.setattr(remote.server, "noise", 0.5)
    found = nonet.verify(remote.run.folder, settings=remote.settings)
    said = [*found.warnings, *found.differences]
    assert any("the winner measured again" in line and "outputs differ" in line for line in said)
    assert any("need not answer alike twice" in line for line in found.warnings) or not found.passed


def test_verify_does_not_pass_without_the_service(remote: Remote, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAG_EMBEDDING_KEY", "another")
    found = nonet.verify(remote.run.folder, settings=remote.settings)
    assert not found.passed
    assert any("could not be measured again" in line for line in found.differences)
    assert "another" not in json.dumps(found.json())
