"""What a range, a commit or uncommitted work changed; notebooks by their cells' sources."""

from __future__ import annotations

import json
from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import Repository, notebook

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.git.cells import Cell, align
from nonet.tools.git.patches import hunks, unchanged


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


@pytest.fixture
def diff(context, repository):
    async def ask(text: str = "", **arguments):
        return await tools.call("git_diff", context(repository=repository.folder), range=text, **arguments)

    return ask


async def paths(diff, text: str = "", **arguments) -> list[tuple[str, str]]:
    return [(item.facts["status"], item.facts["path"]) for item in (await diff(text, **arguments)).items]


async def test_ranges_a_single_commit_and_a_path(repository, diff):
    base = repository.commit({"a.py": "one\ntwo\nthree\n", "src/b.py": "x\n"})
    repository.switch(base, "side")
    side = repository.commit({"side.py": "s\n"})
    repository.switch(base, "main")
    first = repository.commit({"a.py": "one\n2\nthree\n"})
    last = repository.commit({"src/b.py": "y\n"})
    repository.repository.create_tag(
        "v1", first, pygit2.enums.ObjectType.COMMIT, repository.repository[first].author, "t"
    )
    (item,) = (await diff("v1")).items
    assert item.excerpt == "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three"
    assert item.facts == {
        "path": "a.py", "status": "modified", "binary": False, "from": base, "to": first, "added": 1, "removed": 1,
    }  # fmt: skip
    assert await paths(diff, f"{base}..HEAD") == [("modified", "a.py"), ("modified", "src/b.py")]
    assert await paths(diff, f"{base}..HEAD", path="src") == [("modified", "src/b.py")]
    assert await paths(diff, "v1..") == [("modified", "src/b.py")]
    assert await paths(diff, last) == [("modified", "src/b.py")]
    assert await paths(diff, base) == [("added", "a.py"), ("added", "src/b.py")]
    assert await paths(diff, f"HEAD...{side}") == [("added", "side.py")]
    assert await paths(diff, f"HEAD..{side}") == [("modified", "a.py"), ("added", "side.py"), ("modified", "src/b.py")]
    assert (await diff("HEAD..HEAD")).note == "Nothing differs."
    for wrong in ("nowhere", "-p", "HEAD --output=x", "--no-index"):
        with pytest.raises(ToolError):
            await diff(wrong)


async def test_a_merge_is_shown_against_its_first_parent(repository, diff):
    base = repository.commit({"a": "1\n"})
    repository.switch(base, "side")
    side = repository.commit({"b": "1\n"})
    repository.switch(base, "main")
    main = repository.commit({"c": "1\n"})
    repository.write({"b": "1\n"})
    repository.commit({}, "Merge", parents=[main, side])
    result = await diff("HEAD")
    assert [item.facts["path"] for item in result.items] == ["b"]
    assert "first parent" in result.note


async def test_what_is_not_committed_staged_or_not(repository, diff):
    repository.commit({"edited.py": "1\n", "staged.py": "1\n", "gone.py": "1\n", "same.py": "1\n", "dos.txt": "a\nb\n"})
    assert (await diff()).note == "Nothing is uncommitted."
    repository.write({"staged.py": "2\n", "new.py": "n\n", "untracked.py": "u\n"})
    repository.repository.index.add("staged.py")
    repository.repository.index.add("new.py")
    repository.repository.index.write()
    repository.write({"edited.py": "2\n", "gone.py": None, "staged.py": "3\n", "dos.txt": "a\r\nB\r\n"})
    repository.write({"same.py": "1\n"})
    found = {item.facts["path"]: item for item in (await diff()).items}
    assert {path: item.facts["status"] for path, item in found.items()} == {
        "dos.txt": "modified", "edited.py": "modified", "gone.py": "removed", "new.py": "added",
        "staged.py": "modified",
    }  # fmt: skip
    assert "-1\n+3" in found["staged.py"].excerpt
    assert found["dos.txt"].excerpt.endswith(" a\n-b\n+B"), "the ends of its lines are git's business"
    assert found["gone.py"].excerpt == "--- a/gone.py\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1"
    assert [item.facts["path"] for item in (await diff(path="new.py")).items] == ["new.py"]


async def test_reading_leaves_the_repository_as_it_was(repository, diff, context):
    repository.commit({"a.py": "1\n"})
    repository.write({"a.py": "2\n"})

    def state() -> dict[Path, tuple[int, bytes]]:
        files = [path for path in Path(repository.repository.path).rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = state()
    await diff()
    await tools.call("git_log", context(repository=repository.folder), contains="1")
    await tools.call("git_blame", context(repository=repository.folder), path="a.py")
    assert state() == before


async def test_renames_links_submodules_and_binary_files_are_named(repository, diff):
    body = "".join(f"line {number}\n" for number in range(20))
    repository.commit({"old.py": body, "image.png": b"\x89PNG\0one"})
    inner = Repository(repository.folder.parent / "inner")
    module = inner.commit({"secret.py": "canary = 1\n"})
    (repository.folder / "link").symlink_to("/etc/passwd")
    repository.write({"old.py": None, "new.py": body + "more\n", "image.png": b"\x89PNG\0two"})
    repository.commit({}, modules={"inner": module})
    inner.commit({"secret.py": "canary = 2\n"})
    inner.folder.rename(repository.folder / "inner")
    found = {item.facts["path"]: item for item in (await diff("HEAD")).items}
    assert (found["new.py"].facts["status"], found["new.py"].facts["old_path"]) == ("renamed", "old.py")
    assert found["new.py"].excerpt.startswith("--- a/old.py\n+++ b/new.py\n")
    assert found["new.py"].excerpt.endswith("+more")
    assert (found["image.png"].facts["binary"], found["image.png"].excerpt) == (True, "")
    assert "link, not entered" in found["link"].title
    assert "submodule, not entered" in found["inner"].title
    working = await diff()
    assert "canary" not in (working.model_dump_json() + json.dumps([item.excerpt for item in found.values()]))
    assert [item.facts["path"] for item in working.items] == ["inner"]


async def test_a_notebook_by_its_cells(repository, diff):
    cells = ("import torch", ("markdown", "# Training"), "lr = 0.1\nepochs = 3", "fit()")
    repository.commit({"n.ipynb": notebook(*cells, outputs="canary")})
    repository.commit({"n.ipynb": notebook(*cells, outputs="another canary")}, "Run it again")
    edited = (cells[0], "seed(1)", ("markdown", "# Train"), "lr = 0.01\nepochs = 3")
    repository.commit({"n.ipynb": notebook(*edited, outputs="third canary")})
    (again,) = (await diff("HEAD~1")).items
    assert again.title.startswith("modified n.ipynb (outputs and metadata only)")
    assert again.excerpt == "--- a/n.ipynb\n+++ b/n.ipynb"
    (changed,) = (await diff("HEAD")).items
    assert changed.excerpt.split("\n")[2:] == [
        "@@ cell 2 (code) added @@", "+seed(1)",
        "@@ cell 2 → 3 (markdown) @@", "-# Training", "+# Train",
        "@@ cell 3 → 4 (code) @@", "-lr = 0.1", "+lr = 0.01", " epochs = 3",
        "@@ cell 4 (code) removed @@", "-fit()",
    ]  # fmt: skip
    assert (changed.facts["added"], changed.facts["removed"]) == (3, 3)
    assert "canary" not in changed.excerpt


async def test_what_is_no_notebook_is_shown_as_text(repository, diff):
    repository.commit({"n.ipynb": "not JSON\n"})
    repository.commit({"n.ipynb": notebook("x = 1")})
    repository.commit({"n.ipynb": "<<<<<<< ours\n"})
    assert "-not JSON" in (await diff("HEAD~1")).items[0].excerpt
    assert "+<<<<<<< ours" in (await diff("HEAD")).items[0].excerpt


async def test_long_differences_are_cut_and_say_so(repository, diff):
    line = "word " * 30
    repository.commit({"long.txt": "".join(f"{number} {line}\n" for number in range(400))})
    repository.commit(
        {"long.txt": "".join(f"{number} {line}{'!' if number % 20 == 0 else ''}\n" for number in range(400))}
    )
    result = await diff("HEAD")
    assert 1 < len(result.items) <= 6
    assert all(len(item.excerpt) <= 4000 and item.excerpt.startswith("--- a/long.txt") for item in result.items)
    assert result.items[0].facts["added"] == 20
    assert "longer than is shown" in (await diff("HEAD~1")).note
    for number in range(12):
        repository.write({f"f{number}.py": "x\n"})
    repository.commit({})
    some = await diff("HEAD", limit=5)
    assert (len(some.items), some.note) == (5, "7 more files differ.")


async def test_names_and_texts_of_any_encoding(repository, diff):
    repository.commit({"a.py": "x\n"})
    repository.commit({"latin.txt": "caf\xe9\n".encode("latin-1"), "Grüße ☃.py": "ü\n", "a\tb\n.py": "x\n"})
    result = await diff("HEAD")
    assert len(result.items) == 3
    assert {"Grüße ☃.py"} < {str(item.facts["path"]) for item in result.items}
    assert any("caf\ufffd" in item.excerpt for item in result.items)


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n"]), max_size=12)


@given(lines, lines)
def test_a_patch_leads_from_the_old_to_the_new(old, new):
    before, after = b"".join(old), b"".join(new)
    kept = list(unchanged(before, after))
    for old_start, new_start, length in kept:
        assert old[old_start : old_start + length] == new[new_start : new_start + length]
    found = hunks("a.txt", before, after) or []
    same = sum(length for _, _, length in kept)
    assert len(old) == same + sum(len(hunk.removed) for hunk in found)
    assert len(new) == same + sum(len(hunk.added) for hunk in found)


sources = st.lists(
    st.tuples(st.sampled_from(["code", "markdown"]), st.sampled_from(["x", "y\nz", "y\nw", ""])), max_size=6
)


@given(sources, sources)
def test_cells_are_each_paired_once_and_never_crosswise(old, new):
    sides = [[Cell(number, kind, "", source) for number, (kind, source) in enumerate(side, 1)] for side in (old, new)]
    found = align(*sides)
    assert [pair.old.number for pair in found if pair.old] == list(range(1, len(old) + 1))
    assert [pair.new.number for pair in found if pair.new] == list(range(1, len(new) + 1))
    assert all(pair.old.kind == pair.new.kind for pair in found if pair.old and pair.new)
