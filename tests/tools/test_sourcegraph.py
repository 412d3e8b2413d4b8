"""Sourcegraph itself: a loopback server that speaks its stream API, faults included; and who is asked when."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nonet import tools
from nonet.errors import ServiceError, ToolError
from nonet.providers import retrying
from nonet.settings import Settings
from nonet.tools.contract import ToolContext

MATCH = {
    "type": "content",
    "repository": "github.com/an/other",
    "commit": "0" * 40,
    "path": "src/split.py",
    "language": "Python",
    "lineMatches": [
        {"line": "    chunk_size=512,", "lineNumber": 5, "offsetAndLengths": [[4, 10]]},
        {"line": "chunk_size = 3", "lineNumber": 9, "offsetAndLengths": [[0, 10]]},
    ],
}
Answer = Callable[[BaseHTTPRequestHandler], None]


def events(*said: tuple[str, Any]) -> bytes:
    texts = ((name, data if isinstance(data, str) else json.dumps(data)) for name, data in said)
    return b"".join(f"event: {name}\ndata: {text}\n\n".encode() for name, text in texts)


DONE = ("done", {})
WHOLE = events(("progress", {"done": False, "matchCount": 2, "skipped": []}), ("matches", [MATCH]), DONE)


def stream(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        kind = "text/event-stream" if status == 200 else "application/json"
        for name, value in {"Content-Type": kind, **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        with contextlib.suppress(ConnectionError):  # who has read enough leaves
            handler.wfile.write(content)

    return answer


class Server:
    """Answers in order, the last one again and again; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [stream(WHOLE)]
        self.asked: list[tuple[dict[str, str], str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                assert parts.path == "/.api/search/stream"
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                outer.asked.append((asked, self.headers.get("Authorization", "")))
                outer.answers[min(len(outer.asked), len(outer.answers)) - 1](self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("SRC_ACCESS_TOKEN", "sgp_1")
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def context(server: Server, folder: Path, repository: bool = True, **settings: Any) -> ToolContext:
    (folder / "repo").mkdir(exist_ok=True)
    (folder / "repo" / "own.py").write_text("chunk_size = 7\n")
    settings = {"home": str(folder / "home"), "sourcegraph_url": server.url, "tool_seconds": 10, **settings}
    root = folder / "repo"
    return ToolContext(Settings(**settings), (root,), repository=root if repository else None)


async def search(context: ToolContext, query: str = "chunk_size repo:an/other", **arguments: Any):
    return await tools.call("search_code", context, query=query, **arguments)


async def test_another_repository_is_searched_there(server, tmp_path):
    result = await search(context(server, tmp_path))
    assert (result.backend, result.note) == ("sourcegraph", "")
    assert [item.reference for item in result.items] == [
        "github.com/an/other/src/split.py:6",
        "github.com/an/other/src/split.py:10",
    ]
    assert result.items[0].excerpt == "    chunk_size=512,"
    assert result.items[0].facts["language"] == "python"
    asked, token = server.asked[0]
    assert asked["q"].startswith("chunk_size repo:an/other")
    assert (asked["v"], token) == ("V3", "token sgp_1")


@pytest.mark.parametrize("query", ["chunk_size", "chunk_size repo:^repo$", "chunk_size lang:python"])
async def test_the_users_own_checkout_is_nobody_elses_business(query, server, tmp_path):
    result = await search(context(server, tmp_path), query)
    assert (result.backend, [item.reference for item in result.items]) == ("ripgrep", ["own.py:1"])
    assert not server.asked


async def test_without_a_checkout_every_query_goes_there(server, tmp_path):
    assert (await search(context(server, tmp_path, repository=False), "chunk_size")).backend == "sourcegraph"


async def test_a_named_query_is_written_out(server, tmp_path):
    await search(context(server, tmp_path), "repo:an/other", pattern="missing-tracking", path="src")
    asked = server.asked[0][0]["q"]
    assert "lang:Python" in asked or "lang:python" in asked
    assert "NOT" in asked
    assert "file:^src" in asked


async def test_what_it_says_of_the_search_is_told(server, tmp_path):
    alert = ("alert", {"title": "No repositories found", "description": "Mend repo:."})
    server.answers = [stream(events(alert, DONE))]
    result = await search(context(server, tmp_path))
    assert result.items == []
    assert "No repositories found" in result.note


async def test_the_query_goes_as_it_is_written(server, tmp_path):
    query = 'r:an/other@v1 ("a  b" or type:symbol fit) count:all'
    await search(context(server, tmp_path), query)
    await search(context(server, tmp_path), "repo:an/other a or b", path="src/my app")
    assert [asked["q"] for asked, _ in server.asked] == [
        query,
        '(repo:an/other a or b) file:"^src/my\\\\ app(/|$)"',
    ]


async def test_chunks_symbols_commits_and_names_are_told_too(server, tmp_path):
    place = {"repository": "github.com/an/other", "commit": "abc"}
    chunk = {"content": "def fit():\n    pass", "contentStart": {"offset": 0, "line": 4, "column": 0}, "ranges": []}
    matches = [
        {"type": "content", **place, "path": "a.py", "chunkMatches": [chunk], "lineMatches": None, "hunks": None},
        {"type": "symbol", **place, "path": "b.py", "symbols": [{"name": "fit", "kind": "FUNCTION", "line": 7}]},
        {"type": "path", **place, "path": "c.py"},
        {"type": "commit", "repository": "github.com/an/other", "content": "```COMMIT_EDITMSG\nFix```"},
        {"type": "repo", "repository": "github.com/an/other"},
    ]
    server.answers = [stream(events(("progress", {"skipped": None}), ("matches", matches), ("filters", []), DONE))]
    found = [(item.reference, item.excerpt) for item in (await search(context(server, tmp_path))).items]
    base = "github.com/an/other"
    assert found == [
        (f"{base}/a.py:5", "def fit():\n    pass"),
        (f"{base}/b.py:7", "fit"),
        (f"{base}/c.py", f"{base}/c.py"),
        (f"{base}:1", "```COMMIT_EDITMSG\nFix```"),
        (base, base),
    ]


FAULTS = {
    "429": stream(b"{}", 429, Retry_After="0"),
    "500": stream(b"{}", 500),
    "401": stream(b'{"message": "invalid token"}', 401),
    "half a stream": stream(WHOLE[: len(WHOLE) // 2]),
    "no JSON": stream(events(("matches", "{oops"), DONE)),
    "another form": stream(events(("matches", {"nope": 1}), DONE)),
    "403": stream(b"no", 403),
    "a failed search": stream(events(("error", {"message": "context deadline exceeded"}), DONE)),
    "elsewhere": stream(b"", 302, Location="http://127.0.0.1:9/"),
    "a line without end": stream(b"data: " + b"x" * 21_000_000),
    "a packed bomb": stream(gzip.compress(b"data: " + b"x" * 60_000_000), Content_Encoding="gzip"),
    "no stream": stream(b"<html>a login page</html>", 200, Content_Type="text/html"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_a_typed_error_where_nothing_else_can_answer(fault, server, tmp_path):
    server.answers = [FAULTS[fault]]
    with pytest.raises(ServiceError) as caught:
        await search(context(server, tmp_path))
    assert caught.value.fault in {
        "429": ("limit",),
        "500": ("unavailable",),
        "a failed search": ("unavailable",),
        "401": ("key",),
        "403": ("key",),
    }.get(fault, ("malformed",))


async def test_what_passes_is_asked_again(server, tmp_path):
    server.answers = [FAULTS["429"], FAULTS["500"], stream(WHOLE)]
    assert (await search(context(server, tmp_path))).backend == "sourcegraph"
    assert len(server.asked) == 3


async def test_an_answer_is_kept(server, tmp_path):
    where = context(server, tmp_path)
    assert (await search(where)).items == (await search(where)).items
    assert len(server.asked) == 1


async def test_without_a_key_or_web_it_is_not_asked(tmp_path, monkeypatch, server):
    monkeypatch.delenv("SRC_ACCESS_TOKEN")
    with pytest.raises(ToolError, match="names another repository"):
        await search(context(server, tmp_path, sourcegraph_url=""))
    assert not server.asked


async def test_a_server_that_hangs_is_left_after_the_time_limit(server, tmp_path):
    released = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        stream(WHOLE[:40])(handler)
        released.wait(20)

    server.answers = [hang]
    try:
        with pytest.raises(ServiceError) as caught:
            await search(context(server, tmp_path, tool_seconds=0.5))
    finally:
        released.set()
    assert caught.value.fault == "timeout"
