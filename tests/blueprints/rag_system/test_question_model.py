"""Questions that a chat model transforms, from the option to a verified run, through a provider's real client.

The questions share no word with their pages. The fake knows what the words mean, or repeats the question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import nonet
from nonet.blueprints.rag_system.blueprint import RagSystem
from nonet.graphs.steps import implement
from nonet.runs.result import Run
from nonet.settings import ProviderSettings
from nonet.testing import FakeProvider, Question
from nonet.trials.blueprint import Blueprint

KEY = "sk-0123456789-of-the-test"
PAGES = 60
HYDE = {"query_transformation": "hyde", "query_model": "writer"}
pytestmark = pytest.mark.slow


@dataclass
class Asked:
    """A finished run, the fake that it asked and that is still there, and its settings."""

    run: Run
    fake: FakeProvider
    settings: nonet.Settings


def _corpus(folder: Path) -> None:
    (folder / "docs").mkdir(parents=True)
    for i in range(PAGES):
        text = f"This page tells how thing{i} is put together and when thing{i} has to be cleaned. "
        (folder / "docs" / f"page{i}.txt").write_text(text * 3)
    rows = [{"id": f"q{i}", "text": f"frage{i} frage{i}", "relevant": [f"page{i}.txt"]} for i in range(PAGES)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _knows(question: Question) -> str:
    return re.sub(r"frage(\d+)", r"thing\1", question.messages[-1][1])


def _repeats(question: Question) -> str:
    return question.messages[-1][1]


@pytest.fixture(scope="module", autouse=True)
def _own_tests() -> Iterator[None]:
    """Few questions are timed, and of the shipped project's tests run those of transformations: others run all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RagSystem, "tests", (*Blueprint.tests[:-1], "tests/test_transformation.py"))
        patch.setattr(implement, "MOST_TIMED", 10)
        yield


def _measured(folder: Path, fake: FakeProvider) -> tuple[Run, nonet.Settings]:
    _corpus(folder)
    writer = ProviderSettings(model="openai:any", base_url=fake.base_url, key="WRITER_KEY", most_tokens=100)
    settings = nonet.Settings(home=str(folder / "home"), providers={"writer": writer})
    run = nonet.run(
        "rag_system",
        "Answer questions with HyDE",
        corpus=str(folder / "docs"),
        questions=str(folder / "questions.jsonl"),
        chat_model="writer",
        budget="2 trials",
        out=folder / "run",
        settings=settings,
    )
    return run, settings


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("asked")
    with pytest.MonkeyPatch.context() as patch, FakeProvider("openai", _knows) as fake:
        patch.setenv("WRITER_KEY", KEY)
        patch.setenv("NONET_HOME", str(folder / "home"))
        run, settings = _measured(folder, fake)
        yield Asked(run, fake, settings)


def _decided(run: Run) -> dict[str, object]:
    assert run.error is None
    return json.loads((run.folder / "decision.json").read_text())["decision"]["design"]


def test_a_transformation_that_helps_wins_and_ships_with_its_model(asked: Asked):
    assert {name: _decided(asked.run)[name] for name in HYDE} == HYDE
    shipped = json.loads((asked.run.folder / "project" / "settings.json").read_text())
    assert shipped["chat"] == {"url": asked.fake.base_url, "model": "any", "key": "WRITER_KEY"}
    assert asked.run.decision is not None
    delivered = json.loads((asked.run.folder / "delivery.json").read_text())
    assert delivered["holdout_metrics"]["winner"]["ndcg@10"]["value"] == 1.0
    assert delivered["holdout_metrics"]["winner"]["untransformed"]["value"] == 0.0
    assert delivered["tests"]["passed"], delivered["tests"]["output_tail"]


def test_no_question_is_paid_for_twice_and_verify_pays_for_none(asked: Asked):
    before = len(asked.fake.questions)
    texts = [question.text for question in asked.fake.questions]
    assert len(set(texts)) == len(texts)
    found = nonet.verify(asked.run.folder, settings=asked.settings)
    assert found.passed, found.differences
    assert len(asked.fake.questions) == before


def test_the_key_reaches_the_provider_and_no_file(asked: Asked):
    assert {question.key for question in asked.fake.questions} == {KEY}
    holding = [p for p in asked.run.folder.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]
    assert holding == []
    recorded = json.loads((asked.run.folder / "integrity.json").read_text())
    assert recorded["access"][recorded["design"]]["chat"] == "writer"


def test_one_that_does_not_help_does_not_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WRITER_KEY", KEY)
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    with FakeProvider("openai", _repeats) as fake:
        run, settings = _measured(tmp_path, fake)
        assert fake.questions
        assert _decided(run)["query_transformation"] == "none"
        assert "chat" not in json.loads((run.folder / "project" / "settings.json").read_text())
        assert nonet.verify(run.folder, settings=settings).passed
