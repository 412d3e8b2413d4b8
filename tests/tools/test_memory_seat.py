"""A second run on like data: what the first one measured is recalled and nominated, by the steps of ``rag_system``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from patterns import pattern

from nonet import blueprints
from nonet.blueprints.rag_system import rules
from nonet.graphs.steps.design import candidates, design
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.store import recall, store
from nonet.settings import Settings
from nonet.state import Brief, Evidence
from nonet.tools.qdrant import patterns, store_pattern
from nonet.trials.space import canonical, key

RAG = blueprints.load("rag_system")
LIKE = {"documents": 300, "words_p50": 500, "words_p90": 2000, "sectioned_share": 0.9, "language": "en", "units": 120}
WON = {"chunking": "windows", "chunk_size": 77, "retrieval": "hybrid_rrf", "embedding": "wordllama"}
"""As an older Nonet may have kept it, without the fields that came later."""


@pytest.fixture
def opened(tmp_path: Path, settings: Settings) -> Any:
    def desk(name: str, fingerprint: Any) -> Desk:
        corpus = tmp_path / f"{name}-docs"
        corpus.mkdir()
        made = Desk(tmp_path / name, settings, RAG)
        made.write("run.json", {"run_id": name})
        inputs = {"corpus": str(corpus)}
        made.write("brief.json", {"workflow": "rag_system", "goal": "Answer questions", "inputs": inputs})
        made.write("data.json", {"fingerprint": fingerprint})
        return made

    return desk


def kept(settings: Settings, won: Any, fingerprint: Any, run: str) -> None:
    store_pattern(settings, pattern(design=won, fingerprint=fingerprint, run=run))


async def nominated(desk: Desk) -> list[Any]:
    """What the memory's seat nominates, in the order in which it is measured."""
    await recall(desk, {})
    await design(desk, {})
    return [each for each in candidates(desk) if "memory" in each.seats]


async def test_what_won_on_like_data_is_a_candidate_and_names_the_likeness(opened, settings):
    kept(settings, WON, LIKE, "r1")
    (candidate,) = await nominated(opened("second", {**LIKE, "documents": 600}))
    assert candidate.design == canonical(RAG.Design, WON), "fields that are newer have their defaults"
    assert "won on like data before" in candidate.reasons[0]
    assert "likeness of the data 0.9" in candidate.reasons[0]
    assert candidate.evidence


@pytest.mark.parametrize("bound", [1, 5])
async def test_the_likest_few_are_nominated_in_order_each_once(opened, settings, bound: int, monkeypatch):
    monkeypatch.setattr(rules, "RECALLED", bound)
    for number in range(9):
        data = {**LIKE, "documents": 300 * 2**number}
        kept(settings, {**WON, "chunk_size": 70 + number}, data, f"r{number}")
        # The same system, said with and without a field that has its default.
        kept(settings, {**WON, "chunk_size": 70 + number, "title_prefix": True}, data, f"s{number}")
    found = await nominated(opened("second", LIKE))
    assert [each.design["chunk_size"] for each in found] == [70, 71, 72, 73][:bound], "eight memories, each said twice"


async def test_what_is_no_memory_of_this_workflow_nominates_nothing(opened, settings):
    store_pattern(settings, pattern(design=WON, fingerprint=LIKE, workflow="other", tier="global"))
    kept(settings, {"chunking": "by the moon"}, LIKE, "r1")
    desk = opened("second", LIKE)
    assert await nominated(desk) == []
    assert any("outside the design space" in each["text"] for each in desk.read("proposal.json")["findings"])


async def test_one_run_stores_what_the_next_one_nominates(opened, settings):
    first, fields = opened("first", LIKE), canonical(RAG.Design, WON)
    name = key(fields)
    interval = {"value": 0.8, "low": 0.7, "high": 0.9, "n": 60}
    first.write(
        "decision.json",
        {
            "metrics": {RAG.objective.metric: interval},
            "candidates": [{"key": name, "seats": ["rules"]}],
            "decision": {"winner": name, "design": fields, "reason": "the best"},
            "labels": [{"kind": "given"}],
        },
    )
    first.write("delivery.json", {"holdout": {"claim": "better", "difference": None, "times_opened": 1}})
    first.write("integrity.json", {"packages": {"numpy": "2.3"}, "machine": {"system": "Linux"}})
    assert await store(first, {}) == {"notes": []}
    assert {each.tier for each in patterns(settings)} == {"workflow", "project"}
    assert first.read("pattern.json")["tier"] == "workflow"
    second = opened("second", {**LIKE, "documents": 250})
    (candidate,) = await nominated(second)
    assert candidate.key == name
    written = "".join(path.read_text() for path in second.folder.iterdir() if path.is_file())
    assert '"likeness"' in written


async def test_a_winner_that_names_a_folder_is_not_carried_to_other_projects(opened, settings):
    first = opened("first", LIKE)
    fields = canonical(RAG.Design, {"retrieval": "dense", "embedding": "folder", "embedding_at": "/home/us/model"})
    first.write(
        "decision.json",
        {
            "metrics": {RAG.objective.metric: {"value": 0.8, "low": None, "high": None, "n": 60}},
            "candidates": [{"key": key(fields), "seats": ["rules"]}],
            "decision": {"winner": key(fields), "design": fields, "reason": "the best"},
            "labels": [{"kind": "given"}],
        },
    )
    first.write("delivery.json", {"holdout": {"claim": "better", "difference": None, "times_opened": 1}})
    first.write("integrity.json", {"packages": {}, "machine": {}})
    await store(first, {})
    assert [each.tier for each in patterns(settings)] == ["project"]
    assert await nominated(opened("second", LIKE)) == []


@pytest.mark.parametrize("bound", [1, 5])
def test_no_more_designs_of_the_memory_are_nominated_than_it_is_worth(bound: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "RECALLED", bound)
    recalled = [
        Evidence(
            id=f"e{number}", step="recall", tool="qdrant-find", backend="journal", reference="memory:x", title="A",
            excerpt="", facts={"design": {"chunking": "windows", "chunk_size": 40 + number}, "likeness": number / 100},
        )
        for number in range(12)
    ]  # fmt: skip
    brief = Brief(workflow="rag_system", goal="", inputs={})
    proposal = RAG.propose(brief, RAG.Inputs(corpus="docs"), recalled, LIKE)
    seats = [each for each in proposal.nominations if each.seat == "memory"]
    assert [each.design["chunk_size"] for each in seats] == [51, 50, 49, 48, 47][:bound], "the likest, in their order"
