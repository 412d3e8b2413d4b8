"""What a specialist's model makes of the evidence stands in the run folder and in the report, as an opinion."""

import importlib.util
from dataclasses import replace
from pathlib import Path

from nonet.graphs.steps.gather import SHARE, gather
from nonet.graphs.steps.reporting import write
from nonet.settings import ProviderSettings
from nonet.testing import FakeProvider, Fault, Reply, ToolUse

_SPEC = importlib.util.spec_from_file_location("run_folder", Path(__file__).with_name("run_folder.py"))
assert _SPEC
assert _SPEC.loader
folder = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(folder)

NOTE = "note:rag_system/bm25"


def thinking(desk, fake):
    mine = ProviderSettings(model="openai:some-model", base_url=fake.base_url, key="A_KEY")
    settings = desk.settings.model_copy(update={"offline": True, "model": "mine", "providers": {"mine": mine}})
    return replace(desk, settings=settings)


async def test_findings_reach_the_report_beside_their_references_as_opinions(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "secret-canary-1")
    stated = [
        {
            "statement": "Rare <b>words</b> decide, says secret-canary-1.",
            "references": [NOTE, "https://nowhere.example"],
        },
        {"statement": "Nothing shows this.", "references": ["absent.py:1"]},
    ]
    script = [Reply(calls=[ToolUse("scrape_url", {"url": NOTE})]), "Read.", {"findings": stated}]
    desk = folder.make(tmp_path / "run-1")
    before = [nomination.design for nomination in desk.nominations()]
    with FakeProvider("openai", script) as fake:
        mine = thinking(desk, fake)
        step = gather("read_guides", "reader", lambda desk: (NOTE,))
        update = await step(mine, {})
        again = await step(mine, {})  # a step that was interrupted runs anew
        assert len(fake.questions) == 3
    assert update == again
    write(mine, update["notes"])
    page = (mine.folder / "report.md").read_text()
    assert page.count("decide, says") == 1
    assert "These are opinions" in page
    assert "Models cited 2 references that no tool returned: dropped, with 1 finding left without any." in page
    assert "Nothing shows this" not in page
    assert "secret-canary-1" not in "".join(path.read_text() for path in mine.folder.rglob("*.*") if path.is_file())
    assert [nomination.design for nomination in desk.nominations()] == before


async def test_a_hung_model_takes_no_more_than_its_share_of_the_budget(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "secret-canary-1")
    desk = folder.make(tmp_path / "run-1")
    desk.write("brief.json", {**desk.read("brief.json"), "budget": "4s"})
    with FakeProvider("openai", [Fault("slow", seconds=30)]) as fake:
        update = await gather("read_guides", "reader", lambda desk: (NOTE,))(thinking(desk, fake), {})
    assert any(f"its {4 * SHARE:.3g} seconds were over" in note for note in update["notes"])
    assert len(update["evidence_refs"]) == 1
