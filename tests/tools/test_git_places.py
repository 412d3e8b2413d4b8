"""Which repository is read: never one above the root, never one that only a stranger's folder points to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pygit2
import pytest
from repositories import Repository, needs_git, notebook

from nonet import tools
from nonet.errors import ToolError


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit({"a.py": "lr = 1\n", "src/b.py": "x\n"}, "Begin")
    made.commit({"a.py": "lr = 2\n"}, "Second")
    return made


@pytest.fixture
def private(tmp_path: Path) -> Repository:
    """Somebody's repository that lies elsewhere."""
    made = Repository(tmp_path / "elsewhere" / "private")
    made.commit({"a.py": "canary = 1\n"}, "canary")
    return made


@pytest.fixture
def said(context):
    """The first lines of the messages in the history, of a checkout or beneath roots."""

    async def ask(*roots: Path, repository: Path | None = None, **arguments):
        found = await tools.call("git_log", context(*roots, repository=repository), **arguments)
        return [item.facts["summary"] for item in found.items]

    return ask


async def test_a_checkout_is_found_at_or_beneath_a_root_and_never_above(repository, said, tmp_path):
    folder = repository.folder
    both = ["Second", "Begin"]
    assert await said(repository=folder) == both
    assert await said(folder) == both
    assert await said(tmp_path / "elsewhere-not-there", folder) == both
    assert await said(tmp_path, path="repo") == both
    assert await said(tmp_path, path="repo/src") == ["Begin"]
    assert await said(tmp_path, path=str(folder / "a.py")) == both
    assert await said(folder, path="repo/src/b.py") == ["Begin"]
    assert await said(folder / "a.py") == both
    for above in (folder / "src", folder / "src" / "b.py"):
        with pytest.raises(ToolError, match="no git checkout") as error:
            await said(above)
        assert "--repo" in error.value.remedy
    with pytest.raises(ToolError, match="no git checkout"):
        await said(tmp_path)
    with pytest.raises(ToolError, match="no repository"):
        await said()


async def test_paths_begin_at_the_root(repository, context, tmp_path):
    here = context(tmp_path)
    (item,) = (await tools.call("git_diff", here, path="repo", range="HEAD")).items
    assert (item.reference, item.excerpt.split("\n")[1]) == ("repo/a.py", "+++ b/repo/a.py")
    (item,) = (await tools.call("git_blame", here, path="repo/a.py")).items
    assert item.reference == "repo/a.py:1"
    (first, _) = (await tools.call("git_log", here, path="repo", hyperparameter="lr")).items
    assert first.facts["path"] == "repo/a.py"


@pytest.mark.parametrize("path", ["..", "../elsewhere", "/etc", ".git", ".git/config", "src/../../x", "\0"])
async def test_no_path_leads_outside_or_to_what_is_hidden(path, repository, said):
    with pytest.raises(ToolError):
        await said(repository=repository.folder, path=path)


async def test_without_any_commit_and_with_a_detached_head(said, context, repository, tmp_path):
    empty = Repository(tmp_path / "empty")
    here = context(repository=empty.folder)
    for name, arguments in (("git_log", {}), ("git_log", {"hyperparameter": "lr"}), ("git_blame", {"path": "a.py"})):
        found = await tools.call(name, here, **arguments)
        assert (found.items, found.note) == ([], "The repository has no commit yet.")
    assert (await tools.call("git_diff", here)).note == "Nothing is uncommitted."
    empty.write({"new.py": "1\n"})
    empty.repository.index.add("new.py")
    empty.repository.index.write()
    (item,) = (await tools.call("git_diff", here)).items
    assert (item.facts["status"], item.facts["path"]) == ("added", "new.py")
    with pytest.raises(ToolError, match="no commit"):
        await tools.call("git_log", here, range="main")
    repository.repository.set_head(repository.repository.revparse_single("HEAD~1").id)
    assert await said(repository=repository.folder) == ["Begin"]


async def test_a_bare_repository_has_a_history_and_no_working_tree(repository, context, tmp_path):
    bare = tmp_path / "bare.git"
    pygit2.clone_repository(str(repository.folder), str(bare), bare=True)
    here = context(repository=bare)
    assert len((await tools.call("git_log", here)).items) == 2
    assert len((await tools.call("git_diff", here, range="HEAD")).items) == 1
    assert len((await tools.call("git_blame", here, path="a.py")).items) == 1
    with pytest.raises(ToolError, match="no working tree"):
        await tools.call("git_diff", here)


async def test_a_worktree_outside_its_repository_is_read(repository, context, said, tmp_path):
    tree = tmp_path / "trees" / "other"
    tree.parent.mkdir()
    repository.repository.add_worktree("other", str(tree))
    assert (tree / ".git").is_file()
    assert await said(repository=tree) == ["Second", "Begin"]
    (tree / "a.py").write_text("lr = 3\n")
    (item,) = (await tools.call("git_diff", context(repository=tree))).items
    assert "+lr = 3" in item.excerpt
    assert (await tools.call("git_diff", context(repository=repository.folder))).items == []


@needs_git
async def test_a_submodule_as_the_root_is_read_and_not_entered_from_above(repository, private, context, said, tmp_path):
    repository.git("-c", "protocol.file.allow=always", "submodule", "add", str(private.folder), "module")
    module = repository.folder / "module"
    assert (module / ".git").is_file()
    assert await said(repository=module) == ["canary"]
    shown = await tools.call("git_diff", context(repository=repository.folder))
    assert [item.facts["path"] for item in shown.items] == ["module"]
    with pytest.raises(ToolError):
        await tools.call("git_blame", context(repository=repository.folder), path="module/a.py")


def _file(bait: Path, private: Path) -> None:
    (bait / ".git").write_text(f"gitdir: {private}\n")


def _relative_file(bait: Path, private: Path) -> None:
    (bait / ".git").write_text(f"gitdir: {os.path.relpath(private, bait)}")


def _link(bait: Path, private: Path) -> None:
    (bait / ".git").symlink_to(private)


def _linked_file(bait: Path, private: Path) -> None:
    (private.parent / "pointer").write_text(f"gitdir: {private}\n")
    (bait / ".git").symlink_to(private.parent / "pointer")


def _common(bait: Path, private: Path) -> None:
    (bait / ".git").mkdir()
    (bait / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (bait / ".git" / "commondir").write_text(f"{private}\n")
    (bait / ".git" / "gitdir").write_text(f"{bait / '.git'}\n")


def _worktree_of_ours(bait: Path, private: Path) -> None:
    """A folder of the bait's own that says it is a worktree's, and whose it is."""
    (bait / "own" / "worktrees" / "x").mkdir(parents=True)
    (bait / "own" / "worktrees" / "x" / "commondir").write_text(f"{private}\n")
    (bait / "own" / "worktrees" / "x" / "gitdir").write_text(f"{bait / '.git'}\n")
    (bait / "own" / "worktrees" / "x" / "HEAD").write_text("ref: refs/heads/main\n")
    (bait / ".git").write_text("gitdir: own/worktrees/x\n")


def _objects(bait: Path, private: Path) -> None:
    shutil.copytree(private, bait / ".git")
    shutil.rmtree(bait / ".git" / "objects")
    (bait / ".git" / "objects").symlink_to(private / "objects")


def _object(bait: Path, private: Path) -> None:
    """One folder of loose objects elsewhere."""
    shutil.copytree(private, bait / ".git")
    one = next(path for path in (bait / ".git" / "objects").iterdir() if len(path.name) == 2)
    shutil.rmtree(one)
    one.symlink_to(private / "objects" / one.name)


def _loose(bait: Path, private: Path) -> None:
    shutil.copytree(private, bait / ".git")
    one = next(path for path in (bait / ".git" / "objects").rglob("*") if path.is_file())
    one.unlink()
    one.symlink_to(private / one.relative_to(bait / ".git"))


def _alternates(bait: Path, private: Path) -> None:
    shutil.copytree(private, bait / ".git")
    shutil.rmtree(bait / ".git" / "objects")
    (bait / ".git" / "objects" / "info").mkdir(parents=True)
    (bait / ".git" / "objects" / "info" / "alternates").write_text(f"# x\n{private / 'objects'}\n")


def _alternates_by_steps(bait: Path, private: Path) -> None:
    _alternates(bait, private)
    (bait / ".git" / "objects" / "info").rename(bait / "info")
    (bait / "borrowed").mkdir()
    (bait / "info").rename(bait / "borrowed" / "info")
    (bait / ".git" / "objects" / "info").mkdir()
    (bait / ".git" / "objects" / "info" / "alternates").write_text("../../borrowed\n")


def _references(bait: Path, private: Path) -> None:
    shutil.copytree(private, bait / ".git")
    shutil.rmtree(bait / ".git" / "refs")
    (bait / ".git" / "refs").symlink_to(private / "refs")


POINTERS = [
    _file, _relative_file, _link, _linked_file, _common, _worktree_of_ours, _objects, _object, _loose, _alternates,
    _alternates_by_steps, _references,
]  # fmt: skip


@pytest.mark.parametrize("pointing", POINTERS)
async def test_a_folder_that_points_to_somebody_elses_repository_is_refused(pointing, private, said, tmp_path):
    bait = tmp_path / "bait"
    bait.mkdir()
    pointing(bait, Path(private.repository.path))
    assert pygit2.Repository(str(bait)).path, "libgit2 itself would open it"
    for arguments in ({"repository": bait}, {"repository": bait, "path": "a.py"}):
        with pytest.raises(ToolError) as error:
            await said(**arguments)
        assert "outside" in error.value.message
        assert error.value.remedy


async def test_alternates_within_the_root_are_read(repository, said, tmp_path):
    borrower = Repository(tmp_path / "borrower")
    (Path(borrower.repository.path) / "objects" / "info" / "alternates").write_text(
        f"{repository.repository.path}objects\n"
    )
    (Path(borrower.repository.path) / "refs" / "heads" / "main").write_text(f"{repository.repository.head.target}\n")
    assert await said(tmp_path, path="borrower") == ["Second", "Begin"]
    with pytest.raises(ToolError, match="outside"):
        await said(borrower.folder)


async def test_a_working_tree_elsewhere_is_not_read(repository, private, context):
    repository.configure(f"[core]\n\tworktree = {private.folder}\n")
    here = context(repository=repository.folder)
    for name, arguments in (("git_diff", {}), ("git_blame", {"path": "a.py"})):
        with pytest.raises(ToolError, match=r"core\.worktree"):
            await tools.call(name, here, **arguments)
    assert len((await tools.call("git_log", here)).items) == 2
    assert len((await tools.call("git_diff", here, range="HEAD")).items) == 1


async def test_a_link_in_the_working_tree_is_not_followed_outside(repository, private, context):
    repository.write({"a.py": None})
    (repository.folder / "a.py").symlink_to(private.folder / "a.py")
    shutil.rmtree(repository.folder / "src")
    (repository.folder / "src").symlink_to(private.folder)
    (private.folder / "b.py").write_text("canary\n")
    here = context(repository=repository.folder)
    shown = [await tools.call("git_diff", here), await tools.call("git_blame", here, path="src/b.py")]
    assert "canary" not in "".join(result.model_dump_json() for result in shown)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_a_checkout_of_somebody_elses_is_read(repository, said):
    for path in (repository.folder, *repository.folder.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(pygit2.GitError, match="owned"):
        pygit2.Repository(str(repository.folder))
    assert await said(repository=repository.folder) == ["Second", "Begin"]


async def test_what_is_hidden_or_excluded_has_no_history(repository, context):
    hidden = {
        ".env": "TOKEN=canary\n",
        ".github/x.yml": "canary: 1\n",
        "labels/gold.csv": "canary\n",
        "q.jsonl": "canary\n",
    }
    repository.commit({**hidden, "b.py": "y\n"}, "Add")
    repository.commit({name: content.replace("canary", "canary2") for name, content in hidden.items()}, "Edit")
    # Before it was excluded it had another name; its content is the one that is excluded now.
    repository.commit({"older-name.jsonl": "canary2\n", "env.txt": "fine\n"}, "Copy")
    repository.commit({"q.jsonl": "canary2\n", ".env": None, "moved.txt": "TOKEN=x\n"}, "Move")
    folder = repository.folder
    here = context(repository=folder, excluded=(folder / "labels", folder / "q.jsonl"))
    shown = [
        await tools.call("git_log", here),
        await tools.call("git_log", here, contains="canary"),
        await tools.call("git_log", here, contains="canary", regexp=True),
        await tools.call("git_log", here, hyperparameter="canary"),
        *[
            await tools.call("git_diff", here, range=text)
            for text in ("HEAD~4..HEAD", "HEAD~3", "HEAD~2", "HEAD~1", "")
        ],
    ]
    text = "".join(result.model_dump_json() for result in shown)
    assert "canary" not in text
    for name in hidden:
        assert name not in text
        with pytest.raises(ToolError):
            await tools.call("git_blame", here, path=name)
    assert shown[1].items == shown[2].items == shown[3].items == []
    assert "b.py" in text


@needs_git
async def test_a_shallow_clone_says_where_it_ends(repository, context, tmp_path):
    repository.commit({"a.py": "lr = 3\n"}, "Third")
    clone = tmp_path / "shallow"
    repository.git("clone", "--depth=2", f"file://{repository.folder}", str(clone))
    here = context(repository=clone)
    log = await tools.call("git_log", here)
    assert [item.facts["summary"] for item in log.items] == ["Third", "Second"]
    assert "shallow" in log.note
    (changed,) = (await tools.call("git_log", here, hyperparameter="lr")).items
    assert (changed.facts["old"], changed.facts["new"]) == (2, 3)
    (item,) = (await tools.call("git_blame", here, path="src/b.py")).items
    assert item.facts["at_least_as_old"] is True
    assert "or earlier" in item.title
    assert "shallow" in (await tools.call("git_diff", here, range="HEAD~1")).note


@needs_git
async def test_a_partial_clone_says_what_it_lacks_and_fetches_nothing(repository, context, tmp_path):
    marker, clone = tmp_path / "fetched", tmp_path / "partial"
    repository.configure("[uploadpack]\n\tallowFilter = true\n")
    repository.git("clone", "--no-checkout", "--filter=blob:none", f"file://{repository.folder}", str(clone))
    with (clone / ".git" / "config").open("a") as config:
        config.write(f'[remote "origin"]\n\tuploadpack = touch {marker}; git-upload-pack\n')
    here = context(repository=clone)
    assert len((await tools.call("git_log", here)).items) == 2
    found = await tools.call("git_log", here, contains="lr")
    assert found.items == []
    assert "not in this clone" in found.note
    (item,) = (await tools.call("git_diff", here, range="HEAD")).items
    assert "missing" in item.title
    assert not marker.exists()
    Repository.git(_at(clone), "show", "HEAD:a.py")
    assert marker.exists(), "the git command does fetch it, by the command that the repository names"


def _at(folder: Path) -> Repository:
    made = Repository.__new__(Repository)
    made.folder = folder
    return made


async def test_notebooks_beneath_a_root_are_cited_by_cell(repository, context, tmp_path):
    repository.commit({"n.ipynb": notebook("lr = 1")})
    (item,) = (await tools.call("git_log", context(tmp_path), path="repo/n.ipynb", hyperparameter="lr")).items
    assert item.reference.endswith(":repo/n.ipynb:cell 1:1")
