"""Nothing leaves this machine without a key that the user set or ``--web``; ``--offline`` forbids all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from nonet import tools

SCRIPT = Path(__file__).parent / "watched_calls.py"
PAGE = "http://an-address-that-is-not-there.invalid/page"
KEYS = {
    "SRC_ACCESS_TOKEN": "sgp_1",
    "CONTEXT7_API_KEY": "ctx7-1",
    "TAVILY_API_KEY": "tvly-1",
    "FIRECRAWL_API_KEY": "fc-1",
    "OPENAI_API_KEY": "sk-1",
}
CALLS: dict[str, dict[str, Any]] = {
    "c7_projects_list": {"query": "a vector store"},
    "c7_query": {"library": "a-library-that-is-not-installed", "query": "connect"},
    "clink": {"prompt": "Which way to cut pages?", "paths": ["code.py"]},
    "crawl_url": {"url": PAGE},
    "extract_structured_data": {"url": PAGE, "schema": {"type": "object", "properties": {"price": {"type": "number"}}}},
    "git_blame": {"path": "code.py"},
    "git_diff": {},
    "git_log": {},
    "list_directory": {},
    "qdrant-find": {"query": "what won"},
    "qdrant-store": {"information": "a note"},
    "read_file": {"path": "code.py"},
    "scrape_url": {"url": PAGE},
    "search_code": {"query": "repo:github.com/an/other connect"},
    "search_files": {"pattern": "*.py"},
    "semgrep_scan": {"path": "code.py"},
    "tavily-extract": {"urls": [PAGE]},
    "tavily-search": {"query": "retrieval"},
}


def watched(folder: Path, *words: str, configuration: str = "", **variables: str) -> Mapping[str, Any]:
    (folder / "code.py").write_text("connect()\n")
    (folder / "arguments.json").write_text(json.dumps(CALLS))
    (folder / "nonet.yaml").write_text(configuration)
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_TOKEN", "_proxy"))}
    environment |= {"NONET_HOME": str(folder / "home"), **variables}
    command = [sys.executable, str(SCRIPT), "arguments.json", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_tool_is_called() -> None:
    assert sorted(CALLS) == tools.names()


def test_without_a_key_nothing_leaves(tmp_path):
    told = watched(tmp_path)
    assert told["seen"] == [], told["outcomes"]


def test_offline_nothing_leaves_whatever_keys_are_set(tmp_path):
    told = watched(tmp_path, "offline", "web", **KEYS)
    assert told["seen"] == [], told["outcomes"]


def test_what_would_leave_is_seen(tmp_path):
    """With an address that the user set, a service is asked; so the tests above could fail."""
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(500)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        names = ("sourcegraph_url", "context7_url", "tavily_url", "firecrawl_url")
        told = watched(tmp_path, configuration="".join(f"{name}: '{address}'\n" for name in names), **KEYS)
    finally:
        server.shutdown()
        server.server_close()
    reached = {host for _, host in told["seen"]}
    assert reached
    assert reached <= {"127.0.0.1", "localhost"}, told["outcomes"]
    assert {path.partition("?")[0].split("/")[1] for path in asked} >= {".api", "search", "v2"}
