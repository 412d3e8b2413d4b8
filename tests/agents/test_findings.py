"""Findings of models, through the real clients: what is cited exists, and what does not is dropped and counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nonet.agents.citations import Shown
from nonet.agents.reader import reader
from nonet.agents.specialist import Task
from nonet.providers import retrying
from nonet.settings import ProviderSettings
from nonet.testing import FakeProvider, Fault, Reply, ToolUse
from nonet.tools.contract import Item, ToolContext, ToolResult

FAMILIES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
NOTE = "note:rag_system/bm25"
STATED = {
    "findings": [
        {"statement": "Words that are rare decide.", "references": [NOTE, "https://nowhere.example"]},
        {"statement": "It was measured elsewhere.", "references": ["src/absent.py:3"]},
    ]
}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0)
    monkeypatch.setenv("A_KEY", "secret-canary-1")


def thinking(settings: Any, fake: FakeProvider, dialect: str = "openai") -> ToolContext:
    mine = ProviderSettings(model=f"{FAMILIES[dialect]}:some-model", base_url=fake.base_url, key="A_KEY", seconds=5)
    return ToolContext(settings.model_copy(update={"model": "mine", "providers": {"mine": mine}}))


def reads_then(*conclusions: Any) -> Any:
    """A script: one page is read, an answer is given, and then what is said to a wanted schema, in order."""
    left = list(conclusions)

    def script(question: Any) -> Any:
        if question.schema is not None:
            return left.pop(0) if len(left) > 1 else left[0]
        if any(role == "tool" for role, _ in question.messages):
            return f"Rare words decide [{NOTE}]."
        return Reply(calls=[ToolUse("scrape_url", {"url": NOTE})])

    return script


@pytest.mark.parametrize("dialect", FAMILIES)
async def test_findings_cite_what_tools_returned_and_the_rest_is_counted(dialect, settings):
    with FakeProvider(dialect, reads_then(STATED)) as fake:
        found = await reader.run(Task("read", "search", (NOTE,)), thinking(settings, fake, dialect))
        asked = fake.questions[-1]
    assert found.concluded is not None
    assert [(each.statement, each.references) for each in found.concluded.findings] == [
        ("Words that are rare decide.", [NOTE])
    ]
    assert (found.concluded.dropped_references, found.concluded.dropped_findings) == (2, 1)
    assert any("2 references that no tool returned" in note and "1 finding left" in note for note in found.notes)
    assert [item.reference for item in found.evidence] == [NOTE]
    # What the model is shown again is quoted, line by line.
    assert f"> {NOTE} | " in asked.text
    assert f"> Rare words decide [{NOTE}]." in asked.text


@pytest.mark.parametrize(
    "said",
    [Reply(text=f"```json\n{json.dumps(STATED)}\n```"), Reply(text=f"Here it is: {json.dumps(STATED)} Good luck.")],
    ids=["fenced", "in prose"],
)
async def test_a_model_without_structured_output_may_write_json_in_its_text(said, settings):
    with FakeProvider("openai", reads_then(said)) as fake:
        found = await reader.run(Task("read", "", (NOTE,)), thinking(settings, fake))
    assert found.concluded is not None
    assert [each.references for each in found.concluded.findings] == [[NOTE]]


async def test_a_wrong_form_goes_back_once_and_can_be_mended(settings):
    with FakeProvider("openai", reads_then(Fault("wrong_schema"), STATED)) as fake:
        found = await reader.run(Task("read", "", (NOTE,)), thinking(settings, fake))
    assert found.concluded is not None
    assert len(found.concluded.findings) == 1


@pytest.mark.parametrize("kind", ["wrong_schema", "key", "refusal", "too_long", "half", "malformed", "empty"])
async def test_without_findings_the_evidence_stands_and_a_note_says_why(kind, settings):
    with FakeProvider("openai", reads_then(Fault(kind))) as fake:
        found = await reader.run(Task("read", "", (NOTE,)), thinking(settings, fake))
    assert [item.reference for item in found.evidence] == [NOTE]
    assert found.concluded is not None
    assert found.concluded.findings == ()
    assert any("stated no findings" in note for note in found.notes)


async def test_where_nothing_was_found_nobody_is_asked_for_findings(settings):
    with FakeProvider("openai", ["Nothing bears on it."]) as fake:
        found = await reader.run(Task("read", "", (NOTE,)), thinking(settings, fake))
        assert len(fake.questions) == 1
    assert found.concluded is None


async def test_a_playbooks_findings_are_its_evidence(context):
    found = await reader.run(Task("read", "", (NOTE,)), context())
    assert found.concluded is None
    assert found.evidence


def shown(*items: Item, tool: str = "search_code") -> Shown:
    return Shown([ToolResult(tool=tool, backend="b", items=list(items))])


@pytest.mark.parametrize(
    ("reference", "held"),
    [
        ("src/train.py:10", True),
        ("src/train.py:8", True),
        ("src/train.py:11", True),
        ("src/train.py:8-11", True),
        ("src/train.py:7", False),
        ("src/train.py:12", False),
        ("src/train.py:10-12", False),
        ("src/train.py:11-8", False),
        ("src/train.py", False),
        ("train.py:10", False),
        ("bm25s@0.2.1#BM25", True),
        ("bm25s@0.2.2#BM25", False),
        ("https://a.example:8080", True),
        ("https://a.example:8081", False),
        ("https://a.example:8080/", False),
        ("memory:12", True),
        ("memory:13", False),
        ("cut.py:3-4", True),
        ("cut.py:5", False),
        ("", False),
    ],
)
def test_a_line_may_be_cited_where_it_was_shown_and_anything_else_by_its_very_reference(reference, held):
    found = shown(
        Item(reference="src/train.py:10", title="t", excerpt="a\nb\nc\nd", facts={"first_line": 8}),
        Item(reference="bm25s@0.2.1#BM25", title="t", excerpt="a"),
        Item(reference="https://a.example:8080", title="t", excerpt="a\nb"),
        Item(reference="memory:12", title="t", excerpt="a\nb"),
        Item(reference="cut.py:3", title="t", excerpt="code\ncode\n\nWhy: so.", facts={"last_line": 4}),
    )
    assert found.holds(reference) is held
