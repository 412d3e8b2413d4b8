"""Hashes of a run's files: what stands aside is no part of them, and may come and go while they are made."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from nonet.trials import integrity


def test_what_use_leaves_behind_changes_no_hash(tmp_path: Path) -> None:
    (tmp_path / "kept" / "deep").mkdir(parents=True)
    (tmp_path / "kept" / "deep" / "a.json").write_text("{}")
    (tmp_path / "b.txt").write_text("b")
    before = integrity.file_hashes(tmp_path)
    assert list(before) == ["b.txt", "kept/deep/a.json"]
    for passing in (".aside/1-a", "kept/__pycache__", "kept/deep/.cache"):
        (tmp_path / passing).mkdir(parents=True)
        (tmp_path / passing / "c").write_text("c")
    (tmp_path / "link").symlink_to(tmp_path / "b.txt")
    (tmp_path / "uv.lock").write_text("")
    assert integrity.file_hashes(tmp_path) == before
    (tmp_path / "b.txt").write_text("changed")
    assert integrity.file_hashes(tmp_path) != before


def test_folders_that_come_and_go_aside_disturb_no_hashing(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").write_text("a")
    expected, over = integrity.folder_hash(tmp_path), threading.Event()

    def churn() -> None:
        while not over.is_set():
            (tmp_path / ".aside" / "1-a" / "deep").mkdir(parents=True, exist_ok=True)
            shutil.rmtree(tmp_path / ".aside")

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        assert {integrity.folder_hash(tmp_path) for _ in range(300)} == {expected}
    finally:
        over.set()
        thread.join()
