"""The reader on the web: addresses it is given, sites, and what a search found."""

import pytest
from loopback_pages import page, serving

from nonet.agents.reader import _playbook, reader
from nonet.agents.specialist import Task
from nonet.tools.contract import Item, ToolContext, ToolResult


@pytest.fixture
def site():
    with serving() as opened:
        opened.pages["/docs/"] = page("Start", "Of turbines, in a sentence of some length.", links=("/docs/a",))
        opened.pages["/docs/a"] = page("Blades", "Of blades, in another sentence of some length.")
        yield opened


def online(settings, site, **changes):
    given = {"offline": False, "web": True, "private_hosts": (site.authority,), **changes}
    return ToolContext(settings.model_copy(update=given))


async def test_an_address_is_read_and_a_site_crawled(settings, site):
    one = await reader.run(Task("read", "", (f"{site.url}/docs/",)), online(settings, site))
    assert [item.reference for item in one.evidence] == [f"{site.url}/docs/"]
    all_of_it = await reader.run(Task("read", "", (f"{site.url}/docs/**",)), online(settings, site))
    assert [item.title for item in all_of_it.evidence] == ["Start", "Blades"]
    assert {item.tool for item in all_of_it.evidence} == {"crawl_url"}


async def test_without_the_web_an_address_leaves_a_note(settings, site):
    found = await reader.run(Task("read", "", (f"{site.url}/docs/",)), online(settings, site, web=False))
    assert found.evidence == []
    assert "--web" in found.notes[0]
    assert site.asked == []


def result(tool: str, *references: str) -> ToolResult:
    items = [Item(reference=reference, title="t", excerpt="e") for reference in references]
    return ToolResult(tool=tool, backend="b", items=items)


def test_of_what_a_search_found_one_page_of_the_web_is_tried_before_the_others():
    calls = _playbook(Task("read", "", ("turbines and blades",)))
    found = result(
        "tavily-search",
        "https://a.example/x:80",
        "note:rag_system/bm25",
        "https://b.example",
        "d/a.md:7",
        "https://c.example",
    )
    first = [call.arguments["url"] for call in calls(1, [found])]
    assert first == ["note:rag_system/bm25", "d/a.md", "https://a.example/x:80"]
    read = result("scrape_url", "https://a.example/x:80")
    assert [call.arguments["url"] for call in calls(2, [found, read])] == ["https://b.example", "https://c.example"]
    assert [call.arguments["url"] for call in calls(2, [found])] == ["https://b.example"]
    assert calls(3, [found, read]) == []
