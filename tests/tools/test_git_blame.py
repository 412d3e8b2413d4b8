"""Who wrote which lines."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from repositories import Repository, needs_git, notebook

from nonet import tools
from nonet.errors import ToolError


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


@pytest.fixture
def blame(context, repository):
    async def ask(path: str, **arguments):
        return await tools.call("git_blame", context(repository=repository.folder), path=path, **arguments)

    return ask


def by_line(result) -> dict[int, str]:
    return {
        line: item.facts.get("commit", "")
        for item in result.items
        for line in range(item.facts["first_line"], item.facts["last_line"] + 1)
    }


async def test_lines_by_commit_author_and_time(repository, blame):
    first = repository.commit({"a.py": "one\ntwo\nthree\nfour\n"}, "Begin", "Ada Lovelace")
    second = repository.commit({"a.py": "one\nTWO\nthree\nfour\n"}, "Shout", "Grace Hopper")
    result = await blame("a.py")
    assert [(item.reference, item.excerpt) for item in result.items] == [
        ("a.py:1", "one"), ("a.py:2", "TWO"), ("a.py:3", "three\nfour"),
    ]  # fmt: skip
    assert result.items[1].facts == {
        "path": "a.py", "first_line": 2, "last_line": 2, "committed": True, "commit": second,
        "author": "Grace Hopper", "date": "2023-11-15T01:13:20+01:00", "summary": "Shout",
    }  # fmt: skip
    assert by_line(await blame("a.py", lines="2-3")) == {2: second, 3: first}
    assert by_line(await blame("a.py", lines="4")) == {4: first}
    assert by_line(await blame("a.py", revision="HEAD~1")) == dict.fromkeys(range(1, 5), first)


async def test_lines_not_committed_yet_have_the_numbers_of_the_file(repository, blame):
    first = repository.commit({"a.py": "one\ntwo\n"})
    repository.write({"a.py": "zero\r\none\r\ntwo!\r\n"})
    result = await blame("a.py")
    assert by_line(result) == {1: "", 2: first, 3: ""}
    assert result.items[0].title == "not committed yet"
    repository.write({"new.py": "x\n"})
    with pytest.raises(ToolError, match="tracks no"):
        await blame("new.py")
    repository.repository.index.add("new.py")
    repository.repository.index.write()
    assert by_line(await blame("new.py")) == {1: ""}


async def test_a_rename_is_followed(repository, blame):
    body = "".join(f"line {number}\n" for number in range(20))
    first = repository.commit({"old.py": body})
    moved = repository.commit({"old.py": None, "src/new.py": body + "more\n"})
    assert by_line(await blame("src/new.py")) == {**dict.fromkeys(range(1, 21), first), 21: moved}


async def test_a_notebook_by_cell_whatever_was_run_again(repository, blame):
    first = repository.commit({"n.ipynb": notebook("import os", "lr = 1\nepochs = 2")})
    repository.commit({"n.ipynb": notebook("import os", "lr = 1\nepochs = 2", outputs="lr = 1")}, "Run")
    last = repository.commit({"n.ipynb": notebook(("markdown", "hi"), "import os", "lr = 1\nepochs = 3")})
    result = await blame("n.ipynb")
    assert [(item.reference, item.facts["cell"], item.facts["commit"]) for item in result.items] == [
        ("n.ipynb:cell 2:1", 2, first), ("n.ipynb:cell 3:1", 3, first), ("n.ipynb:cell 3:2", 3, last),
    ]  # fmt: skip
    assert [item.reference for item in (await blame("n.ipynb", lines="cell 3:2")).items] == ["n.ipynb:cell 3:2"]
    assert [item.excerpt for item in (await blame("n.ipynb", lines="cell 3")).items] == ["lr = 1", "epochs = 3"]
    with pytest.raises(ToolError, match="no code in cell 1"):
        await blame("n.ipynb", lines="cell 1")


@pytest.mark.parametrize("lines", ["0", "3-2", "9", "x", "-L1", "1,2,3", "cell 1"])
async def test_lines_that_are_not_there_are_named(lines, repository, blame):
    repository.commit({"a.py": "one\ntwo\n"})
    with pytest.raises(ToolError) as error:
        await blame("a.py", lines=lines)
    assert error.value.remedy


@pytest.mark.parametrize("path", ["absent.py", "image.png", "src"])
async def test_what_has_no_lines_is_refused(path, repository, blame):
    repository.commit({"image.png": b"\0", "src/a.py": "x\n"})
    with pytest.raises(ToolError, match="tracks no text file"):
        await blame(path)


@needs_git
@pytest.mark.parametrize("seed", range(4))
async def test_it_blames_whom_git_blames(seed, repository, blame):
    """Histories of distinct lines, so that no two ways of comparing can differ, with branches and merges."""
    draw = random.Random(seed)
    number = 0

    def edited(lines: list[str]) -> list[str]:
        nonlocal number
        made = list(lines)
        for _ in range(draw.randrange(1, 4)):
            number += 1
            place = draw.randrange(len(made) + 1)
            if made and draw.random() < 0.4:
                made[place - 1 :][:1] = [f"line {number}\n"]
                made.pop(place - 1) if draw.random() < 0.3 else None
            made.insert(place, f"line {number}\n")
        return made

    lines = [f"begin {each}\n" for each in range(12)]
    tip = repository.commit({"a.txt": "".join(lines)})
    for _ in range(8):
        if draw.random() < 0.4:
            half = len(lines) // 2
            repository.switch(tip, "side")
            top = edited(lines[:half])
            side = repository.commit({"a.txt": "".join([*top, *lines[half:]])}, "side")
            repository.switch(tip, "main")
            bottom = edited(lines[half:])
            main = repository.commit({"a.txt": "".join([*lines[:half], *bottom])}, "main")
            lines = [*top, *bottom]
            tip = repository.commit({"a.txt": "".join(lines)}, "merge", parents=[main, side])
        else:
            lines = edited(lines)
            tip = repository.commit({"a.txt": "".join(lines)})
    theirs = re.findall(r"^([0-9a-f]{40}) \d+ (\d+)", repository.git("blame", "--porcelain", "a.txt"), re.MULTILINE)
    assert by_line(await blame("a.txt")) == {int(line): commit for commit, line in theirs}
    assert len(theirs) == len(lines)
