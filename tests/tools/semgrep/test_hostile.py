"""Files, names and settings that mean harm, or are merely too much: the scan goes on and says what it left out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from scanner import context

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.filesystem import walk
from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import absence, engine, staging
from nonet.tools.semgrep.pack import About, Evidence, Rule
from nonet.tools.semgrep.scanning import scan

LOAD = "import torch\n\n\ndef load(path):\n    return torch.load(path, weights_only=False)\n"
ABOUT = About(family="loss", severity_level="low", why="w", fix_hint="f", reference="r")


def rule(name: str, absent: tuple[Evidence, ...] | None = None, **body: object) -> Rule:
    whole = {"id": name, "languages": ["python"], "severity": "INFO", "message": "m", **body}
    return Rule(name, "m", ABOUT, whole, absent)


CALL = rule("call", pattern="serve(...)")


async def found(root: Path, factory: pytest.TempPathFactory, **arguments: object):
    return await tools.call("semgrep_scan", context(factory, root), families=["unsafe-loading"], **arguments)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    return tmp_path / "code"


async def test_links_pipes_names_and_settings_of_a_folder_steer_nothing(code, tmp_path_factory, tmp_path):
    (tmp_path / "secret.py").write_text(LOAD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "secret.py").write_text(LOAD)
    (code / "link.py").symlink_to(tmp_path / "secret.py")
    (code / "linked").symlink_to(tmp_path / "folder")
    (code / "loop").symlink_to(code)
    os.mkfifo(code / "pipe.py")
    (code / "bytes.py").write_bytes(b"\xff\xfe\x00import torch\n")
    (code / "latin.py").write_bytes(b"# caf\xe9\nimport torch\nmodel = torch.load('x', weights_only=False)\n")
    (code / "broken.py").write_text("def (:\n")
    (code / ".hidden.py").write_text(LOAD)
    (code / "new\nline.py").write_text(LOAD)
    (code / "kept.py").write_text("import torch\nm = torch.load('x', weights_only=False)  # nosemgrep\n")
    (code / ".semgrepignore").write_text("*\n")
    (code / ".semgrepconfig").write_text("deployment: other\n")
    (code / ".semgrep").mkdir()
    (code / ".semgrep" / "settings.yml").write_text("api_token: x\nhas_shown_metrics_notification: 3\n")
    names = ("-rf --config=x.py", "[a-z]*{b}?.py", "a'b\"c.py", "ü ñ.py", "tests/test_a.py", "node/vendor/a.py")
    for name in names:
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text(LOAD)
    with (code / "large.py").open("wb") as file:
        file.truncate(2 << 30)
    (code / "table.py").write_text(f"rows = [{'1, ' * 10_000}]\n")
    result = await found(code, tmp_path_factory)
    assert {item.facts["path"] for item in result.items} == {*(f"code/{name}" for name in names), "code/latin.py"}
    assert "files past the limits: 1" in result.note
    assert "no person wrote: 1" in result.note
    assert "1 names that are no line of UTF-8 text" in result.note


async def test_a_folder_without_end_is_bounded_and_the_rest_is_told(code, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(walk, "ENTRY_LIMIT", 50)
    for number in range(20):
        folder = code / f"{number:02}"
        folder.mkdir()
        for name in ("a.py", "b.py", *(f"{inner}.txt" for inner in range(8))):
            (folder / name).write_text("x = 1\n")
    result = await found(code, tmp_path_factory)
    scanned = re.search(r"Files scanned: (\d+)", result.note)
    assert scanned
    assert 0 < int(scanned[1]) <= 10, "two of each ten entries within the walk's limit"
    assert "Only the first 50 entries were looked at" in result.note
    some = await found(code, tmp_path_factory, path="19")
    assert "Files scanned: 2" in some.note


async def test_files_past_the_limit_are_counted(code, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(staging, "FILES", 3)
    for number in range(5):
        (code / f"{number}.py").write_text("x = 1\n")
    result = await found(code, tmp_path_factory)
    assert "Files scanned: 3" in result.note
    assert "files past the limits: 2" in result.note


def test_a_rule_that_takes_too_long_on_a_file_is_told_and_the_others_speak(code, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(engine, "RULE_SECONDS", 1.0)
    (code / "slow.py").write_text("".join(f"a{i} = f(a{i - 1}, {i})\n" for i in range(9000)))
    (code / "quick.py").write_text("a1 = f(a0, 1)\nserve()\n")
    nested = {"pattern": "$A = $F(...)\n...\n$B = $F(...)\n...\n$C = $F(...)\n...\n$D = $F(...)\n"}
    scanned = scan("", [rule("slow", **nested), CALL], context(tmp_path_factory, code))
    assert [(each.rule.id, each.reference) for each in scanned.findings] == [("call", "code/quick.py:2")]
    assert "more than its time or memory on: code/slow.py" in scanned.note


def test_several_runs_are_one_scan_which_ends_when_its_time_is_over(code, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(staging, "BATCH", 1)
    for name in ("a", "b"):
        (code / f"{name}.py").write_text("serve()\n")
    where = context(tmp_path_factory, code)
    assert [each.reference for each in scan("", [CALL], where).findings] == ["code/a.py:1", "code/b.py:1"]
    monkeypatch.setattr(engine, "SECONDS", 0.0)
    scanned = scan("", [CALL], where)
    assert (scanned.findings, scanned.files) == ([], 0)
    assert "Not scanned within 0 s: code/a.py, code/b.py." in scanned.note


def test_too_much_output_ends_in_the_file_that_makes_it(code, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(engine, "_OUTPUT", 60_000)
    (code / "much.py").write_text("serve()\n" * 400)
    (code / "little.py").write_text("serve()\n")
    scanned = scan("", [CALL], context(tmp_path_factory, code))
    assert {each.source.path for each in scanned.findings} == {"little.py"}
    assert "ended on them: code/much.py." in scanned.note


def test_a_rule_that_is_none_is_an_error_and_no_silence(code, tmp_path_factory):
    (code / "a.py").write_text("serve()\n")
    with pytest.raises(ToolError, match="Semgrep"):
        scan("", [rule("bad", pattern="serve(((")], context(tmp_path_factory, code))


def test_nothing_of_the_users_environment_reaches_the_program(tmp_path, monkeypatch):
    from nonet.tools.semgrep.program import environment

    for name in ("SEMGREP_APP_TOKEN", "SEMGREP_RULES", "SEMGREP_URL", "HTTPS_PROXY", "PYTHONPATH", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "secret")
    told = environment(tmp_path)
    assert "secret" not in told.values()
    assert told["HOME"].startswith(str(tmp_path))


SERVED = rule(
    "served", (Evidence(imported="prometheus_client.exposition"), Evidence(regex="drift")), pattern="serve(...)"
)


@pytest.mark.parametrize(
    ("name", "text", "silent"),
    [
        ("b.py", "from prometheus_client.exposition import generate_latest\n", True),
        ("b.py", "from prometheus_client import exposition\n", True),
        ("b.py", "import os, prometheus_client.exposition as e\n", True),
        ("b.py", "import prometheus_client\n", False),
        ("b.py", "import prometheus_client_exposition\n", False),
        ("deploy/Dockerfile", "RUN check-drift\n", True),
        ("settings.yaml", f"{'x' * 5000} drift\n", False),
        ("notes.md", "drift\n", False),
        ("data.json", "drift\n" * 300_000, False),
        ("ignored/b.py", "drift = 1\n", False),
        (".hidden.yaml", "drift: 1\n", False),
    ],
)
def test_what_shows_a_remedy(name, text, silent, code, tmp_path_factory):
    (code / ".gitignore").write_text("ignored\n")
    (code / name).parent.mkdir(exist_ok=True)
    (code / name).write_text(text)
    silenced, whole = absence.shown([SERVED], Roots(context(tmp_path_factory, code)))
    assert (silenced, whole) == ({"served"} if silent else set(), True)


def test_a_remedy_anywhere_silences_the_whole_scan(code, tmp_path_factory):
    (code / "a.py").write_text("serve()\nserve()\n")
    where = context(tmp_path_factory, code)
    assert [each.reference for each in scan("a.py", [SERVED], where).findings] == ["code/a.py:1"]
    (code / "b.py").write_text("from prometheus_client import exposition\n")
    assert scan("a.py", [SERVED], where).findings == []


def test_what_could_not_be_looked_at_is_not_absent(code, tmp_path_factory):
    (code / "a.py").write_text("serve()\n")
    deep = code
    for _ in range(70):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "b.py").write_text("drift = 1\n")
    scanned = scan("a.py", [SERVED], context(tmp_path_factory, code))
    assert scanned.findings == []
    assert "Rules by absence say nothing" in scanned.note
