"""``semgrep_scan`` as an agent and a person use it: findings, patch, SARIF; notebooks by cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import unquote

import pytest
from scanner import context

from nonet import tools
from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.contract import ToolContext

LOAD = "import torch\n\n\ndef load(path):\n    return torch.load(path, weights_only=False)\n"
FIXABLE = "import yaml\n\nsettings = yaml.load(open('ü.yaml'), Loader=yaml.UnsafeLoader)\n"


async def scanned(where: ToolContext, **arguments: object):
    return await tools.call("semgrep_scan", where, **arguments)


def notebook(*cells: str, kind: str = "code") -> str:
    sheet = [{"cell_type": kind, "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": sheet})


async def test_a_finding_says_what_why_where_and_what_to_do(tmp_path_factory, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "serve.py").write_text(LOAD)
    result = await scanned(context(tmp_path_factory, tmp_path / "code"), families=["unsafe-loading"])
    (item,) = result.items
    assert item.reference == "code/serve.py:5"
    assert item.title.startswith("high: ")
    assert item.facts["family"] == "unsafe-loading"
    assert item.facts["code"] == "return torch.load(path, weights_only=False)"
    assert (item.facts["line"], item.facts["last_line"], item.facts["cell"]) == (5, 5, None)
    assert "5:     return torch.load(path, weights_only=False)" in item.excerpt
    for name in ("why", "fix", "reference"):
        assert item.facts[name]
        assert str(item.facts[name]) in item.excerpt
    assert result.note == "Files scanned: 1; found: 1 high."


async def test_the_severest_come_first_and_what_is_cut_is_counted(tmp_path_factory, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.py").write_text(LOAD)
    (tmp_path / "b.py").write_text(f"{LOAD}\nmodel = torch.load('m.pt')\n")
    everything = (await scanned(context(tmp_path_factory, tmp_path))).items
    levels = [item.facts["severity"] for item in everything]
    assert levels == sorted(levels, key=("high", "medium", "low").index)
    high = [item.facts["path"] for item in everything if item.facts["severity"] == "high"]
    assert high[-1] == f"{tmp_path.name}/tests/a.py", "tests after the product"
    one = await scanned(context(tmp_path_factory, tmp_path), max_results=1)
    assert [item.reference for item in one.items] == [everything[0].reference]
    assert f"not {len(everything) - 1} more" in one.note
    severe = await scanned(context(tmp_path_factory, tmp_path), severity="high")
    assert [item.reference for item in severe.items] == [
        item.reference for item in everything if item.facts["severity"] == "high"
    ]


async def test_families_and_rules_choose(tmp_path_factory, tmp_path):
    (tmp_path / "a.py").write_text(LOAD + "\nmodel = torch.load('m.pt')\n")
    where = context(tmp_path_factory, tmp_path)
    both = {item.facts["rule"] for item in (await scanned(where, families="Unsafe_Loading, wrong loss")).items}
    assert len(both) > 1
    (one, *_) = sorted(both)
    assert {item.facts["rule"] for item in (await scanned(where, rules=one)).items} == {one}
    assert (await scanned(where, families=["loss"])).items == []


async def test_a_notebook_is_cited_by_cell(tmp_path_factory, tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["torch.load\n"]},
        {"cell_type": "code", "source": ["%pip install torch\n", "import torch\n"]},
        {"cell_type": "code", "source": ["x = (1,\n"]},
        {"cell_type": "code", "source": ["x = 1\n", "m = torch.load(\n", "  'm.pt', weights_only=False)\n"]},
        {"cell_type": "code", "source": ["after = 1\n"]},
    ]
    (tmp_path / "n.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    result = await scanned(context(tmp_path_factory, tmp_path), families=["unsafe-loading"])
    (item,) = result.items
    assert item.reference == f"{tmp_path.name}/n.ipynb:cell 4:2"
    assert (item.facts["cell"], item.facts["line"], item.facts["last_line"]) == (4, 2, 3)
    assert "after" not in item.excerpt
    assert "cells that are no Python: 1" in result.note


async def test_what_git_ignores_or_is_hidden_or_excluded_is_not_scanned(tmp_path_factory, tmp_path):
    root = tmp_path / "code"
    for name in ("kept.py", "ignored/a.py", "local_1.py", ".hidden.py", ".venv/b.py", "labels/c.py", "src/gen/d.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(LOAD)
    (root / ".gitignore").write_text("ignored/\nlocal_*\n!.hidden.py\n")
    (root / "src" / ".gitignore").write_text("gen\n")
    where = context(tmp_path_factory, root, excluded=(root / "labels",))
    found = await scanned(where, families=["unsafe-loading"])
    assert {item.facts["path"] for item in found.items} == {"code/kept.py"}
    for path, said in (("local_1.py", "ignored by git"), (".hidden.py", "hidden"), ("../other.py", "outside")):
        with pytest.raises(ToolError, match=said):
            await scanned(where, path=path)
    assert (await scanned(where, path="ignored")).items == []


async def test_a_path_is_scanned_alone_and_a_nested_root_once(tmp_path_factory, tmp_path):
    root = tmp_path / "code"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text(LOAD)
    (root / "a.py").write_text(LOAD)
    where = context(tmp_path_factory, root / "src", repository=root)

    async def found(path: str) -> list[str]:
        result = await scanned(where, path=path, families=["unsafe-loading"])
        return [item.reference for item in result.items]

    assert await found("") == ["code/a.py:5", "code/src/a.py:5"]
    assert await found("src") == await found("src/a.py") == ["code/src/a.py:5"]
    assert await found("a.py") == ["code/a.py:5"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_fixes_come_as_a_patch_that_applies_and_the_file_stays(ending, tmp_path_factory, tmp_path):
    root = tmp_path / "a b"
    (root / "src").mkdir(parents=True)
    before = FIXABLE.replace("\n", ending).rstrip(ending).encode()
    paths = [root / "src" / name for name in ("one.py", 'tw"o.py')]
    for path in paths:
        path.write_bytes(before)
    (root / "n.ipynb").write_text(notebook(FIXABLE))
    result = await scanned(context(tmp_path_factory, root), families=["unsafe-loading"], output="patch")
    (item,) = result.items
    assert "1 fixes are left out" in result.note
    assert [path.read_bytes() for path in paths] == [before, before]
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    patch = str(item.facts["document"]).encode()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=root, input=patch, check=True)
    wanted = before.replace(
        b"yaml.load(open('\xc3\xbc.yaml'), Loader=yaml.UnsafeLoader)", b"yaml.safe_load(open('\xc3\xbc.yaml'))"
    )
    assert [path.read_bytes() for path in paths] == [wanted, wanted]


async def test_without_a_fix_there_is_no_patch(tmp_path_factory, tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    result = await scanned(context(tmp_path_factory, tmp_path), output="patch")
    assert result.items == []
    assert "No finding has a fix." in result.note


async def test_sarif_says_what_the_findings_say(tmp_path_factory, tmp_path):
    (tmp_path / "ä b.py").write_text(FIXABLE)
    (tmp_path / "n.ipynb").write_text(notebook("x = 1", LOAD))
    where = context(tmp_path_factory, tmp_path)
    log = json.loads(str((await scanned(where, output="sarif")).items[0].facts["document"]))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    told = (await scanned(where)).items
    assert len(run["results"]) == len(told)
    for found, item in zip(run["results"], told, strict=True):
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"] == item.facts["rule"]
        assert found["level"] == {"high": "error", "medium": "warning", "low": "note"}[str(item.facts["severity"])]
        assert found["message"]["text"].startswith(str(item.facts["message"]))
        (location,) = found["locations"]
        path = unquote(location["physicalLocation"]["artifactLocation"]["uri"])
        assert (tmp_path / path).is_file()
        if path == "n.ipynb":
            assert location["logicalLocations"][0]["name"] == f"cell {item.facts['cell']}"
        else:
            region = location["physicalLocation"]["region"]
            assert (region["startLine"], region["endLine"]) == (item.facts["line"], item.facts["last_line"])
    (fixed,) = [found for found in run["results"] if "fixes" in found]
    change = fixed["fixes"][0]["artifactChanges"][0]["replacements"][0]
    region = change["deletedRegion"]
    line = FIXABLE.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1].startswith("yaml.load(open('ü.yaml')")
    assert change["insertedContent"]["text"] == "yaml.safe_load(open('ü.yaml'))"


def test_the_command_line_prints_a_document_and_nothing_around_it(tmp_path_factory, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text(LOAD)
    home = context(tmp_path_factory).settings.home
    command = [sys.executable, "-m", "nonet", "tool", "semgrep_scan", "path=a.py", "families=unsafe-loading"]
    environment = {**os.environ, "NONET_HOME": home}

    def said(*words: str) -> subprocess.CompletedProcess[str]:
        run = [*command, *words, "--offline"]
        return subprocess.run(
            run, cwd=tmp_path / "code", env=environment, capture_output=True, text=True, timeout=300, check=True
        )

    document = said("output=sarif")
    assert json.loads(document.stdout)["runs"][0]["results"][0]["level"] == "error"
    assert "Files scanned: 1" in document.stderr
    assert json.loads(said("--json").stdout)["items"][0]["facts"]["line"] == 5
    assert "code/a.py:5" in said().stdout


@pytest.mark.parametrize(
    ("arguments", "said"), [({"families": ["nonsense"]}, "no family"), ({"rules": ["nope"]}, "no rule")]
)
async def test_what_is_not_there_is_refused(arguments, said, tmp_path_factory, tmp_path):
    with pytest.raises(ToolError, match=said):
        await scanned(context(tmp_path_factory, tmp_path), **arguments)


async def test_without_semgrep_the_remedy_says_how_to_prepare_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.py").write_text(LOAD)
    where = ToolContext(Settings(home=str(tmp_path / "home")), (tmp_path,))
    with pytest.raises(ToolError, match="nonet prepare semgrep"):
        await scanned(where)
    assert tools.get("semgrep_scan").unready(where)


async def test_one_on_the_path_is_used_if_it_works(tmp_path_factory, tmp_path, monkeypatch):
    prepared = context(tmp_path_factory).settings.home_path / "environments"
    (own,) = prepared.glob("semgrep-*/bin")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text(LOAD)
    where = ToolContext(Settings(home=str(tmp_path / "bare"), offline=True), (tmp_path / "code",))
    old = tmp_path / "old" / "semgrep"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 0.86.5\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    assert tools.get("semgrep_scan").unready(where)
    monkeypatch.setenv("PATH", str(own))
    assert tools.get("semgrep_scan").unready(where) == ""
    assert len((await scanned(where, families=["unsafe-loading"])).items) == 1
