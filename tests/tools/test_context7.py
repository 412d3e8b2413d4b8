"""Context7 against a loopback service in its wire format, faults included; what is installed is answered from here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_json import FAULTS, Said, Service, service

from nonet import tools
from nonet.errors import ServiceError, ToolError
from nonet.settings import Settings
from nonet.tools.context7.service import KEY
from nonet.tools.contract import ToolContext
from nonet.tools.services import asking

SEARCH, CONTEXT = "/v2/libs/search", "/v2/context"
FOUND = {
    "results": [
        {"id": "/zilliz/milvus", "title": "Milvus", "description": "A vector database", "totalSnippets": 9,
         "trustScore": 9, "versions": ["v2.6", "v2.5"]}
    ]
}  # fmt: skip
DOCUMENTED = {
    "codeSnippets": [
        {"codeTitle": "Make an index", "codeDescription": "HNSW.", "codeLanguage": "python",
         "codeList": [{"language": "python", "code": "index_params.add_index(index_type='HNSW')"}]}
    ],
    "infoSnippets": [{"content": "M is the degree.", "breadcrumb": "Indexes", "pageId": "https://milvus.io/docs/hnsw"}],
}  # fmt: skip


@pytest.fixture
def context7(monkeypatch) -> Iterator[Service]:
    monkeypatch.setenv(KEY, "ctx7-1")
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.01)
    with service() as made:
        made.said = {SEARCH: [Said(FOUND)], CONTEXT: [Said(DOCUMENTED)]}
        yield made


def context(made: Service, folder: Path, **settings: Any) -> ToolContext:
    settings = {"home": str(folder / "home"), "context7_url": made.url, "tool_seconds": 3, **settings}
    return ToolContext(Settings(**settings))


async def ask(where: ToolContext, library: str = "milvus"):
    return await tools.call("c7_query", where, library=library, query="HNSW index")


async def test_a_library_that_is_not_installed_is_asked_there(context7, tmp_path):
    result = await ask(context(context7, tmp_path))
    assert result.backend == "context7"
    assert [item.reference for item in result.items] == ["context7:/zilliz/milvus", "https://milvus.io/docs/hnsw"]
    assert "index_type='HNSW'" in result.items[0].excerpt
    assert result.items[0].facts["installed"] is False
    search, documentation = context7.asked
    assert search.headers["authorization"] == "Bearer ctx7-1"
    assert (documentation.query["libraryId"], documentation.query["type"]) == ("/zilliz/milvus", "json")


async def test_an_installed_library_is_answered_from_its_own_sources(context7, tmp_path):
    result = await ask(context(context7, tmp_path), "bm25s")
    assert result.backend == "installed"
    assert not context7.asked


async def test_libraries_are_listed(context7, tmp_path):
    result = await tools.call("c7_projects_list", context(context7, tmp_path), query="milvus")
    assert result.items[0].title == "Milvus"
    assert result.items[0].facts["versions"] == ["v2.6", "v2.5"]


async def test_one_that_moved_is_followed(context7, tmp_path):
    moved = Said({"error": "moved", "redirectUrl": "/milvus-io/milvus"}, 301)
    context7.said[CONTEXT] = [moved, Said(DOCUMENTED)]
    assert (await ask(context(context7, tmp_path))).items
    assert context7.asked[-1].query["libraryId"] == "/milvus-io/milvus"


@pytest.mark.parametrize("target", ["/again", "https://evil.example/v2/context"])
async def test_it_is_not_followed_for_ever_nor_to_another_host(target, context7, tmp_path):
    context7.said[CONTEXT] = [Said({"redirectUrl": target}, 301)]
    with pytest.raises(ServiceError, match=r"without end|another host"):
        await ask(context(context7, tmp_path, backends={"context7": "remote"}))
    assert len(context7.asked) <= 6


async def test_one_that_is_still_read_is_asked_again(context7, tmp_path):
    context7.said[CONTEXT] = [Said({"message": "processing"}, 202), Said(DOCUMENTED)]
    assert (await ask(context(context7, tmp_path))).backend == "context7"


async def test_one_that_nobody_knows_is_no_fault(context7, tmp_path):
    context7.said[SEARCH] = [Said({"results": []})]
    with pytest.raises(ToolError, match="knows no library") as caught:
        await ask(context(context7, tmp_path))
    assert not isinstance(caught.value, ServiceError)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_leaves_what_is_embedded(fault, context7, tmp_path):
    context7.said[CONTEXT] = [FAULTS[fault][0]]
    result = await ask(context(context7, tmp_path))
    assert (result.backend, result.items[0].facts["installed"]) == ("installed", False)
    assert "context7 did not answer" in result.note


@pytest.mark.parametrize("fault", FAULTS)
async def test_alone_its_fault_has_a_name(fault, context7, tmp_path):
    said, kind = FAULTS[fault]
    context7.said[CONTEXT] = [said]
    with pytest.raises(ServiceError) as caught:
        await ask(context(context7, tmp_path, backends={"context7": "remote"}))
    assert caught.value.fault == kind


async def test_without_a_key_or_web_it_is_not_asked(context7, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY)
    result = await ask(context(context7, tmp_path, context7_url=""))
    assert result.backend == "installed"
    assert not context7.asked
