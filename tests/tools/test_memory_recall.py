"""What is recalled where: tiers, filters, likeness, equal designs, and what wins everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from patterns import pattern

from nonet import tools
from nonet.tools.contract import ToolContext
from nonet.tools.qdrant import Journal, keep_decision, patterns, store_pattern

HERE = {"units": 100, "language": "en"}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two projects' folders."""
    made = (tmp_path / "ours", tmp_path / "theirs")
    for folder in made:
        folder.mkdir()
    return made


async def designs(context: ToolContext, query: str = "anything", **arguments: object) -> list[object]:
    found = await tools.call("qdrant-find", context, query=query, **arguments)
    return [item.facts.get("design") for item in found.items]


async def test_a_decision_is_kept_for_the_workflow_and_with_the_goal_for_the_project(settings, context, folders):
    ours, theirs = folders
    kept = keep_decision(settings, pattern(), "our secret plan", [ours], private=False)
    assert (kept.tier, kept.notes) == ("workflow", [])
    assert {(each.tier, each.goal) for each in patterns(settings)} == {
        ("workflow", ""),
        ("project", "our secret plan"),
    }
    for place, tiers in ((ours, {"project", "workflow"}), (theirs, {"workflow"})):
        here = context(place, workflow="rag_system", fingerprint=HERE)
        reached = {tier for tier in ("project", "workflow", "global") if await designs(here, tier=tier)}
        assert reached == tiers
        assert len(await designs(here)) == 1, "one decision is one memory, whatever tiers it is kept in"
    found = await tools.call("qdrant-find", context(ours, workflow="rag_system"), query="secret plan")
    assert found.items
    assert "secret" not in found.model_dump_json()
    assert str(ours) not in "".join(str(entry.body) for entry in Journal.of(settings).entries())


async def test_a_design_with_text_of_the_users_stays_in_the_project(settings, context, folders):
    ours, theirs = folders
    private = pattern(design={"embedding": "folder", "embedding_at": "/home/us/model"})
    assert keep_decision(settings, private, "goal", [ours], private=True).tier == "project"
    assert await designs(context(ours, workflow="rag_system"), "embedding") == [private.design]
    assert await designs(context(theirs, workflow="rag_system"), "embedding") == []


async def test_a_design_that_won_on_three_unlike_data_is_kept_everywhere(settings, context, folders):
    elsewhere = context(folders[0], workflow="drift_detection")
    for number, units in enumerate((100, 101, 10_000, 10_001)):
        keep_decision(settings, pattern(units, run=f"r{number}"), "goal", [folders[1]], private=False)
        keep_decision(settings, pattern(units, run=f"s{number}", design={"x": number}), "goal", [], private=False)
    assert await designs(elsewhere, "windows") == [], "won on two, each twice"
    keep_decision(settings, pattern(1_000_000, run="r9"), "goal", [folders[1]], private=False)
    assert await designs(elsewhere, "windows") == [pattern().design]
    assert await designs(elsewhere, "windows", workflow="drift_detection") == []
    assert await designs(elsewhere, "windows", tier="workflow") == []


async def test_equal_designs_are_one_memory_of_the_likest_data(settings, context):
    for number, units in enumerate((5000, 120, 40)):
        store_pattern(settings, pattern(units, score=units / 10_000, run=f"r{number}"))
    store_pattern(settings, pattern(90_000, run="r9", design={"chunking": "page"}))
    here = context(workflow="rag_system", fingerprint=HERE)
    first, second = (await tools.call("qdrant-find", here, query="page")).items
    assert (first.facts["score"], first.facts["n"], first.facts["wins"]) == (0.012, 120, 3)
    assert second.facts["design"] == {"chunking": "page"}, "words order only what is about equally like"
    assert 1 > first.facts["likeness"] > second.facts["likeness"] > 0
    assert f"likeness of the data {first.facts['likeness']:.2f}, won 3 times" in first.title


async def test_words_order_what_is_equally_like(settings, context):
    for chunking in ("windows", "page", "headings"):
        store_pattern(settings, pattern(design={"chunking": chunking}))
    here = context(workflow="rag_system", fingerprint=HERE)
    for wanted in ("page", "headings", "windows"):
        assert (await designs(here, f"what of {wanted}?"))[0] == {"chunking": wanted}


async def test_kinds_are_filtered_and_a_note_is_not_crowded_out(settings, context):
    here = context(workflow="rag_system", fingerprint=HERE)
    for number in range(20):
        store_pattern(settings, pattern(3000 + 900 * number, design={"chunk_size": number}))
    await tools.call("qdrant-store", here, information="Sizes of chunks matter less than headings.")
    shown = (await tools.call("qdrant-find", here, query="headings of chunks", max_results=3)).items
    assert {item.facts["measured"] for item in shown} == {True, False}
    for kind, measured in (("pattern", True), ("note", False)):
        only = (await tools.call("qdrant-find", here, query="headings of chunks", kind=kind, max_results=30)).items
        assert {item.facts["measured"] for item in only} == {measured}


async def test_a_note_stays_in_its_project_unless_it_is_said_to_go_further(context, folders):
    ours, theirs = (context(folder, workflow="rag_system") for folder in folders)
    for tier in ("project", "workflow", "global"):
        metadata = {"tier": tier}
        await tools.call("qdrant-store", ours, information=f"Windows, says the {tier}.", metadata=metadata)
    other = context(folders[1], workflow="drift_detection")
    for place, tiers in ((ours, 3), (theirs, 2), (other, 1)):
        found = (await tools.call("qdrant-find", place, query="windows")).items
        assert len(found) == tiers, [item.excerpt for item in found]
