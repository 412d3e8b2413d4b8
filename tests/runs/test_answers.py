"""Questions only a person can answer: asked with a form, answered by ``resume``, asked again with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import records
from threshold_workflow import WORKFLOW, blueprint

import nonet
from nonet.runs.result import Run


def resume(folder: Path, settings: nonet.Settings, **answer: str) -> Run:
    return nonet.resume(folder, answer or None, workflow=WORKFLOW, settings=settings)


def question(run: Run) -> dict[str, Any]:
    assert (run.status, run.exit_code) == ("needs_answer", 4)
    return run.json()["question"]


def test_a_missing_input_is_asked_for_until_it_can_be_used(
    settings: nonet.Settings, table: Path, tmp_path: Path
) -> None:
    run = nonet.run(WORKFLOW, "Classify", budget="1 trials", settings=settings)
    asked = question(run)
    assert asked["fields"] == ["table"]
    described = blueprint().Inputs.model_json_schema()["properties"]["table"]
    assert asked["form"]["properties"]["table"] == described
    assert asked["form"]["required"] == ["table"]

    assert question(resume(run.folder, settings)) == asked, "without an answer it still waits"
    nowhere = tmp_path / "nowhere.csv"
    assert f"There is no file {nowhere}." in question(resume(run.folder, settings, table=str(nowhere)))["question"]
    assert "'colour' was not asked for" in question(resume(run.folder, settings, colour="red"))["question"]
    assert "There is no file" not in question(resume(run.folder, settings, colour="red"))["question"]
    assert not (run.folder / "brief.json").exists(), "a bad answer leaves no trace"

    done = resume(run.folder, settings, table=str(table))
    assert done.decision is not None
    assert done.json()["question"] is None
    assert records.read(run.folder, "brief.json")["inputs"] == {"table": str(table)}


@pytest.fixture
def asking(settings: nonet.Settings, table: Path) -> Run:
    """A run that asks for approval."""
    return nonet.run(WORKFLOW, "Classify", table=table, budget="12 trials", approve=True, settings=settings)


def test_approval_shows_the_candidates_and_its_edits_are_what_is_measured(
    asking: Run, settings: nonet.Settings
) -> None:
    asked = question(asking)
    assert asked["fields"] == ["drop", "add", "budget", "go"]
    assert asked["budget"] == "12 trials"
    shown = {row["key"]: row for row in asked["candidates"]}
    baseline = next(key for key, row in shown.items() if row["baseline"])
    others = [key for key in shown if key != baseline]
    assert len(others) >= 3
    assert all(row["design"] and row["seats"] and row["reasons"] for row in shown.values())
    assert not (asking.folder / "measurements.json").exists(), "nothing is built before the answer"

    for answer, reason in (
        ({"drop": others[0]}, "--go yes"),
        ({"go": "yes", "drop": "0000"}, "There is no candidate '0000'"),
        ({"go": "yes", "drop": baseline}, "is the baseline"),
        ({"go": "yes", "budget": "soon"}, "The budget 'soon' is not understood"),
        ({"go": "yes", "add": "{model: knn"}, "not JSON"),
        ({"go": "yes", "add": '{"model": "oracle"}'}, "Input should be"),
    ):
        assert reason in question(resume(asking.folder, settings, **answer))["question"]
    assert not (asking.folder / "approval.json").exists(), "a bad answer leaves no trace"

    added = json.dumps({"model": "knn", "features": 4, "work": 1})
    done = resume(asking.folder, settings, go="yes", drop=f"{others[0]}, {others[1]}", add=added, budget="3 trials")
    rows = records.read(done.folder, "decision.json")["candidates"]
    keys = {row["key"] for row in rows}
    assert baseline in keys
    assert keys.isdisjoint(others[:2])
    person = [row for row in rows if "person" in row["seats"]]
    assert [row["design"]["features"] for row in person] == [4]
    assert person[0]["measured"] > 0
    budget = done.json()["budget"]
    assert budget["asked"] == "3 trials"
    assert budget["spent"]["candidates"] == 3


def test_approval_without_edits_measures_what_was_shown(asking: Run, settings: nonet.Settings) -> None:
    shown = {row["key"] for row in question(asking)["candidates"]}
    done = resume(asking.folder, settings, go="yes", budget="1 trials")
    rows = records.read(done.folder, "decision.json")["candidates"]
    assert shown <= {row["key"] for row in rows}


def test_a_stream_ends_in_its_result_and_one_left_early_can_be_resumed(settings: nonet.Settings, table: Path) -> None:
    import asyncio

    async def some() -> Path:
        async for event in nonet.stream(WORKFLOW, "Classify", table=table, budget="1 trials", settings=settings):
            if event["event"] == "step" and event["step"] == "recall":
                break
        return next(Path("nonet-runs").iterdir()).absolute()

    folder = asyncio.run(some())
    left = nonet.show(folder, settings)
    assert left.status == "failed"
    assert left.json()["error"]["code"] == "stopped"
    assert resume(folder, settings).decision is not None


async def test_run_works_inside_an_event_loop(settings: nonet.Settings) -> None:
    assert nonet.run(WORKFLOW, "Classify", settings=settings).status == "needs_answer"
