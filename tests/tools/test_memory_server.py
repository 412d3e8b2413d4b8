"""A memory in a Qdrant server: what is sent, what waits, and what two machines share."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from loopback_qdrant import FAULTS, Qdrant, serving
from patterns import note, pattern

from nonet import tools
from nonet.errors import ConfigurationError
from nonet.settings import Settings, load, template
from nonet.tools.contract import ToolContext
from nonet.tools.qdrant import keep_decision, patterns
from nonet.tools.qdrant import server as client
from nonet.tools.qdrant.memory import Memory
from nonet.tools.qdrant.points import ask

KEY = "a-key-of-ours"
EVERYWHERE = {"reach": ["global"]}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Qdrant]:
    monkeypatch.setenv("QDRANT_API_KEY", KEY)
    with serving(tmp_path / "server", key=KEY) as running:
        yield running


@pytest.fixture
def closed() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def machine(folder: Path, url: str) -> Settings:
    return Settings(home=str(folder), qdrant_url=url)


async def test_two_machines_share_what_was_measured_and_not_what_is_a_projects(server, tmp_path):
    one, two = (machine(tmp_path / name, server.url) for name in ("one", "two"))
    corpus = tmp_path / "corpus"
    assert keep_decision(one, pattern(), "our secret plan", [corpus], private=False).notes == []
    keep_decision(one, pattern(90_000, run="r2", design={"chunking": "page"}), "another", [corpus], private=False)
    there = ToolContext(two, (corpus,), workflow="rag_system", fingerprint={"units": 100, "language": "en"})
    found = await tools.call("qdrant-find", there, query="secret plan")
    assert (found.backend, found.note) == ("server", "")
    assert [item.facts["design"] for item in found.items] == [pattern().design, {"chunking": "page"}]
    assert {item.facts["tier"] for item in found.items} == {"workflow"}, "the same path on another machine"
    assert found.items[0].facts["likeness"] == 1.0
    assert {each.goal for each in patterns(one)} == {"", "our secret plan", "another"}
    await tools.call("qdrant-store", there, information="Windows help.", metadata={"tier": "global"})
    here = ToolContext(one, (corpus,), workflow="rag_system")
    assert (await tools.call("qdrant-find", here, query="help")).items[0].excerpt == "Windows help."


async def test_both_backends_rank_alike(server, tmp_path):
    local, remote = machine(tmp_path / "home", ""), machine(tmp_path / "home", server.url)
    for number in range(12):
        fields = {"design": {"chunking": f"kind{number % 7}"}, "score": number / 12, "run": f"r{number}"}
        Memory(local).keep("pattern", "rag_system", pattern(10 + number**3, **fields).model_dump(mode="json"))
        Memory(local).keep("note", "rag_system", note(f"of kind{number} and kind{number % 3}"))
    answers = []
    for settings in (local, remote):
        here = ToolContext(settings, workflow="rag_system", fingerprint={"units": 300, "language": "en"})
        answers.append(await tools.call("qdrant-find", here, query="kind2 kind5", max_results=30))
    assert [answer.backend for answer in answers] == ["journal", "server"]
    assert len(answers[0].items) == 7 + 4
    assert answers[0].items == answers[1].items


def test_a_server_down_when_storing_loses_nothing(server, tmp_path, closed):
    settings = machine(tmp_path / "home", closed)
    kept = keep_decision(settings, pattern(), "goal", [], private=False)
    assert len(kept.notes) == 1
    assert f"The memory server {closed} did not answer" in kept.notes[0]
    assert "2 memories wait in the journal" in kept.notes[0]
    port = int(closed.rpartition(":")[2])
    with serving(tmp_path / "late", key=KEY, port=port) as late:
        assert Memory(settings).deliver() == ""
        assert len(Memory(settings).entries("pattern")) == 2
        before = len(late.asked)
        assert Memory(settings).deliver() == ""
        assert not [what for what in late.asked[before:] if what.startswith("PUT")], "what has arrived is sent again"


def test_a_collection_made_anew_gets_everything(server, tmp_path):
    settings = machine(tmp_path / "home", server.url)
    Memory(settings).keep("note", "w", note("windows"))
    assert Memory(settings).deliver() == ""
    for shard in server.shards.values():
        shard.close()
    server.shards.clear()
    server.folder = tmp_path / "emptied"
    Memory(settings).keep("note", "w", note("pages"))
    assert Memory(settings).deliver() == ""
    answer = Memory(settings).search(ask("windows pages", {}, EVERYWHERE))
    assert (answer.backend, len(answer.hits)) == ("server", 2)


async def test_a_server_down_when_recalling_leaves_this_machines_memories(tmp_path, closed):
    settings = machine(tmp_path / "home", closed)
    keep_decision(settings, pattern(), "goal", [], private=False)
    found = await tools.call("qdrant-find", ToolContext(settings, workflow="rag_system"), query="windows")
    assert found.backend == "journal"
    assert len(found.items) == 1
    assert "did not answer" in found.note
    assert "The memories of this machine answered." in found.note


def test_the_key_comes_from_the_environment_and_stays_there(server, tmp_path, monkeypatch):
    settings = machine(tmp_path / "home", server.url)
    keep_decision(settings, pattern(), "goal", [], private=False)
    assert server.refused == 0
    assert KEY not in settings.model_dump_json()
    written = [path.read_bytes() for path in settings.home_path.rglob("*") if path.is_file()]
    assert written
    assert not [content for content in written if KEY.encode() in content]
    monkeypatch.setenv("QDRANT_API_KEY", "a-wrong-key")
    (said,) = keep_decision(settings, pattern(run="r2"), "goal", [], private=False).notes
    assert server.refused
    assert "401" in said
    assert "a-wrong-key" not in said


def test_offline_asks_no_other_machine(server, tmp_path, monkeypatch):
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **_: asked.append(arguments) or [])
    away = machine(tmp_path / "home", "https://memory.example:6333").model_copy(update={"offline": True})
    (said,) = keep_decision(away, pattern(), "goal", [], private=False).notes
    assert "offline" in said
    assert "2 memories wait" in said
    assert Memory(away).search(ask("windows", {}, {"kind": ["pattern"]})).backend == "journal"
    assert not asked
    monkeypatch.undo()
    monkeypatch.setenv("QDRANT_API_KEY", KEY)
    here = machine(tmp_path / "home", server.url).model_copy(update={"offline": True})
    assert Memory(here).deliver() == ""
    assert len(Memory(here).entries("pattern")) == 2
    assert any(what.startswith("PUT") for what in server.asked), "this machine is not offline from itself"


def test_without_the_client_the_memory_is_this_machines(tmp_path, closed, monkeypatch):
    found = importlib.util.find_spec
    absent = "nonet.tools.qdrant.server.find_spec"
    monkeypatch.setattr(absent, lambda name: None if name == "qdrant_client" else found(name))
    (said,) = keep_decision(machine(tmp_path / "home", closed), pattern(), "goal", [], private=False).notes
    assert "pip install 'nonet[qdrant]'" in said


@pytest.mark.parametrize("url", ["qdrant.example:6333", "ftp://x", "https://key@x:6333", "https://x y"])
def test_what_is_no_url_or_holds_a_key_is_refused(url, settings):
    with pytest.raises(ConfigurationError, match="qdrant_url"):
        load({"qdrant_url": url})
    assert load({"qdrant_url": "https://x:6333"}).qdrant_url == "https://x:6333"


def test_the_commented_configuration_names_no_server_when_uncommented():
    lines = [line.removeprefix("# ") for line in template().splitlines() if "qdrant_url:" in line]
    assert [yaml.safe_load(line) for line in lines] == [{"qdrant_url": ""}]


@pytest.mark.parametrize("faulty", ["exists", "points", "query", "scroll"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_leaves_the_journal_to_answer_and_loses_nothing(fault, faulty, server, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "_SECONDS", 1)
    settings = machine(tmp_path / "home", server.url)
    keep_decision(settings, pattern(), "goal", [], private=False)
    server.fault, server.faulty = fault, faulty
    here = ToolContext(settings, workflow="rag_system")
    stored = await tools.call("qdrant-store", here, information="Windows help.", metadata={"tier": "global"})
    found = await tools.call("qdrant-find", here, query="windows")
    assert {item.facts["measured"] for item in found.items} == {True, False}
    if faulty in ("exists", "points"):
        assert stored.backend == "journal"
        assert "1 memories wait in the journal" in stored.note
    if faulty in ("exists", "points", "query"):
        assert found.backend == "journal"
        assert f"The memory server {server.url} did not answer" in found.note
        assert "The memories of this machine answered." in found.note
        assert "Traceback" not in found.note
        assert KEY not in found.note
    assert len(patterns(settings)) == 2
    server.fault = ""
    found = await tools.call("qdrant-find", here, query="windows")
    assert (found.backend, found.note, len(found.items)) == ("server", "", 2)


async def test_a_fault_halfway_through_sends_the_rest_later(server, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "_BATCH", 2)
    settings = machine(tmp_path / "home", server.url)
    for number in range(5):
        Memory(settings).keep("note", "w", note(f"windows {number}"))
    real = server.answer
    sent: list[object] = []

    def answer(method: str, path: str, body: object) -> object:
        if (method, path.rpartition("/")[2]) == ("PUT", "points"):
            sent.append(body)
            if len(sent) == 2:
                server.fault, server.faulty = "error", "/points"
        return real(method, path, body)

    monkeypatch.setattr(server, "answer", answer)
    said = Memory(settings).deliver()
    assert "1 memories wait" in said
    server.fault = ""
    assert Memory(settings).deliver() == ""
    assert len(Memory(settings).search(ask("windows", {}, EVERYWHERE)).hits) == 5
    assert len(sent) == 3, "what had arrived was sent again"


@pytest.mark.parametrize(
    "payload",
    [{}, {"key": 1}, {"kind": "note", "key": "x", "workflow": "w", "written": 0, "body": "[]"},
     {"kind": "note", "key": "x", "workflow": "w", "written": "soon", "body": "{}"},
     {"kind": "note", "key": "x", "workflow": "w", "written": 0, "body": "{"},
     {"kind": "order", "key": "x", "workflow": "w", "written": 0, "body": "{}"}],
)  # fmt: skip
async def test_what_is_no_memory_of_ours_in_the_collection_is_named(payload, server, tmp_path):
    settings = machine(tmp_path / "home", server.url)
    keep_decision(settings, pattern(), "goal", [], private=False)
    ours = Memory(settings).journal.entries()[0]
    real = server.answer

    def answer(method: str, path: str, body: object) -> object:
        result = real(method, path, body)
        if path.endswith("/query"):
            result["points"] = [{**point, "payload": payload} for point in result["points"]]
        return result

    server.answer = answer
    found = await tools.call("qdrant-find", ToolContext(settings, workflow="rag_system"), query="windows")
    assert found.backend == "journal"
    assert "no memory of Nonet's" in found.note
    assert ours.key
    assert len(found.items) == 1
