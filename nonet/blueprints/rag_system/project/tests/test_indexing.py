import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag import indexing
from rag.errors import CorpusError, IndexMissingError
from rag.settings import Settings, load
from rag.system import open_shipped

pytestmark = pytest.mark.slow

Make = Callable[..., Settings]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def fresh(settings: Settings, corpus: Path, root: Path) -> dict[str, bytes]:
    """Build the same index elsewhere, from nothing."""
    root.mkdir()
    shutil.copyfile(settings.root / "settings.json", root / "settings.json")
    indexing.index(load(root), corpus)
    return contents(load(root).artifacts)


CHANGES: list[Callable[[Path], object]] = [
    lambda corpus: (corpus / "added.md").write_text("# Added\n\nA page about gardens.\n"),
    lambda corpus: (corpus / "guide" / "users.md").write_text("# User accounts\n\nNobody creates accounts any more.\n"),
    lambda corpus: (corpus / "notes.txt").unlink(),
    lambda corpus: (corpus / "faq.html").rename(corpus / "guide" / "questions.html"),
    lambda corpus: os.utime(corpus / "guide" / "backup.md", (1_000_000, 1_000_000)),
    lambda corpus: (corpus / "guide" / "install.md").write_text("---\nmodified: 2020-02-02\n---\n# Installing\n"),
    lambda corpus: (corpus / "aaa.bin").write_bytes(b"\0"),
]


@pytest.mark.parametrize(
    "design",
    [
        {"retrieval": "bm25"},
        {"embedding": "minilm", "rerank": "late_interaction"},
        {"retrieval": "hybrid_rrf", "embedding": "wordllama", "reduction": "pca", "dimensions": 8},
    ],
)
def test_after_any_changes_the_index_is_that_of_a_fresh_build(
    settings_for: Make, corpus: Path, tmp_path: Path, design: dict[str, Any]
):
    settings = settings_for(**design)
    indexing.index(settings, corpus)
    for step, change in enumerate(CHANGES):
        change(corpus)
        indexing.index(settings, corpus)
        assert contents(settings.artifacts) == fresh(settings, corpus, tmp_path / f"fresh{step}")
    before = contents(settings.artifacts)
    indexing.index(settings, corpus, fresh=True)
    assert contents(settings.artifacts) == before


def test_what_changed_is_counted_and_only_that_is_done(settings_for: Make, corpus: Path):
    settings = settings_for(embedding="minilm", chunking="page")
    first = indexing.index(settings, corpus)
    assert (first["added"], first["parsed"], first["embedded"]) == (6, 6, 6)
    same = indexing.index(settings, corpus)
    assert (same["unchanged"], same["added"], same["changed"], same["deleted"]) == (6, 0, 0, 0)
    assert (same["parsed"], same["embedded"], same["documents"]) == (0, 0, 6)
    (corpus / "new.md").write_text("# New\n\nSomething new.\n")
    (corpus / "notes.txt").write_text("The cafeteria closes at four.\n")
    (corpus / "api.py").unlink()
    found = indexing.index(settings, corpus)
    assert (found["unchanged"], found["added"], found["changed"], found["deleted"]) == (4, 1, 1, 1)
    assert (found["parsed"], found["embedded"], found["documents"]) == (2, 2, 6)
    docs = {doc for doc, _ in open_shipped(settings).search("cafeteria invoice").docs}
    assert "api.py" not in docs
    assert "new.md" in docs
    anew = indexing.index(settings, corpus, fresh=True)
    assert (anew["parsed"], anew["embedded"], anew["unchanged"]) == (6, 6, 0)


def test_other_readers_read_everything_again(settings_for: Make, corpus: Path):
    settings = settings_for(retrieval="bm25")
    indexing.index(settings, corpus)
    record = settings.artifacts / "documents" / "parsed.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "readers": "of another version"}))
    assert indexing.index(settings, corpus)["parsed"] == 6


def test_an_index_that_came_built_is_replaced_whole(settings_for: Make, corpus: Path):
    settings = settings_for()
    indexing.index(settings, corpus)
    came = settings.artifacts
    for path in list(came.iterdir()):
        path.rename(settings.home / path.name)
    (settings.home / "current").unlink()
    shutil.rmtree(came)
    shutil.rmtree(settings.home / "documents")  # what is delivered has no documents
    assert open_shipped(settings).search("backup").docs
    found = indexing.index(settings, corpus)
    assert found["embedded"] == 0
    assert found["added"] == 6
    assert open_shipped(settings).search("backup").docs
    names = {path.name for path in settings.home.iterdir() if not path.name.startswith(".")}
    assert names == {"current", settings.artifacts.name}


def test_the_version_follows_the_content(settings_for: Make, corpus: Path):
    settings = settings_for()
    indexing.index(settings, corpus)
    first = open_shipped(settings).version
    indexing.index(settings, corpus)
    assert open_shipped(settings).version == first
    (corpus / "more.md").write_text("# More\n")
    indexing.index(settings, corpus)
    assert open_shipped(settings).version != first


def test_a_failing_build_leaves_the_index_before(settings_for: Make, corpus: Path, tmp_path: Path):
    settings = settings_for()
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError):
        indexing.index(settings, tmp_path / "empty")
    assert [path.name for path in settings.root.iterdir()] == ["settings.json"]
    indexing.index(settings, corpus)
    with pytest.raises(CorpusError):
        indexing.index(settings, tmp_path / "empty")
    assert open_shipped(settings).search("backup").docs


def test_an_opened_index_outlives_its_replacement(settings_for: Make, corpus: Path):
    settings = settings_for(embedding="minilm", rerank="late_interaction")
    indexing.index(settings, corpus)
    system = open_shipped(settings)
    before = system.ask("How do I restore a backup?")
    (corpus / "guide" / "backup.md").unlink()
    indexing.index(settings, corpus)
    assert system.ask("How do I restore a backup?") == before


def test_two_at_once_are_kept_apart(settings_for: Make, corpus: Path):
    fcntl = pytest.importorskip("fcntl")
    settings = settings_for()
    indexing.index(settings, corpus)
    with (settings.home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IndexMissingError, match="Another"):
            indexing.index(settings, corpus)
    indexing.index(settings, corpus)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_at_any_moment_a_usable_index_stays(settings_for: Make, corpus: Path, tmp_path: Path):
    settings = settings_for()
    indexing.index(settings, corpus)
    chance = random.Random(7)
    for number in range(60):
        (corpus / f"page{number}.md").write_text(f"# Page {number}\n\n" + f"Filler {number} about nothing much. " * 60)
    command = [sys.executable, "-m", "rag", "--project", str(settings.root), "index"]
    began = time.perf_counter()
    whole = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    assert whole.wait(120) == 0
    took = time.perf_counter() - began
    for attempt in range(5):
        (corpus / "page0.md").write_text(f"# Page 0\n\nAttempt {attempt}.\n" + f"Filler {attempt}. " * 60)
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * chance.uniform(0.3, 1.05))
        running.kill()
        running.wait()
        found = open_shipped(settings).search("How do I restore a backup?")
        assert "guide/backup.md" in [doc for doc, _ in found.docs]
    indexing.index(settings, corpus)
    assert contents(settings.artifacts) == fresh(settings, corpus, tmp_path / "fresh")
    assert {path.name for path in settings.home.iterdir()} == {".lock", "current", settings.artifacts.name}
