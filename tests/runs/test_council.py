"""The council in a run: it nominates, the measurement decides, and whatever a seat does the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import records
from threshold_workflow import WORKFLOW

import nonet
from nonet.runs.result import Run
from nonet.settings import ProviderSettings, SeatSettings
from nonet.testing import FakeProvider
from nonet.tools.clink import opinion

FAMILIES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
CANARY = "sk-canary-7f3a9b2c4d5e6f70"
BUDGET = "8 trials"
BETTER = {"model": "logistic", "features": 4, "work": 9}
OTHER = {"model": "knn", "features": 4, "work": 9}


def answer(*designs: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"candidates": list(designs), "rationale": "It is cheap.", "confidence": 0.9, **fields}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinion, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("CANARY_KEY", CANARY)


def seated(settings: nonet.Settings, fakes: Mapping[str, FakeProvider], **fields: Any) -> nonet.Settings:
    providers = {
        name: ProviderSettings(
            model=f"{FAMILIES[name.split('-')[0]]}:any", base_url=fake.base_url, key="CANARY_KEY",
            input_price=1.0, output_price=2.0,
        )
        for name, fake in fakes.items()
    }  # fmt: skip
    seats = tuple(SeatSettings(provider=name) for name in fakes)
    return settings.model_copy(update={"providers": providers, "seats": seats, **fields})


def run(settings: nonet.Settings, table: Path, out: Path, budget: str = BUDGET) -> Run:
    return nonet.run(WORKFLOW, "Classify", table=table, budget=budget, out=out, settings=settings)


def said(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["seat"]: row for row in records.rows(folder, "opinions.jsonl") if row.get("kind") == "answer"}


def seats_of(folder: Path) -> dict[str, list[str]]:
    return {row["key"]: row["seats"] for row in records.read(folder, "measurements.json")["candidates"]}


def test_without_a_seat_nobody_is_asked_and_nothing_else_changes(
    settings: nonet.Settings, table: Path, tmp_path: Path
) -> None:
    found = run(settings, table, tmp_path / "run")
    assert not (tmp_path / "run" / "models.jsonl").exists()
    assert records.read(tmp_path / "run", "council.json")["mode"] == "no model"
    assert found.error is None


def test_three_seats_nominate_and_what_they_nominate_is_measured(
    settings: nonet.Settings, table: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with (
        FakeProvider("openai", [answer(BETTER)]) as openai,
        FakeProvider("anthropic", [answer(OTHER, BETTER)]) as anthropic,
        FakeProvider("gemini", [answer(OTHER)]) as gemini,
    ):
        fakes = {"openai": openai, "anthropic": anthropic, "gemini": gemini}
        found = run(seated(settings, fakes), table, folder)
    assert found.error is None
    council = records.read(folder, "council.json")
    assert (council["mode"], council["answered"]) == ("council", list(fakes))
    raced = records.read(folder, "measurements.json")
    agreed = {tuple(seats) for seats in seats_of(folder).values()}
    assert ("openai", "anthropic") in agreed
    assert sum(bool(row["measured"] or row["failed"]) for row in raced["candidates"]) <= 8
    for fake in fakes.values():
        assert len(fake.questions) == 1
        assert "best_first" in fake.questions[0].text
    verified = nonet.verify(folder, workflow=WORKFLOW, settings=settings)
    assert verified.passed, verified.differences
