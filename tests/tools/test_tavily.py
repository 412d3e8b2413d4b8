"""Tavily's real client against a loopback service in its wire format, faults included; what is embedded beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_json import FAULTS, Said, Service, service

from nonet import tools
from nonet.errors import ServiceError, ToolError
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.services import asking
from nonet.tools.tavily import open_search
from nonet.tools.tavily.service import KEY

RESULT = {"title": "Chunking", "url": "https://a.example/chunking", "content": "Cut at headings.", "score": 0.9}


@pytest.fixture
def tavily(monkeypatch) -> Iterator[Service]:
    monkeypatch.setenv(KEY, "tvly-1")
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.01)
    with service() as made:
        made.said["/search"] = [Said({"results": [RESULT], "response_time": 0.1})]
        made.said["/extract"] = [
            Said({"results": [{"url": RESULT["url"], "raw_content": "The whole page."}],
                  "failed_results": [{"url": "https://b.example", "error": "gone"}]})
        ]  # fmt: skip
        yield made


def context(made: Service, folder: Path, **settings: Any) -> ToolContext:
    docs = folder / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "own.md").write_text("# Our chunking\n\nWe cut by pages.\n")
    settings = {"home": str(folder / "home"), "tavily_url": made.url, "tool_seconds": 3, **settings}
    return ToolContext(Settings(**settings), (docs,), workflow="rag_system")


async def test_the_web_is_searched_and_the_users_own_folder_stays_in_sight(tavily, tmp_path):
    result = await tools.call("tavily-search", context(tavily, tmp_path), query="chunking", max_results=4)
    assert result.items[0].reference == "https://a.example/chunking"
    assert result.items[0].facts["source"] == "web"
    assert {item.facts["source"] for item in result.items} == {"web", "folder", "library"}
    assert result.backend.startswith("tavily")
    (asked,) = tavily.asked
    assert asked.headers["authorization"] == "Bearer tvly-1"
    assert (asked.body["query"], asked.body["max_results"]) == ("chunking", 4)


async def test_without_a_key_its_keyless_mode_is_used_only_with_web(tavily, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY)
    await tools.call("tavily-search", context(tavily, tmp_path, web=True), query="chunking")
    assert tavily.asked[0].headers["x-tavily-access-mode"] == "keyless"
    alone = context(tavily, tmp_path, tavily_url="")
    assert (await tools.call("tavily-search", alone, query="chunking")).backend == "folder and library"


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_leaves_the_folder_and_the_library(fault, tavily, tmp_path):
    tavily.said["/search"] = [FAULTS[fault][0]]
    result = await tools.call("tavily-search", context(tavily, tmp_path), query="chunking")
    assert result.backend == "folder and library"
    assert result.items
    assert "tavily did not answer" in result.note


@pytest.mark.parametrize("fault", FAULTS)
async def test_alone_its_fault_has_a_name(fault, tavily, tmp_path):
    said, kind = FAULTS[fault]
    tavily.said["/search"] = [said]
    with pytest.raises(ServiceError) as caught:
        await tools.call("tavily-search", context(tavily, tmp_path, backends={"tavily": "remote"}), query="chunking")
    assert caught.value.fault == kind


async def test_an_answer_is_kept(tavily, tmp_path):
    where = context(tavily, tmp_path)
    await tools.call("tavily-search", where, query="chunking")
    await tools.call("tavily-search", where, query="chunking")
    assert len(tavily.asked) == 1


async def test_pages_are_extracted_and_those_that_failed_are_named(tavily, tmp_path):
    urls = [RESULT["url"], "https://b.example"]
    result = await tools.call("tavily-extract", context(tavily, tmp_path), urls=urls)
    assert [item.excerpt for item in result.items] == ["The whole page."]
    assert "https://b.example: gone" in result.note


async def test_the_users_files_are_read_here(tavily, tmp_path):
    result = await tools.call("tavily-extract", context(tavily, tmp_path), urls=["own.md", "nowhere.md"])
    assert "We cut by pages." in result.items[0].excerpt
    assert "nowhere.md was not read" in result.note
    assert not tavily.asked
    with pytest.raises(ToolError, match=r"nowhere\.md"):
        await tools.call("tavily-extract", context(tavily, tmp_path), urls=["nowhere.md"])


def test_open_search_needs_web_and_never_runs_offline(tmp_path):
    remote = open_search.OpenSearch()
    assert "--web" in remote.lacking(ToolContext(Settings(home=str(tmp_path))))
    assert remote.lacking(ToolContext(Settings(home=str(tmp_path), web=True))) == ""
    assert "offline" in remote.lacking(ToolContext(Settings(home=str(tmp_path), web=True, offline=True)))
