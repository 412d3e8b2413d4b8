"""Tavily's real client against a loopback service in its wire format, faults included; what is embedded beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_json import FAULTS, LONG, PATIENCE, Said, Service, service

from nonet import tools
from nonet.errors import ServiceError, ToolError
from nonet.providers import retrying
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.services import pace
from nonet.tools.services.record import Call
from nonet.tools.tavily.open_search import OpenSearch
from nonet.tools.tavily.service import KEY

RESULT = {"title": "Chunking", "url": "https://a.example/chunking", "content": "Cut at headings.", "score": 0.9}
PAGE = RESULT["url"]


@pytest.fixture
def tavily(monkeypatch) -> Iterator[Service]:
    monkeypatch.setenv(KEY, "tvly-1")
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(pace, "_sent", pace.defaultdict(pace.deque))
    with service() as made:
        made.said["/search"] = [Said({"results": [RESULT], "response_time": 0.1})]
        made.said["/extract"] = [Said({"results": [{"url": PAGE, "raw_content": "# A page\n\nIts whole text."}]})]
        yield made


def context(made: Service, folder: Path, **settings: Any) -> ToolContext:
    docs = folder / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "own.md").write_text("# Our chunking\n\nWe cut by pages.\n")
    settings = {"home": str(folder / "home"), "tavily_url": made.url, "tool_seconds": LONG, **settings}
    return ToolContext(Settings(**settings), (docs,), workflow="rag_system")


async def search(where: ToolContext, most: int = 6):
    return await tools.call("tavily-search", where, query="chunking", max_results=most)


async def test_the_web_the_library_and_the_users_folder_stand_by_turns(tavily, tmp_path):
    result = await search(context(tavily, tmp_path), 4)
    assert [item.facts["source"] for item in result.items] == ["web", "library", "folder", "library"]
    assert result.items[0].reference == PAGE
    assert result.items[2].reference.startswith("docs/own.md")
    assert result.backend == "tavily, folder and library"
    assert not result.note
    (asked,) = tavily.asked
    assert asked.headers["authorization"] == "Bearer tvly-1"
    assert "x-tavily-access-mode" not in asked.headers
    assert (asked.body["query"], asked.body["max_results"]) == ("chunking", 4)


async def test_a_web_that_says_nothing_leaves_the_users_documents(tavily, tmp_path):
    tavily.said["/search"] = [Said({"results": []})]
    result = await search(context(tavily, tmp_path))
    assert {item.facts["source"] for item in result.items} == {"folder", "library"}
    assert "tavily found nothing" in result.note


async def test_what_the_web_says_is_no_reference_to_what_lies_here(tavily, tmp_path):
    hostile = [{**RESULT, "url": url} for url in ("note:rag_system/bm25", "../own.md", "file:///etc/passwd")]
    tavily.said["/search"] = [Said({"results": [*hostile, RESULT]})]
    found = [item for item in (await search(context(tavily, tmp_path))).items if item.facts["source"] == "web"]
    assert [item.reference for item in found] == [PAGE]


async def test_a_folder_that_cannot_be_read_is_said(tavily, tmp_path):
    where = context(tavily, tmp_path)
    (tmp_path / "docs" / "own.md").unlink()
    (tmp_path / "docs").rmdir()
    result = await search(where)
    assert [item.reference for item in result.items] == [PAGE]
    assert "not searched" in result.note


async def test_without_a_key_its_keyless_mode_is_used_only_with_web(tavily, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY)
    await search(context(tavily, tmp_path, web=True))
    assert tavily.asked[0].headers["x-tavily-access-mode"] == "keyless"
    assert "authorization" not in tavily.asked[0].headers
    alone = context(tavily, tmp_path, tavily_url="")
    assert (await search(alone)).backend == "folder and library"
    with pytest.raises(ToolError, match=f"{KEY}, or --web"):
        await search(context(tavily, tmp_path, tavily_url="", backends={"tavily": "remote"}))


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_the_folder_and_the_library(name, tavily, tmp_path):
    tavily.said["/search"] = [FAULTS[name][0]]
    result = await search(context(tavily, tmp_path, tool_seconds=PATIENCE.get(name, LONG)))
    assert result.backend == "folder and library"
    assert result.items
    assert "tavily did not answer" in result.note


FORBIDDEN = {str(status): (Said({"detail": {"error": "the plan is used up"}}, status), "key") for status in (432, 433)}
OWN_FAULTS = {**FAULTS, **FORBIDDEN, "400": (Said({"detail": {"error": "query is too long"}}, 400), "malformed")}


@pytest.mark.parametrize("path", ["/search", "/extract"])
@pytest.mark.parametrize("name", OWN_FAULTS)
async def test_alone_its_fault_has_a_name(name, path, tavily, tmp_path):
    said, kind = OWN_FAULTS[name]
    tavily.said[path] = [said]
    alone = context(tavily, tmp_path, backends={"tavily": "remote"}, tool_seconds=PATIENCE.get(name, LONG))
    with pytest.raises(ServiceError) as caught:
        await (search(alone) if path == "/search" else tools.call("tavily-extract", alone, urls=[PAGE]))
    assert caught.value.fault == kind
    assert "tvly-1" not in str(caught.value)
    if name in FORBIDDEN:
        assert "the plan is used up" in caught.value.message


async def test_it_is_asked_again_when_it_says(tavily, tmp_path):
    tavily.said["/search"] = [Said({}, 429, {"Retry-After": "1"}), Said({"results": [RESULT]})]
    began = time.monotonic()
    assert (await search(context(tavily, tmp_path))).items[0].reference == PAGE
    assert time.monotonic() - began >= 1
    assert len(tavily.asked) == 2


async def test_a_keyless_limit_says_when_to_come_back(tavily, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY)
    error = {"code": "keyless_limit", "message": "Too many without a key", "retry_after_seconds": 3600}
    tavily.said["/search"] = [Said({"error": error}, 429)]
    with pytest.raises(ServiceError, match="Too many without a key") as caught:
        await search(context(tavily, tmp_path, backends={"tavily": "remote"}))
    assert (caught.value.fault, caught.value.retry_after, len(tavily.asked)) == ("limit", 3600, 1)


async def test_nobody_there_is_unavailable(tavily, tmp_path):
    nowhere = context(tavily, tmp_path, tavily_url="http://127.0.0.1:9", backends={"tavily": "remote"})
    with pytest.raises(ServiceError) as caught:
        await search(nowhere)
    assert caught.value.fault == "unavailable"


async def test_this_machine_is_not_asked_through_a_proxy(tavily, tmp_path, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert (await search(context(tavily, tmp_path, offline=True))).items[0].reference == PAGE


async def test_an_answer_is_kept_and_the_folders_are_read_anew(tavily, tmp_path):
    calls: list[Call] = []
    where = context(tavily, tmp_path)
    where = ToolContext(where.settings, where.roots, workflow=where.workflow, record=calls.append)
    await search(where)
    (tmp_path / "docs" / "new.md").write_text("Chunking, chunking and chunking.")
    assert "docs/new.md:1" in [item.reference for item in (await search(where)).items]
    assert len(tavily.asked) == 1
    assert [(call.backend, call.outcome) for call in calls] == [("tavily", "answered"), ("tavily", "kept")]
    for _ in range(2):
        await search(context(tavily, tmp_path, cache=False))
    assert len(tavily.asked) == 3


async def test_pages_are_extracted_and_those_that_failed_are_named(tavily, tmp_path):
    whole = "\n".join(f"Line {number} of a long page." for number in range(1000))
    failed = [{"url": "https://b.example", "error": "gone"}]
    tavily.said["/extract"] = [Said({"results": [{"url": PAGE, "raw_content": whole}], "failed_results": failed})]
    result = await tools.call("tavily-extract", context(tavily, tmp_path), urls=[PAGE, "https://b.example"])
    assert result.backend == "tavily"
    assert [item.reference for item in result.items] == [f"{PAGE}#part-{number}" for number in (1, 2, 3)]
    assert "https://b.example was not read: gone" in result.note
    assert "the first 3 are shown" in result.note


async def test_only_public_pages_are_told_to_the_service(tavily, tmp_path):
    urls = [
        PAGE,
        "own.md",
        "http://10.0.0.1/secret",
        "http://intranet/x",
        "note:rag_system/bm25",
        "https://in.example/x",
    ]
    where = context(tavily, tmp_path, private_hosts=("in.example",))
    result = await tools.call("tavily-extract", where, urls=urls)
    (asked,) = tavily.asked
    assert asked.body["urls"] == [PAGE]
    assert {item.facts["source"] for item in result.items} == {"web", "folder", "library"}
    assert result.backend == "tavily, pages"
    for url in (urls[2], urls[3], urls[5]):
        assert f"{url} was not read" in result.note


async def test_when_it_reads_none_what_is_embedded_says_why(tavily, tmp_path):
    tavily.said["/extract"] = [Said({"results": [], "failed_results": [{"url": PAGE, "error": "403"}]})]
    with pytest.raises(ServiceError, match=r"403.*--web") as caught:
        await tools.call("tavily-extract", context(tavily, tmp_path), urls=[PAGE])
    assert caught.value.fault == "unavailable"


async def test_the_users_files_are_read_here(tavily, tmp_path):
    result = await tools.call("tavily-extract", context(tavily, tmp_path), urls=["own.md", "nowhere.md", "own.md"])
    assert [item.reference for item in result.items] == ["docs/own.md"]
    assert "We cut by pages." in result.items[0].excerpt
    assert "nowhere.md was not read" in result.note
    assert not tavily.asked
    with pytest.raises(ToolError, match=r"nowhere\.md") as caught:
        await tools.call("tavily-extract", context(tavily, tmp_path), urls=["nowhere.md"])
    assert caught.value.remedy


HITS = b"""<html><body><div class="links_main body"><h2><a href="https://d.example/chunks">Chunks</a></h2>
<a href="https://d.example/chunks">Cut at sentences.</a></div></body></html>"""


@pytest.fixture
def duckduckgo(tavily, monkeypatch) -> Service:
    """DuckDuckGo's page on this machine: the real client asks it, its address alone is changed."""
    from ddgs.engines.duckduckgo import Duckduckgo

    monkeypatch.setattr(Duckduckgo, "search_url", f"{tavily.url}/html/")
    tavily.said = {"/search": [Said({}, 500)], "/html/": [Said(HITS, headers={"Content-Type": "text/html"})]}
    return tavily


async def test_where_tavily_fails_open_search_answers_with_web(duckduckgo, tmp_path):
    result = await search(context(duckduckgo, tmp_path, web=True), 3)
    assert result.items[0].reference == "https://d.example/chunks"
    assert result.items[0].excerpt == "Cut at sentences."
    assert [item.facts["source"] for item in result.items] == ["web", "library", "folder"]
    assert result.backend == "duckduckgo, folder and library"
    assert "tavily did not answer" in result.note
    asked = len(duckduckgo.asked)
    await search(context(duckduckgo, tmp_path), 2)
    assert {each.path for each in duckduckgo.asked[asked:]} == {"/search"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [(Said(b"<html></html>"), "unavailable"), (Said(HITS, 202), "unavailable"), (Said(HITS, cut=40), "unavailable"),
     (Said(HITS, seconds=3), "timeout")],
    ids=["nothing", "turned away", "half a page", "slow"],
)  # fmt: skip
async def test_its_faults_have_names(said, kind, duckduckgo, tmp_path, monkeypatch):
    from nonet.tools.tavily import open_search

    monkeypatch.setattr(open_search, "SECONDS", 1)
    duckduckgo.said["/html/"] = [said]
    with pytest.raises(ServiceError) as caught:
        await OpenSearch().probe(context(duckduckgo, tmp_path, web=True))
    assert caught.value.fault == kind


def test_open_search_needs_web_and_never_runs_offline(tmp_path):
    remote = OpenSearch()
    assert "--web" in remote.lacking(ToolContext(Settings(home=str(tmp_path))))
    assert remote.lacking(ToolContext(Settings(home=str(tmp_path), web=True))) == ""
    assert "offline" in remote.lacking(ToolContext(Settings(home=str(tmp_path), web=True, offline=True)))


async def test_the_key_reaches_no_file(tavily, tmp_path):
    await search(context(tavily, tmp_path))
    kept = [Path(folder) / name for folder, _, names in os.walk(tmp_path) for name in names]
    assert kept
    assert not any(b"tvly-1" in file.read_bytes() for file in kept)
