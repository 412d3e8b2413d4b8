"""The real client of Firecrawl against a server on loopback that speaks its format, faults included."""

import contextlib

import loopback_pages
import pytest
from loopback_firecrawl import Answer, document, fault, serving
from loopback_pages import page

from nonet import tools
from nonet.errors import ServiceError, ToolError
from nonet.providers import retrying
from nonet.tools.contract import ToolContext
from nonet.tools.firecrawl.pages import guard
from nonet.tools.firecrawl.service import RemoteScrape

URL = "https://pages.example/turbines"
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "power": {"type": "number"}, "quiet": {"type": "boolean"}},
}
FAULTS = [
    (fault(400, "Bad url"), "malformed", "400"),
    (fault(401, "Unauthorized: Invalid token"), "key", "401"),
    (fault(402, "Payment required to access this resource."), "key", "402"),
    (fault(403, "This website is not supported."), "key", "403"),
    (fault(408, "Request timed out"), "timeout", "408"),
    (fault(429, "Rate limit exceeded", Retry_After="0"), "limit", "429"),
    (fault(500, "Internal server error"), "unavailable", "500"),
    (fault(502, "Bad gateway"), "unavailable", "502"),
    (Answer(raw=b"<html>busy</html>", status=503), "unavailable", "503"),
    (Answer({"success": False, "error": "DNS", "code": "SCRAPE_DNS_RESOLUTION_ERROR"}, 500), "unavailable", "DNS"),
    (Answer({"success": True, "data": document(URL)}, cut=20), "malformed", "half an answer"),
    (Answer(raw=b'{"success": true, "da'), "malformed", "form"),
    (Answer(raw=b""), "malformed", "form"),
    (Answer(raw=b"\xff\xfe\x00"), "malformed", "form"),
    (Answer(["success"]), "malformed", "form"),
    (Answer({"success": True, "data": "text"}), "malformed", "form"),
    (Answer({"success": True, "data": {"markdown": ["no", "text"]}}), "malformed", "form"),
    (Answer({"success": True, "data": {}}), "malformed", "without text"),
    (Answer({"success": True, "data": {"markdown": "  \n"}}), "malformed", "without text"),
    (Answer({"success": True}), "malformed", "without text"),
    (Answer({"success": False, "error": "no reason"}), "malformed", "no reason"),
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Attempts follow one another at once; the network has no name server."""

    async def nobody(host: str, port: int):
        raise OSError("no name server")

    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(guard, "system", nobody)


@pytest.fixture
def server():
    with serving(key="fc-secret") as opened:
        yield opened


@pytest.fixture
def context(settings, server, monkeypatch):
    monkeypatch.setenv("FIRECRAWL_API_KEY", "fc-secret")
    changes = {"offline": False, "firecrawl_url": server.url, "requests_per_minute": 10_000, "tool_seconds": 20.0}
    return ToolContext(settings.model_copy(update=changes))


def within(context, **changes):
    return ToolContext(context.settings.model_copy(update=changes), context.roots)


async def test_a_page_is_scraped_and_kept(server, context):
    found = await tools.call("scrape_url", context, url=URL)
    assert found.backend == "firecrawl"
    assert [(item.reference, item.title) for item in found.items] == [(URL, f"Title of {URL}")]
    assert found.items[0].facts == {"source": "firecrawl"}
    again = await tools.call("scrape_url", context, url=URL)
    assert again.items == found.items
    assert len(server.asked) == 1


async def test_certificates_are_never_ignored_nor_a_key_looked_for(server, context, monkeypatch):
    server.replies |= _crawl(document(URL))
    await tools.call("scrape_url", context, url=URL)
    await tools.call("crawl_url", context, url=URL)
    (sent,), (crawl,) = server.bodies("POST /v2/scrape"), server.bodies("POST /v2/crawl")
    assert sent["skipTlsVerification"] is False
    assert crawl["scrapeOptions"]["skipTlsVerification"] is False
    assert sent["formats"] == ["markdown"]


async def test_a_long_page_is_cut_into_parts(server, context):
    text = "\n".join(f"Line {number} of a long page." for number in range(1000))
    server.replies["POST /v2/scrape"] = Answer({"success": True, "data": document(URL, text)})
    found = await tools.call("scrape_url", context, url=URL)
    assert "\n".join(item.excerpt for item in found.items) == text
    assert [item.reference for item in found.items][:2] == [f"{URL}#part-1", f"{URL}#part-2"]


@pytest.mark.parametrize(("answer", "kind", "said"), FAULTS)
async def test_each_fault_is_typed_where_the_service_alone_is_wanted(answer, kind, said, server, context):
    server.replies["POST /v2/scrape"] = answer
    with pytest.raises(ServiceError, match=said) as error:
        await tools.call("scrape_url", within(context, backends={"firecrawl": "remote"}), url=URL)
    assert error.value.fault == kind
    assert "fc-secret" not in str(error.value)
    assert len(server.asked) == (retrying.ATTEMPTS if error.value.passing else 1)


@pytest.mark.parametrize(("answer", "kind", "said"), FAULTS)
async def test_each_fault_ends_in_an_error_of_both_where_nobody_else_can_answer(answer, kind, said, server, context):
    server.replies["POST /v2/scrape"] = answer
    with pytest.raises(ServiceError, match=rf"(?s)firecrawl did not answer.*{said}.*--web") as error:
        await tools.call("scrape_url", context, url=URL)
    assert error.value.fault == kind
    assert error.value.remedy


@pytest.mark.parametrize("answer", [answer for answer, _, _ in FAULTS if answer.status in (200, 401, 429, 500)])
async def test_each_fault_ends_in_the_page_itself_where_the_web_is_allowed(answer, server, context, monkeypatch):
    async def resolve(host: str, port: int):
        return ["127.0.0.1"]

    server.replies["POST /v2/scrape"] = answer
    with loopback_pages.serving() as site:
        site.pages["/turbines"] = page("Turbines", "Turbines turn, says the page itself in a sentence.")
        port = site.server_address[1]
        monkeypatch.setattr(guard, "system", resolve)
        monkeypatch.setattr("nonet.tools.firecrawl.pages.addresses.public", lambda address: True)
        found = await tools.call("scrape_url", within(context, web=True), url=f"http://pages.example:{port}/turbines")
    assert found.backend == "web"
    assert "says the page itself" in found.items[0].excerpt
    assert found.note.startswith("firecrawl did not answer")
    assert "web answered instead" in found.note


async def test_a_limit_that_passes_is_waited_for(server, context):
    good = Answer({"success": True, "data": document(URL)})
    server.replies["POST /v2/scrape"] = [fault(429, "Slow down", Retry_After="1"), fault(500), good]
    found = await tools.call("scrape_url", context, url=URL)
    assert found.backend == "firecrawl"
    assert found.seconds >= 1
    assert len(server.asked) == 3


async def test_nobody_there_and_nobody_answering(context, server):
    with serving() as gone:
        address = gone.url
    with pytest.raises(ServiceError) as error:
        await tools.call("scrape_url", within(context, firecrawl_url=address), url=URL)
    assert error.value.fault == "unavailable"
    server.replies["POST /v2/scrape"] = Answer(hang=True)
    with pytest.raises(ServiceError) as error:
        await tools.call("scrape_url", within(context, tool_seconds=1.0), url=URL)
    assert error.value.fault == "timeout"


async def test_a_page_that_is_not_there_is_nobodys_fault(server, context):
    data = document(URL)
    data["metadata"]["statusCode"] = 404
    server.replies["POST /v2/scrape"] = Answer({"success": True, "data": data})
    with pytest.raises(ToolError, match="HTTP 404") as error:
        await tools.call("scrape_url", context, url=URL)
    assert not isinstance(error.value, ServiceError)


@pytest.mark.parametrize(
    "url",
    ["note:rag_system/bm25", "manual/a.md", "manual/a.pdf", "/etc/passwd", "http://127.0.0.1:1/", "http://10.0.0.1/",
     "http://intranet/", "http://wiki.corp.example/x", "http://localhost:8080/", "http://user:pw@example.org/",
     "http://0x7f000001/", "ftp://example.org/"],
)  # fmt: skip
async def test_what_is_the_users_own_never_leaves(url, server, context, tmp_path):
    folder = tmp_path / "manual"
    folder.mkdir()
    (folder / "a.md").write_text("# Inside\n\nOnly for us.\n")
    here = ToolContext(
        context.settings.model_copy(update={"private_hosts": ("wiki.corp.example",), "web": True}), (folder,)
    )
    for name, arguments in (("scrape_url", {}), ("crawl_url", {}), ("extract_structured_data", {"schema": SCHEMA})):
        with contextlib.suppress(ToolError):
            assert (await tools.call(name, here, url=url, **arguments)).backend in ("library", "folder")
    assert server.asked == []


def _crawl(*pages, status="completed", **more):
    job = {"success": True, "status": status, "total": len(pages), "completed": len(pages), "creditsUsed": len(pages)}
    job = {**job, "data": list(pages), **more}
    return {
        "POST /v2/crawl": Answer({"success": True, "id": "job-1", "url": "https://api/v2/crawl/job-1"}),
        "GET /v2/crawl/job-1": Answer(job),
        "DELETE /v2/crawl/job-1": Answer({"status": "cancelled"}),
    }


async def test_a_site_is_crawled(server, context):
    other = document(f"{URL}/a", "x" * 5000)
    server.replies |= _crawl(document(URL), other, document(f"{URL}/empty") | {"markdown": " "})
    found = await tools.call("crawl_url", context, url=URL, depth=2, pages=7)
    assert [item.reference for item in found.items] == [URL, f"{URL}/a"]
    assert "1 pages are longer" in found.note
    (sent,) = server.bodies("POST /v2/crawl")
    assert {name: sent[name] for name in ("url", "limit", "maxDiscoveryDepth")} == {
        "url": URL, "limit": 7, "maxDiscoveryDepth": 2,
    }  # fmt: skip
    assert not sent.get("allowExternalLinks")
    assert not sent.get("ignoreRobotsTxt")


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        (_crawl(status="failed"), "unavailable"),
        (_crawl(), "malformed"),
        (_crawl(status="unheard-of"), "malformed"),
        ({"POST /v2/crawl": fault(402)}, "key"),
        ({"POST /v2/crawl": Answer({"success": True})}, "malformed"),
        (_crawl() | {"GET /v2/crawl/job-1": fault(500)}, "unavailable"),
        (_crawl() | {"GET /v2/crawl/job-1": Answer(raw=b"{")}, "malformed"),
        (_crawl(data="x"), "malformed"),
    ],
)
async def test_a_crawl_that_fails_is_typed(replies, kind, server, context):
    server.replies |= replies
    with pytest.raises(ServiceError) as error:
        await tools.call("crawl_url", context, url=URL)
    assert error.value.fault == kind


async def test_a_crawl_that_is_given_up_is_cancelled(server, context):
    server.replies |= _crawl(status="scraping")
    with pytest.raises(ServiceError) as error:
        await tools.call("crawl_url", within(context, tool_seconds=2.5), url=URL)
    assert error.value.fault == "timeout"
    assert ("DELETE /v2/crawl/job-1", None) in server.asked


async def test_data_by_a_model_of_theirs_is_held_against_the_page(server, context):
    text = "# Turbine **T-1000**\n\nIts power is 1,250 kW."
    said = {"name": "Turbine T-1000", "power": 1250, "quiet": True}
    server.replies["POST /v2/scrape"] = Answer({"success": True, "data": document(URL, text, json=said)})
    found = await tools.call("extract_structured_data", context, url=URL, schema=SCHEMA)
    assert found.items[0].facts["values"] == said
    origins = found.items[0].facts["origins"]
    assert ["verbatim" in origins["name"], "verbatim" in origins["power"]] == [True, True]
    assert "inferred" in origins["quiet"]
    (sent,) = server.bodies("POST /v2/scrape")
    assert [form["schema"]["properties"]["power"]["type"] for form in sent["formats"] if form != "markdown"] == [
        "number"
    ]


@pytest.mark.parametrize("said", [None, [1], "x", {"power": "much"}, {"name": ["a"]}, {"quiet": "yes"}])
async def test_data_of_another_schema_is_no_answer(said, server, context):
    server.replies["POST /v2/scrape"] = Answer({"success": True, "data": document(URL, "Text.", json=said)})
    with pytest.raises(ServiceError) as error:
        await tools.call("extract_structured_data", context, url=URL, schema=SCHEMA)
    assert error.value.fault == "malformed"


async def test_a_server_of_ones_own_needs_no_key(settings, monkeypatch):
    monkeypatch.delenv("FIRECRAWL_API_KEY", raising=False)
    with serving() as own:
        # The settings are offline: a server on this machine may be asked all the same.
        changes = {"firecrawl_url": own.url, "requests_per_minute": 10_000}
        context = ToolContext(settings.model_copy(update=changes))
        assert (await tools.call("scrape_url", context, url=URL)).backend == "firecrawl"
        own.replies["GET /"] = Answer({"hello": "world"})
        await RemoteScrape().probe(context)
        own.replies["GET /"] = fault(500)
        with pytest.raises(ServiceError):
            await RemoteScrape().probe(context)


async def test_a_probe_tells_a_good_key_from_a_bad_one(server, context, monkeypatch):
    await RemoteScrape().probe(context)
    assert [what for what, _ in server.asked] == ["GET /v2/team/credit-usage"]
    monkeypatch.setenv("FIRECRAWL_API_KEY", "expired")
    with pytest.raises(ServiceError) as error:
        await RemoteScrape().probe(context)
    assert error.value.fault == "key"


async def test_without_key_address_or_web_nothing_is_asked(settings, server, monkeypatch):
    monkeypatch.delenv("FIRECRAWL_API_KEY", raising=False)
    online = ToolContext(settings.model_copy(update={"offline": False}))
    assert "FIRECRAWL_API_KEY" in RemoteScrape().lacking(online)
    monkeypatch.setenv("FIRECRAWL_API_KEY", "fc-secret")
    assert RemoteScrape().lacking(online) == ""
    assert "offline" in RemoteScrape().lacking(ToolContext(settings))
