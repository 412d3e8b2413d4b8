"""Repositories for tests, made by libgit2: no git command is needed, nor anybody's configuration."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pygit2
import pytest

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="compared with the git command, which is not here")


class Repository:
    """A checkout; each commit is an hour after the last one."""

    def __init__(self, folder: Path, bare: bool = False) -> None:
        self.folder = folder
        self.repository = pygit2.init_repository(str(folder), bare=bare, initial_head="main")
        self.clock = 1_700_000_000
        self.zone = 60

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files of the working tree; ``None`` removes one."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "Work",
        author: str = "Ada Lovelace",
        parents: Sequence[str] | None = None,
        branch: str = "HEAD",
        modules: Mapping[str, str] | None = None,
    ) -> str:
        """Write files, commit all of the working tree, submodules at the commits given, and return the hash."""
        self.write(files)
        self.repository.index.add_all()
        for name, at in (modules or {}).items():
            self.repository.index.add(pygit2.IndexEntry(name, pygit2.Oid(hex=at), pygit2.enums.FileMode.COMMIT))
        self.repository.index.write()
        tree = self.repository.index.write_tree()
        self.clock += 3600
        who = pygit2.Signature(author, f"{author.split(maxsplit=1)[0].lower()}@example.com", self.clock, self.zone)
        if parents is None:
            parents = [] if self.repository.head_is_unborn else [str(self.repository.head.target)]
        return str(self.repository.create_commit(branch, who, who, message, tree, list(parents)))

    def switch(self, commit: str, branch: str) -> None:
        """Begin a branch at a commit and check it out."""
        self.repository.branches.local.create(branch, self.repository[commit].peel(pygit2.Commit), force=True)
        self.repository.checkout(f"refs/heads/{branch}", strategy=pygit2.enums.CheckoutStrategy.FORCE)

    def configure(self, text: str) -> None:
        """Add to the repository's configuration."""
        path = Path(self.repository.path) / "config"
        path.write_text(f"{path.read_text()}\n{text}\n")

    def git(self, *arguments: str, **options: object) -> str:
        """Run the git command there, with nobody's configuration."""
        assert GIT
        done = subprocess.run(
            [GIT, "-C", str(self.folder), *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout


def notebook(*cells: str | tuple[str, str], outputs: str = "", ids: bool = False) -> str:
    """Return a notebook of code cells, or of (kind, source), with the same output in each code cell."""
    made = []
    for number, cell in enumerate(cells):
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        made.append({"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)})
        if ids:
            made[-1]["id"] = f"cell-{number}"
        if kind == "code":
            made[-1] |= {"execution_count": number, "outputs": [{"output_type": "stream", "text": [outputs]}]}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}, indent=1)
