"""The history of a checkout: which commits, by path, message, author, time and changed text."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from repositories import Repository, needs_git

from nonet import tools
from nonet.errors import ToolError


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


@pytest.fixture
def log(context, repository):
    async def ask(**arguments):
        return await tools.call("git_log", context(repository=repository.folder), **arguments)

    return ask


async def commits(log, **arguments) -> list[str]:
    return [item.facts["commit"] for item in (await log(**arguments)).items]


async def test_newest_first_with_who_when_and_which_files(repository, log):
    repository.commit({"a.py": "1\n"}, "Begin")
    last = repository.commit(
        {"a.py": "2\n", "src/b.py": "x\n"}, "Change a, add b\n\nBecause it was wrong.", "Grace Hopper"
    )
    result = await log(limit=1)
    (item,) = result.items
    assert (result.backend, item.reference) == ("pygit2", f"commit:{last[:10]}")
    assert item.facts == {
        "commit": last,
        "author": "Grace Hopper",
        "date": "2023-11-15T01:13:20+01:00",
        "summary": "Change a, add b",
        "files": ["a.py", "src/b.py"],
        "merge": False,
    }
    assert item.excerpt == "Change a, add b\n\nBecause it was wrong.\n\nmodified a.py\nadded src/b.py"
    assert "There are more" in result.note
    assert len((await log()).items) == 2
    assert (await log()).note == ""


async def test_a_path_and_a_file_that_was_renamed(repository, log):
    body = "".join(f"line {number}\n" for number in range(30))
    first = repository.commit({"old/train.py": body, "other.py": "x\n"})
    second = repository.commit({"other.py": "y\n"})
    moved = repository.commit({"old/train.py": None, "new/train.py": body.replace("line 3\n", "line three\n")})
    edited = repository.commit({"new/train.py": body})
    assert await commits(log, path="new/train.py") == [edited, moved, first]
    assert await commits(log, path="new") == [edited, moved]
    assert await commits(log, path="other.py") == [second, first]
    (item,) = (await log(path="new/train.py", range=moved, limit=1)).items
    assert "renamed old/train.py to new/train.py" in item.excerpt


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("^(fix|mend):", [3, 1]),
        ("lower the (learning )?rate", [2]),
        ("Lower", [2]),
        ("LOWER", []),
        ("fix: [0-9]{2,}", [3]),
        ("[[:digit:]]+", [3]),
        ("body line$", [0]),
        ("nothing of it", []),
    ],
)
async def test_messages_by_extended_regular_expression(expression, expected, repository, log):
    messages = ["Begin\n\na body line\n", "mend: the split", "Lower the learning rate", "fix: 42 things"]
    made = [repository.commit({"a": str(number)}, message) for number, message in enumerate(messages)]
    assert await commits(log, grep=expression) == [made[number] for number in expected]


async def test_an_expression_that_backtracks_elsewhere_is_quick_and_a_malformed_one_refused(repository, log):
    repository.commit({"a": "1"}, "a" * 50_000 + "!")
    began = time.monotonic()
    assert await commits(log, grep=r"^(a+)+$|(a|aa)+b|(.*a){20}b") == []
    assert await commits(log, contains=r"^(a+)+$", regexp=True) == []
    assert time.monotonic() - began < 20
    for wrong in ({"grep": "("}, {"contains": "(", "regexp": True}):
        with pytest.raises(ToolError, match="refused"):
            await log(**wrong)


async def test_author_and_time(repository, log):
    one = repository.commit({"a": "1"}, author="Ada Lovelace")
    two = repository.commit({"a": "2"}, author="Grace Hopper")
    assert await commits(log, author="grace") == [two]
    assert await commits(log, author="ada@example") == [one]
    assert await commits(log, since="2023-11-15T00:00+00:00") == [two]
    assert await commits(log, until="2023-11-14") == [one]
    assert await commits(log, until="2023-11-15") == [two, one]
    assert await commits(log, since="2 weeks ago") == []
    assert "No commit" in (await log(since="2 weeks ago")).note
    for wrong in ("yesterday-ish", "2023-99-01", "0 fortnights"):
        with pytest.raises(ToolError, match="no date"):
            await log(since=wrong)


async def test_text_whose_occurrences_change_and_lines_that_match(repository, log):
    added = repository.commit({"a.py": "import os\nimport sys\nlr = 1\n"})
    edited = repository.commit({"a.py": "import os\nimport sys\nlr = 2\n"})
    gone = repository.commit({"a.py": "import os\nimport sys\n"})
    repository.commit({"b.bin": b"\0lr = 2"})
    assert await commits(log, contains="lr =") == [gone, added]
    assert await commits(log, contains="lr = 2") == [gone, edited]
    assert await commits(log, contains=r"lr = \d", regexp=True) == [gone, edited, added]
    assert await commits(log, contains="LR") == []


async def test_notebooks_are_searched_by_their_code(repository, log):
    from repositories import notebook

    first = repository.commit({"n.ipynb": notebook('name = "x"')})
    repository.commit({"n.ipynb": notebook('name = "x"', outputs='name = "x"')})
    assert await commits(log, contains='name = "x"') == [first]
    assert await commits(log, contains="name = .x.", regexp=True) == [first]


async def test_ranges_tags_and_merges(repository, log):
    base = repository.commit({"a": "1\n"})
    repository.switch(base, "side")
    side = repository.commit({"b": "1\n"})
    repository.switch(base, "main")
    main = repository.commit({"c": "1\n"})
    repository.write({"b": "1\n"})
    merge = repository.commit({}, "Merge", parents=[main, side])
    repository.repository.create_tag("v1", main, 1, repository.repository[main].author, "the tag")
    last = repository.commit({"a": "2\n"})
    assert await commits(log) == [last, merge, main, side, base]
    assert await commits(log, path="b") == [side], "a merge that is like one of its parents changed nothing"
    assert await commits(log, range="v1") == [main, base]
    assert await commits(log, range="v1..") == [last, merge, side]
    assert await commits(log, range="v1..HEAD~1") == [merge, side]
    assert await commits(log, range="main^^2") == [side, base]
    assert await commits(log, range="v1...side") == [main, side]
    assert await commits(log, range=side[:12]) == [side, base]
    assert await commits(log, range="@~2") == [main, base]
    (item,) = (await log(range="HEAD~1", limit=1)).items
    assert item.facts["merge"] is True
    assert item.facts["files"] == []


@pytest.mark.parametrize(
    "text", ["--output=/tmp/x", "-p", "HEAD -p", "nowhere", "HEAD~999", "a..b..c", ":/fix", "HEAD^{/(a+)+$}",
             "HEAD:a.py", "..-x", "HEAD\n--all", "\0", "..", "@{-1}x"],
)  # fmt: skip
async def test_what_names_no_commit_is_refused(text, repository, log):
    repository.commit({"a.py": "1"})
    if text == "..":
        assert (await log(range=text)).items == []
        return
    with pytest.raises(ToolError) as error:
        await log(range=text)
    assert error.value.remedy


@needs_git
@pytest.mark.parametrize("seed", range(3))
async def test_it_finds_what_git_finds(seed, repository, log):
    draw = random.Random(seed)
    names = ["a.py", "src/b.py", "src/deep/c.txt", "d.md"]
    words = ["alpha", "beta", "gamma", "delta"]
    for _ in range(40):
        name = draw.choice(names)
        body = "".join(f"{draw.choice(words)} {draw.randrange(4)}\n" for _ in range(draw.randrange(1, 8)))
        repository.commit({name: body}, f"{draw.choice(words)} {draw.randrange(9)}\n\n{draw.choice(words)}\n")

    def git(*arguments: str) -> list[str]:
        return repository.git("log", "--format=%H", "--no-renames", *arguments).split()

    for name in (*names, "src"):
        assert await commits(log, path=name, limit=200) == git("--", name)
        assert await commits(log, path=name, grep="^(beta|delta)$", limit=200) == git(
            "-E", "--grep=^(beta|delta)$", "--", name
        )
    for word in words:
        assert await commits(log, contains=f"{word} 2", limit=200) == git(f"-S{word} 2")
        assert await commits(log, contains=f"{word} [01]", regexp=True, limit=200) == git(f"-G{word} [01]")
    assert await commits(log, range="HEAD~9..HEAD~3", limit=200) == git("HEAD~9..HEAD~3")
