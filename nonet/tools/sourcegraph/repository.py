"""What a checkout is called: its folder, and its remotes as Sourcegraph names them (``github.com/owner/name``)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

_CONFIG_LIMIT = 1_000_000
_URL = re.compile(r"^\s*url\s*=\s*\"?(\S+?)\"?\s*$", re.M)
_ADDRESS = re.compile(r"(?:[a-z+]+://(?:[^@/]*@)?|[^@/:]+@)([^/:]+)(?::\d+/|[:/])(.+)", re.I)


def names_of(checkout: Path) -> list[str]:
    """Return the names of a checkout; one that is in no git repository has its folder's name alone."""
    remotes = (_name(url) for url in _URL.findall(_config(checkout)))
    return list(dict.fromkeys([checkout.name, *filter(None, remotes)]))


def is_bare(checkout: Path) -> bool:
    """Whether a folder is itself the inside of a git repository."""
    return (checkout / "HEAD").is_file() and all((checkout / name).is_dir() for name in ("objects", "refs"))


def _config(checkout: Path) -> str:
    """Return git's configuration of the repository, read as text: nothing that it says is done."""
    return next((text for folder in _git_folders(checkout) if (text := _text(folder / "config"))), "")


def _git_folders(checkout: Path) -> Iterator[Path]:
    """Yield where the configuration may lie; a worktree's ``.git`` is a file that names its own folder there."""
    inside = checkout / ".git"
    yield inside
    for line in _text(inside).splitlines():
        if line.startswith("gitdir:"):
            folder = Path(os.path.normpath(checkout / line.removeprefix("gitdir:").strip()))
            yield Path(os.path.normpath(folder / (_text(folder / "commondir").strip() or ".")))


def _text(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError):
        return ""
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, _CONFIG_LIMIT).decode("utf-8", errors="replace") if regular else ""
    finally:
        os.close(descriptor)


def _name(url: str) -> str:
    match = _ADDRESS.fullmatch(url)
    return f"{match[1]}/{match[2].removesuffix('/').removesuffix('.git')}" if match else ""
