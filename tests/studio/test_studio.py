"""Studio's server, as a person starts it: it serves the workflow, streams it, asks, takes the answer, keeps history."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client

from nonet import blueprints, configs, graphs, tools

ROOT = Path(__file__).resolve().parents[2]
BOOT_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running ``langgraph dev``, and the folders it may write to."""

    url: str
    home: Path
    folder: Path
    log: Path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/ok", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("studio")
    port, home, log = free_port(), folder / "home", folder / "server.log"
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--config", str(ROOT / "langgraph.json")]
    command += ["--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port), "--n-jobs-per-worker", "4"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NONET_", "LANG"))}
    environment |= {
        "NONET_HOME": str(home),
        "NONET_RUNS": str(folder / "runs"),
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGSMITH_TRACING": "false",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(url, process, log)
        yield Server(url, home, folder, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The package's own notes on retrieval: a few pages that every checkout has."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for note in configs.resource("library", "rag_system").iterdir():
        (folder / note.name).write_text(note.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


async def streamed(client: Any, thread: str, workflow: str = "rag_system", **options: Any) -> list[Any]:
    """Run to the end or to a question; return the events."""
    parts = client.runs.stream(thread, workflow, stream_mode=["custom", "updates"], **options)
    return [part async for part in parts]


def steps(parts: list[Any]) -> list[str]:
    return [part.data["step"] for part in parts if part.event == "custom" and part.data["event"] == "step"]


@pytest.mark.slow
async def test_a_question_its_answer_and_the_run_to_its_report(server: Server, corpus: Path) -> None:
    client = get_client(url=server.url)
    thread = (await client.threads.create())["thread_id"]
    request = {"goal": "Answer questions about retrieval", "budget": "2 trials"}
    asked = await streamed(client, thread, input=request)
    assert steps(asked) == ["brief"], (asked, server.log.read_text()[-3000:])
    state = await client.threads.get_state(thread)
    (question,) = state["interrupts"]
    assert question["value"]["fields"] == ["corpus"]
    assert question["value"]["form"]["properties"]["corpus"]["type"] == "string"

    again = await streamed(client, thread, command={"resume": {"corpus": str(corpus / "nowhere")}})
    assert steps(again) == ["brief"]
    (question,) = (await client.threads.get_state(thread))["interrupts"]
    assert "nowhere" in question["value"]["question"]

    answered = await streamed(client, thread, command={"resume": {"corpus": str(corpus)}})
    assert {"brief", "research", "implement", "deliver", "report"} <= set(steps(answered)), server.log.read_text()[
        -5000:
    ]
    measured = [part.data for part in answered if part.event == "custom" and part.data["event"] == "trial"]
    assert measured

    values = (await client.threads.get_state(thread))["values"]
    folder = Path(values["folder"])
    assert folder.parent == server.folder / "runs"
    rows = {row["key"]: row for row in json.loads((folder / "decision.json").read_text())["candidates"]}
    shipped = rows[values["decision"]["winner"]]
    origin = shipped["refines"] or shipped["key"]
    assert origin in values["nominations"] or rows[origin]["seats"] == ["neighbours"]
    assert (folder / "report.md").is_file()
    assert (server.home / "memory").is_dir()

    history = await client.threads.get_history(thread, limit=100)
    assert history[0]["values"]["decision"] == values["decision"]
    assert any(not past["values"].get("nominations") for past in history)
    assert "Blocking" not in server.log.read_text()


@pytest.mark.parametrize("workflow", graphs.names())
async def test_every_workflow_asks_for_the_inputs_it_cannot_do_without(server: Server, workflow: str) -> None:
    client = get_client(url=server.url)
    thread = (await client.threads.create())["thread_id"]
    asked = await streamed(client, thread, workflow, input={"goal": "Do it", "budget": "1 trials"})
    assert steps(asked) == ["brief"], (asked, server.log.read_text()[-3000:])
    (question,) = (await client.threads.get_state(thread))["interrupts"]
    properties = blueprints.load(workflow).Inputs.model_json_schema()["properties"]
    assert question["value"]["fields"]
    assert set(question["value"]["fields"]) <= set(properties)


@pytest.mark.slow
async def test_settings_come_as_json_and_a_person_approves(server: Server, corpus: Path, tmp_path: Path) -> None:
    client = get_client(url=server.url)
    thread = (await client.threads.create())["thread_id"]
    request = {"goal": "Answer questions", "inputs": {"corpus": str(corpus)}, "budget": "2 trials", "approve": True}
    context = {"home": str(server.home), "runs": str(tmp_path / "elsewhere"), "concurrency": 2}
    await streamed(client, thread, input=request, context=context)
    state = await client.threads.get_state(thread)
    (question,) = state["interrupts"]
    assert "go" in question["value"]["fields"]
    assert question["value"]["candidates"][0]["baseline"]
    assert Path(state["values"]["folder"]).parent == tmp_path / "elsewhere"


async def test_a_setting_that_cannot_be_is_refused(server: Server, corpus: Path) -> None:
    client = get_client(url=server.url)
    thread = (await client.threads.create())["thread_id"]
    request = {"goal": "Answer questions", "inputs": {"corpus": str(corpus)}}
    parts = await streamed(client, thread, input=request, context={"isolation": "perhaps"})
    assert not steps(parts)
    assert any(part.event == "error" and "isolation" in str(part.data) for part in parts), parts


async def test_the_server_describes_input_and_settings(server: Server) -> None:
    client = get_client(url=server.url)
    (assistant,) = await client.assistants.search(graph_id="rag_system")
    schemas = await client.assistants.get_schemas(assistant["assistant_id"])
    assert {"goal", "inputs", "budget", "targets"} <= set(schemas["input_schema"]["properties"])
    assert {"home", "offline", "budget", "isolation"} <= set(schemas["context_schema"]["properties"])


async def test_every_tool_shows_its_arguments_as_a_form(server: Server) -> None:
    client = get_client(url=server.url)
    for name in tools.names():
        (assistant,) = await client.assistants.search(graph_id=name)
        schema = (await client.assistants.get_schemas(assistant["assistant_id"]))["input_schema"]
        wanted = tools.get(name).Arguments.model_json_schema()["properties"]
        assert set(schema["properties"]) == set(wanted), name
        for field, described in wanted.items():
            assert schema["properties"][field]["description"] == described["description"], (name, field)


async def test_a_tool_is_called_from_studio(server: Server) -> None:
    client = get_client(url=server.url)
    (server.folder / "here.py").write_text("connect_to_the_store()\n")
    answer = await client.runs.wait(None, "search_code", input={"query": "connect_to_the_store"})
    assert [item["reference"] for item in answer["result"]["items"]] == ["here.py:1"]
