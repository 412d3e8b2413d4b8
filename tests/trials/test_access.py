"""A design that names a service, a folder and a key gets these and nothing else; no key reaches a file."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import TrialError
from nonet.trials import access
from nonet.trials.contract import Access, Unit

SECRET = "sk-0123456789-only-for-one"
NAMING = {"model": "knn", "features": 1, "work": 1}
PLAIN = {"model": "mean_threshold", "features": 1, "work": 1}

PROBES = """
import os, socket

def probing(self, units):
    found = []
    for unit in units:
        target = unit["features"]
        try:
            socket.create_connection((target["host"], target["port"]), timeout=3).close()
            reached = True
        except OSError:
            reached = False
        try:
            with __import__("io").open(target["file"]) as file:
                read = file.read()
        except OSError:
            read = None
        found.append({"reached": reached, "read": read, "keys": sorted(k for k in os.environ if k.endswith("_KEY"))})
    return found

System.run = probing
"""
ECHOES = """
import os

def failing(self, units):
    raise RuntimeError("the service refused " + os.environ.get("NAMED_KEY", "nothing"))

System.run = failing
"""

CALLS = """
import socket

def calling(self, units):
    for unit in units:
        socket.create_connection((unit["features"]["host"], unit["features"]["port"]), timeout=3).close()
    return ["answered" for _ in units]

System.run = calling
"""


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's folder as a hub's cache lays it out: its file is a link to one beside the folder."""
    (tmp_path / "cache" / "blobs").mkdir(parents=True)
    (tmp_path / "cache" / "blobs" / "abc").write_text("weights")
    folder = tmp_path / "cache" / "snapshot"
    folder.mkdir()
    (folder / "model.onnx").symlink_to("../blobs/abc")
    return folder


@pytest.fixture
def laboratory(
    bench: Callable[..., Any], altered: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Make laboratories whose one design names what ``given`` holds."""
    monkeypatch.setenv("NAMED_KEY", SECRET)
    monkeypatch.setenv("OTHER_KEY", "sk-of-somebody-else")
    blueprints: dict[str, Path] = {}

    def make(given: Access, code: str = PROBES, offline: bool = False, isolation: str = "auto") -> Any:
        blueprint = blueprints.setdefault(code, altered(code))
        it = bench(blueprint=blueprint, isolation=isolation)

        def reach(design: Any) -> Access:
            return given if design["model"] == "knn" else Access()

        old = it.laboratory
        return type(old)(
            blueprint, old.environment, it.folder, old.limits, it.ledger, it.stop, isolation, reach, offline
        )

    return make


def _probe(port: int, file: Path, host: str = "127.0.0.1") -> list[Unit]:
    target = {"host": host, "port": port, "file": str(file)}
    return [Unit(f"{host} {file}", target, label=None, content="")]


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_is_named_is_given_to_that_design_alone(laboratory: Callable[..., Any], port: int, model: Path, host: str):
    it = laboratory(Access((f"{host}:{port}",), (model,), ("NAMED_KEY", "UNSET_KEY")))
    units = _probe(port, model / "model.onnx", host)
    assert it.outputs(NAMING, units) == [{"reached": True, "read": "weights", "keys": ["NAMED_KEY"]}]
    assert it.outputs(PLAIN, units) == [{"reached": False, "read": None, "keys": []}]


@pytest.mark.usefixtures("confined")
def test_nothing_else_is_given(laboratory: Callable[..., Any], port: int, model: Path, tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        it = laboratory(Access((f"127.0.0.1:{port}",), (model,)))
        (tmp_path / "secret.txt").write_text("of the user")
        units = _probe(other.getsockname()[1], tmp_path / "secret.txt")
        assert it.outputs(NAMING, units) == [{"reached": False, "read": None, "keys": []}]


def test_the_key_is_in_no_file_of_the_run(laboratory: Callable[..., Any], port: int, model: Path):
    named = Access((f"127.0.0.1:{port}",), (model,), ("NAMED_KEY",))
    it = laboratory(named)
    assert it.outputs(NAMING, _probe(port, model / "model.onnx"))[0]["keys"] == ["NAMED_KEY"]
    failing = laboratory(named, ECHOES)
    with pytest.raises(TrialError, match="the service refused …") as caught:
        failing.outputs(NAMING, _probe(port, model))
    assert SECRET not in "".join(caught.value.__notes__)
    files = [path for path in it.folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_offline_refuses_other_machines_and_lets_this_one_be(laboratory: Callable[..., Any], port: int, model: Path):
    away = laboratory(Access(("203.0.113.7:443",)), offline=True)
    with pytest.raises(TrialError, match=r"calls 203\.0\.113\.7:443, and the run is offline"):
        away.build(NAMING)
    away.build(PLAIN)
    here = laboratory(Access((f"127.0.0.1:{port}", "localhost:1", "[::1]:2")), offline=True)
    here.build(NAMING)


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        (Access(("no-such-host.invalid:443",)), "has no address"),
        (Access(folders=(Path("/no/such/model"),)), "is not there"),
        (Access(folders=(Path("model"),)), "absolute folders only"),
    ],
)
def test_what_cannot_be_given_fails_that_design(laboratory: Callable[..., Any], named: Access, complaint: str):
    it = laboratory(named)
    with pytest.raises(TrialError, match=complaint):
        it.build(NAMING)
    assert it.build(PLAIN).seconds > 0


def test_a_changed_model_makes_other_measurements_of_its_own_design(
    laboratory: Callable[..., Any], port: int, model: Path
):
    def measured() -> list[Any]:
        it = laboratory(Access(folders=(model,)))
        return [it.outputs(design, _probe(port, model / "model.onnx")) for design in (NAMING, PLAIN)]

    def spent() -> int:
        return laboratory(Access()).folder.joinpath("spent.jsonl").read_text().count('"outputs"')

    before, once = measured(), spent()
    assert (measured(), spent()) == (before, once)
    (model / "model.onnx").resolve().write_text("other weights")
    assert measured()[0][0]["read"] == "other weights"
    assert spent() == once + once // 2, "the design that names no folder is not measured again"


def test_a_service_that_failed_is_asked_again_by_the_next_process_only(laboratory: Callable[..., Any]):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        named = Access((f"127.0.0.1:{server.getsockname()[1]}",))
        units = _probe(server.getsockname()[1], Path("/nothing"))
        it = laboratory(named, CALLS)
        with pytest.raises(TrialError, match="ConnectionRefusedError"):
            it.outputs(NAMING, units)
        server.listen()
        with pytest.raises(TrialError, match="ConnectionRefusedError"):
            it.outputs(NAMING, units)
        assert laboratory(named, CALLS).outputs(NAMING, units) == ["answered"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.com/v1", "api.example.com:443"),
        ("http://api.example.com/v1", "api.example.com:80"),
        ("http://localhost:8000/v1", "localhost:8000"),
        ("http://[::1]:8000/v1", "[::1]:8000"),
    ],
)
def test_a_urls_host_and_port(url: str, host: str):
    assert access.of_url(url) == host


def test_this_machine_is_told_from_others_without_asking_anybody():
    here = ("127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1")
    away = ("192.0.2.1:1", "[2001:db8::1]:1", "localhost.example.com:1", "10.0.0.1:1", "0.0.0.0:1")
    assert access.elsewhere(Access((*here, *away))) == list(away)


def test_the_record_names_everything_but_the_key(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAMED_KEY", SECRET)
    found = access.record(Access(("a:1",), (model, Path("/gone")), ("NAMED_KEY", "UNSET_KEY")))
    assert found["hosts"] == ["a:1"]
    assert found["variables"] == {"NAMED_KEY": True, "UNSET_KEY": False}
    assert found["folders"] == {str(model): access.contents(model), "/gone": ""}
    assert SECRET not in str(found)
