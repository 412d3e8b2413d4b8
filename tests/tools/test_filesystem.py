"""Reading beneath a root: real links, pipes and races of the file system."""

import os
import threading
from pathlib import Path

import pytest

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.roots import Roots
from nonet.tools.filesystem.search_files import glob

SECRET = "the secret outside"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text(SECRET)
    root = tmp_path / "docs"
    (root / "guide").mkdir(parents=True)
    (root / "guide" / "start.md").write_text("# Start\n\nInstall it first.\n")
    (root / "readme.md").write_text("# Read me\n")
    (root / ".env").write_text("KEY=" + SECRET)
    (root / "link.md").symlink_to(tmp_path / "outside" / "secret.md")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "inner.md").symlink_to("guide/start.md")
    os.mkfifo(root / "pipe.md")
    (root / "binary.md").write_bytes(b"a\0b")
    (root / "latin.md").write_bytes("é".encode("latin-1"))
    return root


@pytest.fixture(params=["openat2", "step by step"])
def opening(request, monkeypatch):
    if request.param == "step by step":
        monkeypatch.setattr(beneath, "_open", beneath._step_by_step)
    return request.param


ATTACKS = ["../outside/secret.md", "link.md", "folder/secret.md", "guide/../../outside/secret.md", ".env",
           "file:///etc/passwd", "/etc/passwd", "pipe.md", "binary.md", "latin.md", "guide", "absent.md",
           "docs/link.md", "readme.md\0.txt", "/proc/self/environ"]  # fmt: skip


@pytest.mark.parametrize("path", ATTACKS)
async def test_an_attack_is_refused_and_reads_nothing(path, tree, context, opening):
    with pytest.raises(ToolError) as error:
        await tools.call("read_file", context(tree), path=path)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("path", ["guide/start.md", "docs/guide/start.md", "docs/guide/start.md:3"])
async def test_a_file_beneath_is_read_by_any_of_its_names(path, tree, context, opening):
    result = await tools.call("read_file", context(tree), path=path)
    assert result.items[0].reference == "docs/guide/start.md:1"
    assert "Install it first." in result.items[0].excerpt


async def test_an_absolute_path_beneath_the_root_is_read(tree, context):
    result = await tools.call("read_file", context(tree), path=str(tree / "readme.md"))
    assert result.items[0].excerpt == "# Read me"


async def test_a_long_file_comes_in_parts_by_line(tree, context):
    (tree / "long.txt").write_text("\n".join(f"line {number} " + "x" * 90 for number in range(1, 401)))
    result = await tools.call("read_file", context(tree), path="long.txt")
    assert all(len(item.excerpt) <= 4000 for item in result.items)
    first, second = result.items[0], result.items[1]
    start = int(second.reference.rsplit(":", 1)[1])
    assert second.excerpt.startswith(f"line {start} ")
    assert first.excerpt.splitlines()[-1].startswith(f"line {start - 1} ")
    assert "shown up to line" in result.note
    rest = await tools.call("read_file", context(tree), path="long.txt", first_line=399)
    assert rest.items[0].excerpt.startswith("line 399 ")


async def test_a_link_swapped_in_while_it_is_read_never_leads_outside(tree, context, tmp_path):
    victim, stop = tree / "victim.md", threading.Event()
    victim.write_text("harmless")

    def swap() -> None:
        while not stop.is_set():
            for make in (
                lambda at: at.symlink_to(tmp_path / "outside" / "secret.md"),
                lambda at: at.write_text("harmless"),
            ):
                aside = tree / "aside.md"
                make(aside)
                aside.replace(victim)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen: set[str] = set()
        for _ in range(400):
            try:
                seen.add((await tools.call("read_file", context(tree), path="victim.md")).items[0].excerpt)
            except ToolError:
                seen.add("refused")
    finally:
        stop.set()
        thread.join()
    assert SECRET not in seen
    assert seen <= {"harmless", "refused"}


async def test_listing_and_searching_show_neither_hidden_files_nor_links(tree, context):
    os.utime(tree / "readme.md", (1_700_000_000, 1_700_000_000))
    listed = (await tools.call("list_directory", context(tree))).items[0].excerpt.splitlines()
    assert "docs/guide/" in listed
    assert "docs/readme.md\t10\t2023-11-14 22:13:20\ttext" in listed
    assert not any(name in "\n".join(listed) for name in (".env", "link.md", "pipe.md", "folder"))
    found = await tools.call("search_files", context(tree), pattern="**/*.md")
    names = [item.reference for item in found.items]
    assert names == ["docs/binary.md", "docs/latin.md", "docs/readme.md", "docs/guide/start.md"]


async def test_excluded_files_are_not_read_by_name_nor_by_link(tree, context):
    labels = tree / "labels.md"
    labels.write_text("the answers")
    os.link(labels, tree / "alias.md")
    (tree / "soft.md").symlink_to("labels.md")
    guarded = context(tree, excluded=(labels, tree / "guide"))
    for path in ("labels.md", "alias.md", "soft.md", "guide/start.md"):
        with pytest.raises(ToolError, match="not for tools"):
            await tools.call("read_file", guarded, path=path)
    assert {entry.relative for entry in Roots(guarded).files()} == {"binary.md", "latin.md", "readme.md"}


async def test_a_root_that_is_a_file_shows_that_file_alone(tree, context):
    single = context(tree / "readme.md")
    assert (await tools.call("read_file", single, path="readme.md")).items[0].excerpt == "# Read me"
    with pytest.raises(ToolError):
        await tools.call("read_file", single, path="guide/start.md")
    assert [entry.relative for entry in Roots(single).files()] == ["readme.md"]


async def test_a_file_over_the_size_limit_is_refused(tree, context, settings):
    small = context(tree).__class__(settings.model_copy(update={"file_size_limit": 5}), (tree,))
    with pytest.raises(ToolError, match="larger than 5 bytes"):
        await tools.call("read_file", small, path="readme.md")


def test_roots_of_one_name_are_told_apart(tmp_path, context):
    for parent in ("a", "b"):
        (tmp_path / parent / "docs").mkdir(parents=True)
        (tmp_path / parent / "docs" / "x.md").write_text(parent)
    roots = Roots(context(tmp_path / "a" / "docs", tmp_path / "b" / "docs"))
    assert [entry.name for entry in roots.files()] == ["docs/x.md", "docs-2/x.md"]
    assert roots.read(*roots.locate("docs-2/x.md")) == b"b"


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.md", "a.md", True), ("*.md", "b/a.md", False), ("**/*.md", "a.md", True), ("**/*.md", "b/c/a.MD", True),
        ("b/**", "b/c/a.md", True), ("**/c/*", "b/c/a.md", True), ("a?.md", "ab.md", True), ("a?.md", "a.md", False),
        ("README*", "readme.rst", True), ("[a].md", "a.md", False),
    ],
)  # fmt: skip
def test_globs(pattern, path, matches):
    assert glob(pattern)(path) is matches


def test_a_hostile_glob_takes_no_time():
    assert not glob("*a" * 99 + "b")("a" * 4000)
