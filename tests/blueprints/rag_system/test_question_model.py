"""Questions that a chat model transforms, from the option to a verified run, through a provider's real client.

The questions share no word with their pages. The fake knows what the words mean, or repeats the question; it answers
from passages and judges answers too. Of the workflow the steps run that a chat model has a part in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import foreign_pages
import pytest

import nonet
from nonet import blueprints
from nonet.blueprints.rag_system.blueprint import RagSystem
from nonet.graphs.steps import bench, emission, implement
from nonet.graphs.steps.brief import brief
from nonet.graphs.steps.decide import decide
from nonet.graphs.steps.deliver import deliver
from nonet.graphs.steps.design import design
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Builder, Flow
from nonet.graphs.steps.measured import measure
from nonet.graphs.steps.prepare import prepare
from nonet.graphs.steps.report import report
from nonet.graphs.steps.review import review
from nonet.graphs.steps.workflow import Workflow
from nonet.runs.result import Run
from nonet.settings import ProviderSettings
from nonet.state import Json
from nonet.testing import FakeProvider, Question
from nonet.testing.replies import Said
from nonet.trials import ship, space
from nonet.trials.blueprint import Blueprint

KEY = "sk-0123456789-of-the-test"
PAGES = 50
JUDGED = 2
HYDE = {"query_transformation": "hyde", "query_model": "writer"}
pytestmark = pytest.mark.slow


@dataclass
class Asked:
    """A finished run, the fake that it asked and that is still there, and its settings."""

    run: Run
    fake: FakeProvider
    settings: nonet.Settings


def _blueprint() -> Blueprint[Any, Any]:
    return blueprints.load("rag_system")


def _graph() -> Builder:
    flow = Flow(_blueprint)
    flow.step("brief", brief, "Read the request")
    flow.step("prepare", prepare, "Prepare", after="brief")
    flow.step("design", design, "Nominate", after="prepare")
    flow.step("implement", implement.implement, "Measure", after="design", booked=True)
    flow.step("decide", decide, "Decide", after="implement")
    flow.step("review", review, "Review", after="decide", booked=True)
    flow.step("deliver", deliver, "Deliver", after="review")
    flow.step("report", report, "Report", after="deliver")
    return flow.finish("report")


WORKFLOW = Workflow("rag_system", "Answer questions", (r"answer",), _graph, _blueprint)


def _knows(question: Question) -> Said:
    asked = question.messages[-1][1]
    if question.schema is None:
        return f"It says so [1]. {asked[:12]} [99]" if _answers(question) else re.sub(r"frage(\d+)", r"thing\1", asked)
    if "claims" not in question.schema["properties"]:
        return {"better": "first"}
    numbers = re.findall(r"frage(\d+)", asked)
    found = f"thing{numbers[0]} is put" in asked
    claim = {"statement": "It says so.", "passage": 1 if found else 0}
    return {"claims": [claim], "answer_relevance": 2, "context_relevance": 4 if found else 0}


def _answers(question: Question) -> bool:
    return "numbered passages only" in question.system


def _none(*_: object) -> list[dict[str, Json]]:
    return []


@pytest.fixture(scope="module", autouse=True)
def _own_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No pool is made and no packing compared, few questions are timed, and once: other tests do all of that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RagSystem, "tests", (*Blueprint.tests[:-1], "tests/test_transformation.py", "-k", "hyde"))
        patch.setattr(RagSystem, "refinements", _none)
        patch.setattr(RagSystem, "scouts", _none)
        patch.setattr(implement, "MOST_TIMED", 5)
        patch.setattr(implement, "PASSES", 1)
        patch.setenv("WRITER_KEY", KEY)
        patch.setenv("NONET_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def _provider(fake: FakeProvider) -> ProviderSettings:
    return ProviderSettings(model="openai:any", base_url=fake.base_url, key="WRITER_KEY", most_tokens=100)


def _measured(folder: Path, fake: FakeProvider) -> tuple[Run, nonet.Settings]:
    foreign_pages.write(folder, PAGES)
    settings = nonet.Settings(providers={"writer": _provider(fake)}, judge_questions=JUDGED)
    run = nonet.run(
        WORKFLOW,
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
    with FakeProvider("openai", _knows) as fake:
        run, settings = _measured(folder, fake)
        yield Asked(run, fake, settings)


def _decided(run: Run) -> dict[str, Any]:
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


def test_answers_from_the_contexts_that_were_measured_are_judged_and_decide_nothing(asked: Asked):
    found = asked.run.json()
    assert found["judge"]["questions"] == JUDGED
    assert found["judge"]["writer"] == found["judge"]["judge"] == "writer"
    assert found["metrics"]["faithfulness"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": JUDGED}
    assert found["metrics"]["context_relevance"]["value"] > found["baseline"]["metrics"]["context_relevance"]["value"]
    assert found["standing_targets"][-1]["measured"] == found["metrics"]["context_relevance"]["value"]
    assert "context_relevance" not in found["decision"]["reason"]
    assert {question.key for question in asked.fake.questions if question.schema} == {KEY}


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


def test_what_ships_asks_the_model_by_its_settings_and_cites_passages_that_exist(asked: Asked):
    project = asked.run.folder / "project"
    python = json.loads((asked.run.folder / "environment.json").read_text())["python"]
    own = {
        "PATH": os.environ["PATH"],
        "HOME": str(project.parent),
        "PYTHONPATH": str(project / "src"),
        "WRITER_KEY": KEY,
    }
    command = [python, "-m", "rag", "ask", "frage7 please", "--no-cache", "--json"]
    before = len(asked.fake.questions)
    done = subprocess.run(command, cwd=project, env=own, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["generated"]
    assert [(source["citation"], source["doc"]) for source in answer["sources"]] == [(1, "page7.txt")]
    assert "passages that do not exist: 99" in answer["note"]
    transforming, answering = asked.fake.questions[before:]
    assert (_answers(transforming), _answers(answering)) == (False, True)
    assert answering.key == KEY


def test_one_that_does_not_help_does_not_ship(asked: Asked, tmp_path: Path):
    """The same design with a model that repeats the question: it costs more, finds no more, and loses."""
    folder = Path(shutil.copytree(asked.run.folder, tmp_path / "run"))
    decided = json.loads((folder / "decision.json").read_text())
    plain = decided["baseline"]["design"]
    with FakeProvider("openai", lambda question: question.messages[-1][1]) as fake:
        providers = {**asked.settings.providers, "parrot": _provider(fake)}
        desk = Desk(folder, asked.settings.model_copy(update={"providers": providers}), _blueprint())
        parroting = {**decided["decision"]["design"], "query_model": "parrot"}
        laboratory, raced = bench.laboratory(desk), desk.read("measurements.json")
        laboratory.build(parroting)
        compared = raced["order"][: raced["compared"]]
        found = measure(desk, laboratory, bench.evaluator(desk), [plain, parroting], compared)
        assert len(fake.questions) == len(compared)
    designs = {space.key(each): each for each in (plain, parroting)}
    winner = ship.ship(found, designs, space.key(plain), [], None).design
    assert winner["query_transformation"] == "none"
    emission.emit(desk, laboratory, winner)
    assert "chat" not in json.loads((folder / "project" / "settings.json").read_text())
