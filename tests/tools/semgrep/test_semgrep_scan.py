"""``semgrep_scan`` as an agent and a person use it: findings, patch, SARIF; notebooks by cell; hostile folders."""

from __future__ import annotations

import json
import os

import pytest
from scanner import context

from nonet import tools
from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.contract import ToolContext

LOAD = "import torch\n\n\ndef load(path):\n    return torch.load(path, weights_only=False)\n"
RULE = "torch-load-full-pickle"


async def scanned(where: ToolContext, **arguments: object):
    return await tools.call("semgrep_scan", where, **arguments)


async def test_a_finding_says_what_why_where_and_what_to_do(tmp_path_factory, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "serve.py").write_text(LOAD)
    result = await scanned(context(tmp_path_factory, tmp_path / "code"), families=["unsafe-loading"])
    item = result.items[0]
    assert item.reference == "code/serve.py:5"
    assert item.facts["family"] == "unsafe-loading"
    assert item.facts["code"] == "return torch.load(path, weights_only=False)"
    assert all(item.facts[name] for name in ("rule", "severity", "why", "fix", "reference"))
    assert "1 files scanned" in result.note


async def test_a_notebook_is_cited_by_cell(tmp_path_factory, tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["torch.load\n"]},
        {"cell_type": "code", "source": ["%pip install torch\n", "import torch\n"]},
        {"cell_type": "code", "source": ["x = 1\n", "m = torch.load('m.pt', weights_only=False)\n"]},
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook))
    result = await scanned(context(tmp_path_factory, tmp_path), families=["unsafe-loading"])
    assert [item.reference for item in result.items] == [f"{tmp_path.name}/n.ipynb:cell 3:2"]


async def test_fixes_come_as_a_patch_and_the_file_stays(tmp_path_factory, tmp_path):
    path = tmp_path / "a.py"
    path.write_text("import torch\n\nmodel = torch.load('m.pt')\n")
    result = await scanned(context(tmp_path_factory, tmp_path), families=["unsafe-loading"], output="patch")
    text = "".join(item.excerpt for item in result.items)
    assert path.read_text() == "import torch\n\nmodel = torch.load('m.pt')\n"
    assert not text or ("-model = torch.load('m.pt')" in text and "weights_only=True" in text)


async def test_sarif_has_the_standards_form(tmp_path_factory, tmp_path):
    (tmp_path / "a.py").write_text(LOAD)
    result = await scanned(context(tmp_path_factory, tmp_path), families=["unsafe-loading"], output="sarif")
    log = json.loads("".join(item.excerpt for item in result.items))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    described = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for found in run["results"]:
        assert found["ruleId"] in described
        assert found["level"] in ("error", "warning", "note")
        region = found["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1


async def test_hostile_folders_harm_nothing(tmp_path_factory, tmp_path):
    root = tmp_path / "code"
    root.mkdir()
    (tmp_path / "secret.py").write_text(LOAD)
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(root / "pipe.py")
    (root / "bytes.py").write_bytes(b"\xff\xfe\x00import torch\n")
    (root / "broken.py").write_text("def (:\n")
    (root / "-rf --config=x.py").write_text(LOAD)
    (root / ".hidden.py").write_text(LOAD)
    (root / ".semgrepignore").write_text("*\n")
    (root / "kept.py").write_text("import torch\nm = torch.load('x', weights_only=False)  # nosemgrep\n")
    with (root / "large.py").open("wb") as file:
        file.truncate(2_000_000_000)
    result = await scanned(context(tmp_path_factory, root), families=["unsafe-loading"])
    assert {item.reference for item in result.items} == {"code/-rf --config=x.py:5"}
    assert "not scanned" in result.note


@pytest.mark.parametrize(
    ("arguments", "said"), [({"families": ["nonsense"]}, "no family"), ({"rules": ["nope"]}, "no rule")]
)
async def test_what_is_not_there_is_refused(arguments, said, tmp_path_factory, tmp_path):
    with pytest.raises(ToolError, match=said):
        await scanned(context(tmp_path_factory, tmp_path), **arguments)


async def test_without_semgrep_the_remedy_says_how_to_prepare_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.py").write_text(LOAD)
    with pytest.raises(ToolError, match="nonet prepare semgrep"):
        await scanned(ToolContext(Settings(home=str(tmp_path / "home")), (tmp_path,)))
