"""Code search over repositories that mean harm, or are merely large or broken: the real ripgrep over real files."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import time
from pathlib import Path

import pygit2
import pytest

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.query import parse

SECRET = "sk-needle-secret"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.py").write_text("needle = 1\n")
    return root


@pytest.fixture
def search(context, repo):
    async def call(query="needle", **arguments):
        fields = {"repository": repo, "excluded": arguments.pop("excluded", ())}
        return await tools.call("search_code", context(**fields), query=query, **arguments)

    return call


async def references(search, query="needle", **arguments):
    return [item.reference for item in (await search(query, **arguments)).items]


async def test_pipes_sockets_loops_and_links_are_passed_over(repo, search, tmp_path, monkeypatch):
    os.mkfifo(repo / "pipe.py")
    monkeypatch.chdir(repo)  # a socket's whole path may be longer than the kernel takes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "secret.py").write_text(SECRET)
        (repo / "loop").symlink_to(repo)
        (repo / "link.py").symlink_to(tmp_path / "outside" / "secret.py")
        (repo / "folder").symlink_to(tmp_path / "outside")
        assert await references(search) == ["a.py:1"]
        assert await references(search, "NOT absent") == ["a.py"]
        assert await references(search, path="folder") == []


async def test_a_sparse_file_of_two_gigabytes_is_passed_over(repo, search):
    with (repo / "huge.py").open("wb") as file:
        file.write(b"needle\n")
        file.truncate(2 << 30)
    began = time.monotonic()
    assert await references(search) == ["a.py:1"]
    assert time.monotonic() - began < 10


@pytest.mark.slow
async def test_a_hundred_thousand_files(repo, search):
    for folder in range(100):
        (repo / f"f{folder}").mkdir()
        for file in range(1000):
            descriptor = os.open(repo / f"f{folder}" / f"m{file}.py", os.O_CREAT | os.O_WRONLY)
            os.write(descriptor, b"x = 1\n" if (folder, file) != (57, 991) else b"needle = 2\n")
            os.close(descriptor)
    assert await references(search) == ["a.py:1", "f57/m991.py:1"]
    assert await references(search, r"NOT x file:f57/") == ["f57/m991.py"]
    assert await references(search, r"x file:/f5[0-9]?/m99[1]\.py$") == []
    result = await search("x", max_results=5)
    assert len(result.items) == 5
    assert "99994 more files match" in result.note


async def test_text_that_is_no_utf8_is_shown_with_signs_in_its_place(repo, search):
    (repo / "latin.py").write_bytes(b"# caf\xe9\nneedle = 'caf\xe9'\n")
    (repo / "wide.py").write_text("needle = 'ü'\n", encoding="utf-16")
    (repo / "bytes.py").write_bytes(b"needle\0\0\0")
    Path(os.fsdecode(os.fsencode(repo) + b"/n\xe9.py")).write_text("needle\n")
    items = (await search("needle")).items
    found = {item.facts["path"]: item.excerpt for item in items}
    assert len(items) == 4
    assert found["latin.py"] == "# caf\ufffd\nneedle = 'caf\ufffd'\n"
    assert found["wide.py"].startswith("needle = 'ü'")
    json.dumps([item.model_dump() for item in items]).encode()


SWAPS = {
    "a link out": "ln -s ../secret.py a.py",
    "a link to a hidden file": "ln -s .env a.py",
    "a pipe": "mkfifo a.py",
    "nothing": "true",
    "a folder": "mkdir a.py",
    "a folder that is a link": "rm -r sub && ln -s ../outside sub",
}


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("query", ["needle", "needle NOT absent", "needle select:file"])
async def test_a_file_that_is_swapped_once_it_was_found(swap, query, repo, search, tmp_path, monkeypatch):
    """The search is the real one; when it ends, what it found is something else."""
    (tmp_path / "secret.py").write_text(SECRET)
    (repo / ".env").write_text(SECRET)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.py").write_text(SECRET)
    (repo / "sub").mkdir()
    (repo / "sub" / "b.py").write_text("needle = 3\n")
    script = tmp_path / "rg"
    script.write_text(f'#!/bin/sh\n"{ripgrep.binary()}" "$@"\ncode=$?\nrm -rf a.py\n{SWAPS[swap]}\nexit $code\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(ripgrep, "binary", lambda: str(script))
    monkeypatch.setattr(ripgrep, "SECONDS", 3)  # a second search may wait for the pipe
    began = time.monotonic()
    result = await search(query)
    assert SECRET not in result.model_dump_json()
    assert not any(item.reference.startswith("a.py") for item in result.items)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "query",
    [r"needle file:(a+)+$", r"needle file:(a|aa)+b", r"needle file:(.*)*(.*)*x$", r"needle -file:^(([a-z])+.)+[A-Z]$",
     r"/(x+x+)+y/", r"needle repo:(a+)+b"],
)  # fmt: skip
async def test_expressions_that_backtrack_elsewhere_take_linear_time(query, repo, search):
    deep = repo / ("a" * 200) / ("a" * 200)
    deep.mkdir(parents=True)
    (deep / ("a" * 200)).write_text("needle " + "x" * 100_000 + "\n")
    began = time.monotonic()
    with contextlib.suppress(ToolError):  # of repo:, which names another
        await search(query)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "query", [r"/(\w{1000}){1000}/", "needle file:((a{500}){500}){500}", "needle NOT /(/", r"/a\nb/"]
)
async def test_an_expression_that_the_engine_refuses_is_named(query, search):
    with pytest.raises(ToolError, match="refused") as error:
        await search(query)
    assert "\n" not in error.value.message


async def test_a_file_that_turns_out_binary_and_names_of_two_lines_break_nothing(repo, search):
    (repo / "late.py").write_bytes(b"needle\n" + b"x = 1\n" * 100_000 + b"\0\0\nneedle\n")
    (repo / "two\nlines.py").write_text("needle\n")
    assert {"a.py:1", "late.py:1"} <= set(await references(search))
    assert {"a.py:1", "late.py:1"} <= set(await references(search, "needle 1"))


async def test_of_an_enormous_line_the_match_is_shown(repo, search):
    (repo / "bundle.js").write_text("x" * 5_000_000 + "needle" + "y" * 5_000_000)
    (item,) = (await search("needle file:bundle")).items
    assert "xneedley" in item.excerpt
    assert len(item.excerpt) < 2000


async def test_broken_notebooks_hide_no_other(repo, search):
    cell = {"cell_type": "code", "source": ["needle = 1"]}
    broken = {
        "cut.ipynb": json.dumps({"cells": [cell]})[:-3],
        "deep.ipynb": '{"cells": ' + "[" * 100_000,
        "list.ipynb": '["needle"]',
        "kinds.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": {"needle": 1}}]}),
        "empty.ipynb": "",
    }
    for name, text in broken.items():
        (repo / name).write_text(text)
    (repo / "whole.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert await references(search) == ["a.py:1", "whole.ipynb:cell 1:1"]
    assert await references(search, "/need?le/") == ["a.py:1", "whole.ipynb:cell 1:1"]


async def test_hidden_files_are_searched_where_they_are_named_and_secrets_never(repo, search):
    for name in (".github/ci.yml", ".env", ".git/config", "src/.hidden/x.py", ".ssh/id_rsa", "server.key", ".envrc"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("needle\n")
    assert await references(search) == ["a.py:1"]
    assert await references(search, r"needle file:^\.github/") == [".github/ci.yml:1"]
    assert await references(search, r"needle file:(^|/)\.hidden/") == ["src/.hidden/x.py:1"]
    assert await references(search, r"needle file:(^|/)\.github/|x") == [".github/ci.yml:1"]
    assert await references(search, r"needle -file:^\.github/") == ["a.py:1"]
    for asked in (r"file:^\.env", r"file:^\.git/", r"file:^\.ssh/", "file:.env", r"file:\.key$", "file:.git/**"):
        assert await references(search, f"needle {asked}") == []


async def test_ignored_files_are_searched_where_it_is_said(repo, search):
    (repo / ".gitignore").write_text("build/\n*.log\n")
    (repo / "build").mkdir()
    (repo / "build" / "out.py").write_text("needle\n")
    (repo / ".env").write_text("needle\n")
    assert await references(search, "needle lang:python") == ["a.py:1"]
    assert await references(search, "needle file:^build/") == []
    assert await references(search, include_ignored=True) == ["a.py:1", "build/out.py:1"]


async def test_what_is_excluded_is_not_searched_under_another_name_either(repo, search):
    (repo / "labels").mkdir()
    (repo / "labels" / "answers.py").write_text("needle\n")
    (repo / "questions.py").write_text("needle\n")
    os.link(repo / "questions.py", repo / "again.py")
    excluded = (repo / "labels", repo / "questions.py")
    assert await references(search, excluded=excluded) == ["a.py:1"]
    assert await references(search, "needle select:file", excluded=excluded) == ["a.py"]


async def test_a_worktree_is_known_by_its_repositorys_remotes(repo, search, tmp_path, context):
    made = pygit2.init_repository(str(repo))
    made.remotes.create("origin", "git@github.com:owner/thing.git")
    tree, author = made.index.write_tree(), pygit2.Signature("a", "a@b")
    made.create_commit("HEAD", author, author, "first", tree, [])
    worktree = tmp_path / "beside"
    made.add_worktree("beside", str(worktree))
    (worktree / "b.py").write_text("needle\n")
    assert await references(search, "needle repo:^github.com/owner/thing$") == ["a.py:1"]
    beside = await tools.call("search_code", context(repository=worktree), query="needle repo:owner/thing -repo:other")
    assert [item.reference for item in beside.items] == ["b.py:1"]
    with pytest.raises(ToolError, match="another repository"):
        await search("needle -repo:owner/")


async def test_a_bare_repository_holds_no_files(tmp_path, context):
    pygit2.init_repository(str(tmp_path / "bare"), bare=True)
    with pytest.raises(ToolError, match="bare"):
        await tools.call("search_code", context(repository=tmp_path / "bare"), query="needle")


@pytest.mark.parametrize("pointed", ["gitdir: ../pipe\n", "gitdir: /dev/zero\n", "gitdir: \0\n", "x" * 10_000])
async def test_a_git_file_that_points_anywhere_is_only_text(pointed, repo, search, tmp_path):
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "config")
    (repo / ".git").write_text(pointed)
    assert await references(search, "needle repo:^repo$") == ["a.py:1"]


async def test_more_matches_than_are_counted_leave_no_file_out(repo, search):
    for number in range(40):
        (repo / f"m{number:02}.py").write_text("needle\n" * 200)
    assert len(await references(search, "needle select:file count:all")) == 41
    result = await search("needle", max_results=3)
    assert "more files match" in result.note


def test_a_query_of_full_length_is_read_quickly():
    began = time.monotonic()
    for text in ("(" * 2000, "a(" * 1000, '"' * 2000, "/" * 2000, "not " * 40 + "a", "a or " * 400 + "a", "-" * 2000):
        with contextlib.suppress(ToolError):
            parse(text)
    assert time.monotonic() - began < 5
