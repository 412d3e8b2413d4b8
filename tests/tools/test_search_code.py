"""Code search: the real ripgrep over real checkouts."""

import json
import os
import time
from pathlib import Path

import pytest

from nonet import tools
from nonet.agents.code_reader import code_reader
from nonet.agents.specialist import Task
from nonet.errors import ToolError
from nonet.graphs.rag_system import CODE
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.expression import Content
from nonet.tools.sourcegraph.query import parse

TOKEN = "sk-hidden-needle"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "src").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / ".github").mkdir()
    (root / ".gitignore").write_text("private.py\n!.env\n!.github\n")
    (root / ".ignore").write_text("!private.py\n!.env\n")
    for hidden in (".env", "private.py", ".github/deploy.py", ".hidden.py"):
        (root / hidden).write_text(f"needle = '{TOKEN}'\n")
    (root / "src" / "split.py").write_text(
        "import langchain\n\n\ndef make():\n    return Splitter(\n        chunk_size=512,\n"
        + "".join(f"        option_{number}={number},\n" for number in range(8))
        + "        chunk_overlap=50,\n    )\n\n\nneedle = 1\n"
    )
    (root / "src" / "app.js").write_text("const needle = 2; // chunk_size\n")
    (root / "tests" / "test_split.py").write_text("needle = make()\n")
    (root / "outside.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "secret.py").write_text(f"needle = '{TOKEN}'\n")
    os.mkfifo(root / "src" / "pipe.py")
    cells = [
        {"cell_type": "markdown", "source": ["needle in prose\n"]},
        {"cell_type": "code", "source": "first = 1\n", "outputs": [{"text": ["needle in output"]}]},
        {"cell_type": "code", "source": ["second = 2\n", "needle = [\n", "    3,\n", "]\n"]},
    ]
    (root / "study.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    return root


async def search(context, checkout, query, **arguments):
    return (await tools.call("search_code", context(repository=checkout), query=query, **arguments)).items


async def test_every_place_is_found_but_the_hidden_ignored_and_linked(checkout, context):
    found = await search(context, checkout, "needle")
    assert [item.reference for item in found] == [
        "src/app.js:1", "src/split.py:19", "study.ipynb:cell 3:2", "tests/test_split.py:1",
    ]  # fmt: skip
    assert not any(TOKEN in item.excerpt for item in found)


@pytest.mark.parametrize(
    "query", ["needle lang:shell", "needle lang:python", "needle file:.env", "needle file:*.py",
              "needle file:private.py", "needle file:**/.env", "hidden lang:python"],
)  # fmt: skip
async def test_no_filter_takes_hidden_or_ignored_files_back_in(query, checkout, context):
    assert not any(TOKEN in item.excerpt for item in await search(context, checkout, query))


@pytest.mark.parametrize("path", [".github", ".env", "../secret.py", "..", "/etc"])
async def test_a_path_cannot_name_them_either(path, checkout, context):
    with pytest.raises(ToolError):
        await search(context, checkout, "needle", path=path)
    assert await search(context, checkout, "needle", path="private.py") == []


async def test_a_call_over_many_lines_is_shown_whole(checkout, context):
    first = (await search(context, checkout, "chunk_size lang:python"))[0]
    assert "return Splitter(" in first.excerpt
    assert "chunk_overlap=50" in first.excerpt
    last = (await search(context, checkout, "chunk_overlap"))[0]
    assert "Splitter(" in last.excerpt
    assert "chunk_size=512" in last.excerpt


async def test_a_notebook_is_cited_by_cell_and_line(checkout, context):
    found = await search(context, checkout, "needle file:*.ipynb")
    assert [item.reference for item in found] == ["study.ipynb:cell 3:2"]
    assert found[0].excerpt == "second = 2\nneedle = [\n    3,\n]"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("needle -file:tests -lang:javascript -lang:jupyter", ["src/split.py:19"]),
        (r"/chunk_(size|overlap)=/ lang:python", ["src/split.py:6"]),
        (r"chunk_(size|overlap)= patterntype:regexp", ["src/split.py:6"]),
        (r"chunk_(size|overlap)= patterntype:literal", []),
        ("NEEDLE case:yes", []),
        ("NEEDLE file:app", ["src/app.js:1"]),
        ("needle chunk_size -lang:javascript", ["src/split.py:6"]),
        ("needle AND NOT chunk_size lang:python file:tests", ["tests/test_split.py:1"]),
        ("(make OR nothing_like_it) file:tests", ["tests/test_split.py:1"]),
        ("needle type:path", []),
        ("split type:path -file:tests", ["src/split.py"]),
        (r"needle file:\.js$", ["src/app.js:1"]),
        ("needle count:1", ["src/app.js:1"]),
        ("needle repo:repo file:app", ["src/app.js:1"]),
    ],
)
async def test_queries(query, expected, checkout, context):
    found = [item.reference for item in await search(context, checkout, query)]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


@pytest.mark.parametrize("query", ["", "(x", "x lang:klingon", "x repo:other", "x file:", "AND x", "x patterntype:odd"])
async def test_a_query_that_cannot_be_meant_is_refused(query, checkout, context):
    with pytest.raises(ToolError) as error:
        await search(context, checkout, query)
    assert error.value.remedy


async def test_a_malformed_expression_is_refused(checkout, context):
    with pytest.raises(ToolError, match="refused"):
        await search(context, checkout, "/(/")


async def test_without_a_repository_the_remedy_says_how_to_give_one(context):
    with pytest.raises(ToolError, match="--repo"):
        await tools.call("search_code", context(), query="x")


async def test_an_expression_that_backtracks_elsewhere_is_quick(checkout, context):
    (checkout / "bomb.py").write_text("a" * 200_000 + "!\n")
    began = time.monotonic()
    await search(context, checkout, r"/^(a+)+$|(x+x+)+y/")
    assert time.monotonic() - began < 5


async def test_a_search_past_its_time_is_cut_and_says_so(checkout, context, monkeypatch):
    slow = checkout / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr(ripgrep, "binary", lambda: str(slow))
    monkeypatch.setattr(ripgrep, "SECONDS", 0.2)
    began = time.monotonic()
    result = await tools.call("search_code", context(repository=checkout), query="needle")
    assert "stopped after 0.2 seconds" in result.note
    assert time.monotonic() - began < 5


async def test_output_past_its_limit_is_cut_and_says_so(checkout, context, monkeypatch):
    (checkout / "many.py").write_text("needle\n" * 60)
    monkeypatch.setattr(ripgrep, "OUTPUT_LIMIT", 2000)
    result = await tools.call("search_code", context(repository=checkout), query="needle")
    assert "stopped after" in result.note


async def test_a_checkout_within_an_ignored_folder_is_still_searched(tmp_path, context):
    (tmp_path / ".gitignore").write_text("*\n")
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "a.py").write_text("needle\n")
    assert [item.reference for item in await search(context, repo, "needle")] == ["a.py:1"]


@pytest.mark.parametrize("query", CODE)
def test_the_readers_expressions_are_read_whole(query):
    """One holds slashes between its own; in the tool's language those would end it."""
    (call,) = code_reader.playbook(Task("code", "", (query,)))(0, ())
    expression = parse(call.arguments["query"]).expression
    assert expression == Content(query[1:-1], regexp=True)
