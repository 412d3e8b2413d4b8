"""The code key: what of a blueprint's files can change an output."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from nonet.trials.worker import HARNESS

_NOT_CODE = frozenset({"tests", "artifacts", "__pycache__", "node_modules", "dist", "build"})
_NO_CODE_FILES = frozenset({"settings.json", "measurements.json", "uv.lock", "pyproject.toml", "LICENSE"})
"""Settings and artifacts are the design's; what pyproject.toml installs is in the environment's key."""


def files(project: Path) -> Iterator[Path]:
    """Yield a project's code files in the order of their relative names."""
    found: list[Path] = []
    for where, folders, names in os.walk(project):
        folders[:] = [name for name in folders if name not in _NOT_CODE and not name.startswith(".")]
        found += [Path(where) / name for name in names if name not in _NO_CODE_FILES and not name.startswith(".")]
    kept = (path for path in found if path.suffix not in (".md", ".pyc"))
    yield from sorted(kept, key=lambda path: path.relative_to(project).as_posix())


def key(measure: Path, project: Path) -> str:
    """Hash ``measure.py``, the project's code and the harness: 16 hex digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name, path in [
        ("measure.py", measure),
        ("harness.py", HARNESS),
        *((f"project/{path.relative_to(project).as_posix()}", path) for path in files(project)),
    ]:
        digest.update(f"{name}\0".encode() + hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()
