"""Servers find what exact search finds; nothing of ours stays, nothing of others' is touched, faults are one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import loopback
import numpy as np
import pytest

from vectordb import conditions, settings, upkeep
from vectordb.engines import server_engine
from vectordb.errors import DesignError, ServerError
from vectordb.servers import contract, postgres, rest

Make = Callable[..., settings.Settings]
pytestmark = pytest.mark.slow  # they listen, and start PostgreSQL: a confined process may do neither
KINDS = {"qdrant": "qdrant_server", "milvus": "milvus", "weaviate": "weaviate", "pinecone": "pinecone"}
KEYS = {kind: contract.KINDS[engine].variable for kind, engine in KINDS.items()}


@pytest.fixture
def state() -> loopback.State:
    return loopback.State(key="the-key-of-the-test")


@pytest.fixture
def url(state: loopback.State, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for variable in KEYS.values():
        monkeypatch.setenv(variable, state.key)
    with loopback.running(state) as at:
        yield at


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server_engine._state, "temporary", True)


def hits(database: object, vectors: np.ndarray, where: list[conditions.Condition]) -> float:
    from vectordb.database import Database

    assert isinstance(database, Database)
    assert database.columns is not None
    mask = database.columns.mask(where)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = 0
    for row in range(20):
        best = np.argsort(np.where(mask, -unit @ vectors[row], np.inf))[:10].tolist()
        found += len(set(best) & set(database.search(10, vector=vectors[row], where=where).rows.tolist()))
    return found / 200


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_finds_the_neighbours_with_filters_and_nothing_stays(
    kind: str, of_vectors: Make, vectors: np.ndarray, state: loopback.State, url: str
):
    state.tables["Theirs"] = loopback.Table("dot", 32, {0: (np.ones(32), {})})
    shipped = of_vectors(engine=KINDS[kind], server_at=f"{kind}={url}")
    made = set(state.tables) - {"Theirs"}
    assert len(made) == 1
    database = settings.opened(shipped)
    for text in ("year>=2010", "kind=guide", "year!=2003", "year<2002"):
        assert hits(database, vectors, [conditions.parse(text)]) == 1
    assert hits(database, vectors, [conditions.parse("year>=2010"), conditions.parse("kind!=guide")]) == 1
    assert hits(database, vectors, []) == 1
    server_engine.leave()
    assert list(state.tables) == ["Theirs"]


@pytest.mark.parametrize("kind", ["qdrant", "milvus"])
def test_what_ships_keeps_its_collection_and_fills_it_where_it_is_lost(
    kind: str, of_vectors: Make, vectors: np.ndarray, state: loopback.State, url: str, tmp_path: Path
):
    shipped = of_vectors(engine=KINDS[kind], server_at=f"{kind}={url}")
    (name,) = state.tables
    server_engine._live.clear()  # as another process would find it
    before = len(state.asked)
    assert hits(settings.opened(shipped), vectors, []) == 1
    assert not [asked for asked in state.asked[before:] if "insert" in asked or asked.endswith("points?wait=true")]
    server_engine._live.clear()
    state.tables.clear()
    assert hits(settings.opened(shipped), vectors, []) == 1
    assert list(state.tables) == [name]
    np.save(tmp_path / "more.npy", np.ones((1, 32), dtype=np.float32))
    upkeep.ingest(shipped, tmp_path / "more.npy")
    assert len(state.tables) == 1
    assert list(state.tables) != [name]  # the index before went with its collection


@pytest.mark.usefixtures("trial")
def test_what_a_killed_trial_left_is_dropped_and_what_others_hold_is_not(
    of_vectors: Make, state: loopback.State, url: str
):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    now, machine = int(time.time()), server_engine._machine()
    left = {
        f"nonet_trial_{machine}_{gone.pid}_{now}_abcdef": False,
        f"nonet_trial_{machine}_{os.getpid()}_{now}_abcdef": True,
        f"nonet_trial_0badcafe_{gone.pid}_{now}_abcdef": True,
        f"nonet_trial_0badcafe_1_{now - 2 * 86_400}_abcdef": False,
        "nonet_trial_of_my_own": True,
        "documents": True,
    }
    for name in left:
        state.tables[name] = loopback.Table("dot", 32)
    of_vectors(engine="qdrant_server", server_at=f"qdrant={url}")
    server_engine.leave()
    assert set(state.tables) == {name for name, stays in left.items() if stays}


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_key_is_said_in_a_line_that_does_not_hold_it(
    kind: str, of_vectors: Make, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(KEYS[kind], "a-wrong-secret")
    with pytest.raises(ServerError, match="401") as caught:
        of_vectors(engine=KINDS[kind], server_at=f"{kind}={url}")
    assert "a-wrong-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("trial")
def test_a_busy_server_is_asked_again_and_a_broken_one_is_not(of_vectors: Make, state: loopback.State, url: str):
    state.faults = [(429, {"Retry-After": "0.01"}, b""), (503, {}, b"")]
    of_vectors(engine="qdrant_server", server_at=f"qdrant={url}")
    server_engine.leave()
    asked = contract.connect("qdrant_server", url)
    state.faults = [(200, {}, b"<html>a proxy</html>")]
    with pytest.raises(ServerError, match="no JSON"):
        asked.names()
    state.faults = [(500, {}, b'{"status":{"error":"disk\\nfull"}}')]
    with pytest.raises(ServerError, match="500"):
        asked.names()
    state.faults = [(302, {"Location": "http://127.0.0.1:1/"}, b"")]
    with pytest.raises(ServerError, match="302"):
        asked.names()


def test_a_server_that_is_not_there_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rest, "TRIES", 2)
    with pytest.raises(ServerError, match="cannot be reached"):
        contract.connect("milvus", "http://127.0.0.1:9").names()


def test_a_failed_filling_leaves_no_collection(of_vectors: Make, state: loopback.State, url: str):
    plain = loopback.qdrant

    def full(state: loopback.State, method: str, path: str, body: object) -> object:
        if path.endswith("/points"):
            raise loopback.Refused(507, "no space left on device")
        return plain(state, method, path, body)

    loopback.qdrant = full
    try:
        with pytest.raises(ServerError, match="no space left"):
            of_vectors(engine="qdrant_server", server_at=f"qdrant={url}")
    finally:
        loopback.qdrant = plain
    assert not state.tables


def test_milvus_and_weaviate_say_what_is_wrong_inside_their_answers(state: loopback.State, url: str):
    with pytest.raises(ServerError, match="can't find collection"):
        contract.connect("milvus", url).insert("nowhere", 0, np.ones((1, 32), dtype=np.float32), [{}])
    assert contract.connect("milvus", url).count("nowhere") == 0
    contract.connect("milvus", url).drop("nowhere")
    state.faults = [(200, {}, json.dumps({"errors": [{"message": "no graphql provider"}]}).encode())]
    shape = contract.Shape(32, "cosine", 16, 64, 64, "none", {}, 1)
    with pytest.raises(ServerError, match="no graphql provider"):
        contract.connect("weaviate", url).search("nonet_x", shape, np.ones(32, dtype=np.float32), 3, [])


@pytest.mark.usefixtures("trial")
def test_a_pinecone_index_that_does_not_suit_is_refused_and_rows_are_waited_for(
    of_vectors: Make, state: loopback.State, url: str, tmp_path: Path
):
    state.unseen = 3
    of_vectors(engine="pinecone", server_at=f"pinecone={url}")
    server_engine.leave()
    shape = contract.Shape(16, "cosine", 16, 64, 64, "none", {}, 1)
    with pytest.raises(ServerError, match="32 dimensions, the vectors 16"):
        contract.connect("pinecone", url).create("nonet_x", shape)
    state.pinecone["metric"] = "euclidean"
    with pytest.raises(ServerError, match="euclidean"):
        contract.connect("pinecone", url).create("nonet_x", contract.Shape(32, "cosine", 16, 64, 64, "none", {}, 1))


@pytest.mark.parametrize(
    ("engine", "url", "said"),
    [
        ("milvus", "localhost:19530", "no URL"),
        ("pgvector", "http://localhost", "postgresql://"),
        ("pgvector", "postgresql://me:secret@localhost/db", "PGPASSWORD"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused(engine: str, url: str, said: str):
    with pytest.raises(DesignError, match=said) as caught:
        contract.connect(engine, url)
    assert "secret@" not in str(caught.value) or "password" in str(caught.value)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Postgres]:
    data = tmp_path_factory.mktemp("theirs") / "data"
    postgres.initialise(data)
    running = postgres.Postgres(data)
    yield running
    running.stop()


def test_a_given_postgresql_is_left_as_it_was(theirs: postgres.Postgres):
    shape = contract.Shape(8, "l2", 16, 64, 64, "none", {"f0": "number", "f1": "text"}, 50)
    with pytest.raises(ServerError, match="CREATE EXTENSION vector"):
        theirs.server.create("nonet_x", shape)
    theirs.server.extend()
    vectors = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    theirs.server.create("nonet_x", shape)
    theirs.server.insert("nonet_x", 0, vectors, [{"f0": float(row), "f1": "it's"} for row in range(49)] + [{}])
    theirs.server.finish("nonet_x", shape)
    assert theirs.server.count("nonet_x") == 50
    assert (theirs.server.size("nonet_x") or 0) > 50 * 32
    near = theirs.server.search("nonet_x", shape, vectors[7], 3, [conditions.Condition("f1", "=", "it's")])
    assert near[0] == 7
    kept = theirs.server.search("nonet_x", shape, vectors[7], 50, [conditions.Condition("f0", ">=", 47.0)])
    assert sorted(kept) == [47, 48]
    assert 49 in theirs.server.search("nonet_x", shape, vectors[7], 50, [conditions.Condition("f0", "!=", 1.0)])
    with pytest.raises(ServerError, match="already exists") as caught:
        theirs.server.create("nonet_x", shape)
    assert "\n" not in str(caught.value)
    theirs.server.drop("nonet_x")
    theirs.server.drop("nonet_x")
    assert theirs.server.names() == []


def test_a_killed_postgresql_leaves_no_shared_memory(tmp_path: Path):
    segments = Path("/proc/sysvipc/shm")
    if not segments.exists():
        pytest.skip("the kernel does not list System V segments")
    data = tmp_path / "data"
    postgres.initialise(data)
    running = postgres.Postgres(data)
    (segment,) = {line.split()[1] for line in (data / "postmaster.pid").read_text().splitlines() if _pair(line)}
    running._process.kill()
    running._process.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and segment in {line.split()[1] for line in segments.read_text().splitlines()[1:]}:
        time.sleep(0.1)
    assert segment not in {line.split()[1] for line in segments.read_text().splitlines()[1:]}


def _pair(line: str) -> bool:
    return len(line.split()) == 2 and all(part.isdigit() for part in line.split())
