"""Context7 against a loopback service in its wire format, faults included; what is installed is answered from here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback_json import FAULTS, LONG, PATIENCE, Said, Service, service

from nonet import tools
from nonet.blueprints.rag_system.guides import missing_library
from nonet.errors import ServiceError, ToolError
from nonet.providers import retrying
from nonet.settings import Settings
from nonet.state import Evidence
from nonet.tools.context7.service import KEY
from nonet.tools.contract import ToolContext
from nonet.tools.services import pace
from nonet.tools.services.record import Call

SEARCH, CONTEXT = "/v2/libs/search", "/v2/context"
MILVUS = {"id": "/zilliz/milvus", "title": "Milvus", "description": "A vector database", "totalSnippets": 9,
          "trustScore": 9, "versions": ["v2.6", "v2.5"]}  # fmt: skip
FOUND = {"results": [MILVUS]}
DOCUMENTED = {
    "codeSnippets": [
        {"codeTitle": "Make an index", "codeDescription": "HNSW.", "codeLanguage": "python",
         "codeList": [{"language": "python", "code": "index_params.add_index(index_type='HNSW')"}]},
        {"codeTitle": "Drop an index", "codeDescription": "", "codeList": []},
    ],
    "infoSnippets": [{"content": "M is the degree.", "breadcrumb": "Indexes", "pageId": "https://milvus.io/docs/hnsw"}],
}  # fmt: skip


@pytest.fixture
def context7(monkeypatch) -> Iterator[Service]:
    monkeypatch.setenv(KEY, "ctx7-1")
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(pace, "_sent", pace.defaultdict(pace.deque))
    with service() as made:
        made.said = {SEARCH: [Said(FOUND)], CONTEXT: [Said(DOCUMENTED)]}
        yield made


@pytest.fixture
def site(tmp_path) -> Path:
    """An environment with one library, whose sources speak of turning alone."""
    folder = tmp_path / "site"
    for name, text in {
        "gadget/__init__.py": "def turn(angle=1.5):\n    'Turn the gadget.'\n",
        "gadget-2.6.dist-info/METADATA": "Metadata-Version: 2.1\nName: gadget\nVersion: 2.6\nSummary: Turns.\n",
        "gadget-2.6.dist-info/RECORD": "gadget/__init__.py,,\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def context(made: Service, folder: Path, **settings: Any) -> ToolContext:
    settings = {"home": str(folder / "home"), "context7_url": made.url, "tool_seconds": LONG, **settings}
    return ToolContext(Settings(**settings), environment=folder / "site")


def alone(made: Service, folder: Path, **settings: Any) -> ToolContext:
    return context(made, folder, backends={"context7": "remote"}, **settings)


async def ask(where: ToolContext, library: str = "milvus", query: str = "HNSW index", **more: Any):
    return await tools.call("c7_query", where, library=library, query=query, **more)


async def test_a_library_that_is_not_installed_is_asked_there(context7, site, tmp_path):
    result = await ask(context(context7, tmp_path))
    assert result.backend == "context7"
    references = ["context7:/zilliz/milvus", "https://milvus.io/docs/hnsw", "context7:/zilliz/milvus"]
    assert [item.reference for item in result.items] == references
    assert result.items[0].excerpt == "HNSW.\n\n```python\nindex_params.add_index(index_type='HNSW')\n```"
    facts = {"library": "milvus", "version": None, "installed": False, "id": "/zilliz/milvus", "source": "context7"}
    assert result.items[0].facts == facts
    assert "current documentation of /zilliz/milvus; it also keeps v2.6, v2.5" in result.note
    search, documentation = context7.asked
    assert search.headers["authorization"] == "Bearer ctx7-1"
    assert (search.query["libraryName"], search.query["query"]) == ("milvus", "HNSW index")
    assert (documentation.query["libraryId"], documentation.query["type"]) == ("/zilliz/milvus", "json")
    assert len((await ask(context(context7, tmp_path), max_results=1)).items) == 1


async def test_a_rule_reads_of_it_what_it_reads_without_a_key(context7, site, tmp_path):
    """What is not installed may block a design: the fact must be there whoever answers."""
    for where in (context(context7, tmp_path), context(context7, tmp_path, backends={"context7": "embedded"})):
        item = (await ask(where)).items[0]
        evidence = Evidence(
            id="1", step="framework_docs", tool="c7_query", backend="", reference=item.reference, title=item.title,
            excerpt=item.excerpt, facts=item.facts,
        )  # fmt: skip
        assert missing_library(evidence) == "milvus"


async def test_an_installed_library_is_answered_from_its_own_sources(context7, site, tmp_path):
    result = await ask(context(context7, tmp_path), "gadget", "turn")
    assert result.backend == "installed"
    assert result.items[0].facts["version"] == "2.6"
    assert not context7.asked


async def test_where_its_sources_say_nothing_the_service_is_asked_of_that_version(context7, site, tmp_path):
    context7.said[SEARCH] = [Said({"results": [{**MILVUS, "id": "/acme/gadget", "title": "Gadget"}]})]
    result = await ask(context(context7, tmp_path), "gadget", "HNSW index")
    assert result.backend == "context7"
    assert context7.asked[-1].query["libraryId"] == "/acme/gadget@v2.6"
    assert (result.items[0].facts["version"], result.items[0].facts["installed"]) == ("v2.6", True)
    assert "says nothing readable" in result.note
    context7.said[CONTEXT] = [Said({}, 500)]
    failed = await ask(context(context7, tmp_path), "gadget", "HNSW graph")
    assert (failed.backend, failed.items) == ("installed", [])
    assert "context7 did not answer" in failed.note
    context7.asked.clear()
    here = await ask(context(context7, tmp_path, backends={"context7": "embedded"}), "gadget", "HNSW index")
    assert not here.items
    assert not context7.asked


async def test_alone_it_is_asked_of_installed_libraries_too(context7, site, tmp_path):
    context7.said[SEARCH] = [Said({"results": [{**MILVUS, "id": "/acme/gadget", "versions": ["1.0"]}]})]
    result = await ask(alone(context7, tmp_path), "gadget", "turn")
    assert result.backend == "context7"
    assert "current documentation of /acme/gadget, not of 2.6; it also keeps 1.0" in result.note


@pytest.mark.parametrize(
    ("library", "known", "asked"),
    [
        ("milvus", [{"id": "/other/milvus-lite", "title": "Lite"}, MILVUS], "/zilliz/milvus"),
        ("milvus@2.5", [MILVUS], "/zilliz/milvus@v2.5"),
        ("milvus@9", [MILVUS], "/zilliz/milvus"),
        ("a vector store", [MILVUS], "/zilliz/milvus"),
        ("/zilliz/milvus@v2.6", [], "/zilliz/milvus@v2.6"),
    ],
)
async def test_which_library_and_version_a_name_means(library, known, asked, context7, site, tmp_path):
    context7.said[SEARCH] = [Said({"results": known})]
    result = await ask(context(context7, tmp_path), library)
    assert context7.asked[-1].query["libraryId"] == asked
    assert result.items[0].facts["version"] == (asked.partition("@")[2] or None)
    assert ("nearest library" in result.note) == (library == "a vector store")


async def test_the_form_of_its_guide_is_read_too(context7, site, tmp_path):
    context7.said[SEARCH] = [Said([{"id": "/zilliz/milvus", "name": "Milvus"}])]
    assert (await ask(context(context7, tmp_path))).backend == "context7"


async def test_libraries_are_listed_beside_those_that_are_installed(context7, site, tmp_path):
    where = context(context7, tmp_path)
    result = await tools.call("c7_projects_list", where, query="milvus turns")
    assert [item.title for item in result.items] == ["gadget", "Milvus"]
    assert result.items[1].facts["versions"] == ["v2.6", "v2.5"]
    assert result.backend == "installed, context7"
    named = await tools.call("c7_projects_list", where, query="milvus")
    assert named.items[0].title == "Milvus"
    context7.asked.clear()
    assert (await tools.call("c7_projects_list", where, query="Gadget")).backend == "installed"
    assert not context7.asked
    only = await tools.call("c7_projects_list", alone(context7, tmp_path), query="gadget turns")
    assert (only.backend, [item.title for item in only.items]) == ("context7", ["Milvus"])


@pytest.mark.parametrize("target", ["/milvus-io/milvus", "{url}/v2/context?libraryId=%2Fmilvus-io%2Fmilvus&query=x"])
async def test_one_that_moved_is_followed(target, context7, site, tmp_path):
    moved = Said({"error": "moved", "redirectUrl": target.format(url=context7.url)}, 301)
    context7.said[CONTEXT] = [moved, Said(DOCUMENTED)]
    assert (await ask(context(context7, tmp_path))).items
    last = context7.asked[-1]
    assert (last.path, last.query["libraryId"], last.query["query"]) == (CONTEXT, "/milvus-io/milvus", "HNSW index")


MOVES = {
    "a loop": [{"redirectUrl": "/again/again"}],
    "an endless way": [{"redirectUrl": f"/step/{number}"} for number in range(9)],
    "another host": [{"redirectUrl": "https://evil.example/v2/context?libraryId=/a/b"}],
    "nowhere": [{"error": "moved"}],
    "no library": [{"redirectUrl": "/v2/../../admin?x"}],
}


@pytest.mark.parametrize("name", MOVES)
async def test_it_is_not_followed_for_ever_nor_anywhere_else(name, context7, site, tmp_path):
    context7.said[CONTEXT] = [Said(body, 301) for body in MOVES[name]]
    with pytest.raises(ServiceError) as caught:
        await ask(alone(context7, tmp_path))
    assert caught.value.fault == "malformed"
    assert len(context7.asked) <= 5


async def test_one_that_is_still_read_is_asked_again(context7, site, tmp_path):
    context7.said[CONTEXT] = [Said({"message": "processing"}, 202), Said(DOCUMENTED)]
    assert (await ask(context(context7, tmp_path))).backend == "context7"
    context7.said[CONTEXT] = [Said({"message": "processing"}, 202, {"Retry-After": "999"})]
    with pytest.raises(ServiceError) as caught:
        await ask(alone(context7, tmp_path), query="another")
    assert (caught.value.fault, caught.value.retry_after) == ("unavailable", 999)


NOBODY = {"no result": (SEARCH, Said({"results": []})), "404 of a search": (SEARCH, Said({}, 404)),
          "404 of its documentation": (CONTEXT, Said({"error": "library_not_found", "message": "gone"}, 404)),
          "no snippet": (CONTEXT, Said({"codeSnippets": [], "infoSnippets": []}))}  # fmt: skip


@pytest.mark.parametrize("name", NOBODY)
async def test_one_that_nobody_knows_is_no_fault(name, context7, site, tmp_path):
    path, said = NOBODY[name]
    context7.said[path] = [said]
    result = await ask(context(context7, tmp_path))
    assert (result.backend, result.items[0].facts["installed"]) == ("installed", False)
    assert "milvus" in result.note
    only = await ask(alone(context7, tmp_path))
    assert (only.backend, only.items) == ("context7", [])
    assert "Context7" in only.note


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_what_is_embedded(name, context7, site, tmp_path):
    context7.said[CONTEXT] = [FAULTS[name][0]]
    result = await ask(context(context7, tmp_path, tool_seconds=PATIENCE.get(name, LONG)))
    assert (result.backend, result.items[0].facts["installed"]) == ("installed", False)
    assert "context7 did not answer" in result.note


@pytest.mark.parametrize("path", [SEARCH, CONTEXT])
@pytest.mark.parametrize("name", FAULTS)
async def test_alone_its_fault_has_a_name(name, path, context7, site, tmp_path):
    said, kind = FAULTS[name]
    context7.said[path] = [said]
    with pytest.raises(ServiceError) as caught:
        await ask(alone(context7, tmp_path, tool_seconds=PATIENCE.get(name, LONG)))
    assert caught.value.fault == kind
    assert "ctx7-1" not in str(caught.value)


async def test_it_is_asked_again_when_it_says(context7, site, tmp_path):
    context7.said[CONTEXT] = [Said({"message": "slow down"}, 429, {"Retry-After": "0"}), Said(DOCUMENTED)]
    assert (await ask(context(context7, tmp_path))).backend == "context7"
    context7.said[CONTEXT] = [Said({"message": "slow down"}, 429, {"Retry-After": "3600"})]
    with pytest.raises(ServiceError, match="slow down") as caught:
        await ask(alone(context7, tmp_path), query="another")
    assert (caught.value.fault, caught.value.retry_after) == ("limit", 3600)


async def test_an_answer_is_kept(context7, site, tmp_path):
    calls: list[Call] = []
    where = context(context7, tmp_path)
    where = ToolContext(where.settings, environment=where.environment, record=calls.append)
    first, second = await ask(where), await ask(where)
    assert first.items == second.items
    assert [call.outcome for call in calls] == ["answered", "kept"]
    assert len(context7.asked) == 2
    for _ in range(2):
        await ask(context(context7, tmp_path, cache=False))
    assert len(context7.asked) == 6


async def test_without_a_key_an_address_or_web_it_is_not_asked(context7, site, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY)
    result = await ask(context(context7, tmp_path, context7_url=""))
    assert result.backend == "installed"
    with pytest.raises(ToolError, match=f"{KEY}, or --web"):
        await ask(alone(context7, tmp_path, context7_url=""))
    monkeypatch.setenv(KEY, "ctx7-1")
    with pytest.raises(ToolError, match="offline"):
        await ask(alone(context7, tmp_path, context7_url="", offline=True))
    assert not context7.asked


def test_a_name_that_cannot_be_resolved_is_no_warning_on_the_terminal(caplog: pytest.LogCaptureFixture):
    from nonet.tools.context7 import signatures

    source = (
        b"from collections.abc import Callable\ntry:\n    from elsewhere import make\nexcept ImportError:\n"
        b"    def make(name: str) -> Callable[..., None]: ...\n"
    )
    assert [symbol.name for symbol in signatures.read("pkg/made.py", source).symbols] == ["pkg.made.make"]
    assert not caplog.records
