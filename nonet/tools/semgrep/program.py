"""The Semgrep command-line program (LGPL-2.1): in an environment of its own, for it pins what Nonet uses too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from nonet.errors import storage
from nonet.settings import Settings

VERSION = "1.182.0"
READYING = "Prepare it once: nonet prepare semgrep"
_WORKING = re.compile(r"1\.(?P<minor>\d+)\.\d+")
_LEAST = 100
"""Minor version from which one on PATH is used: older ones lack options that a scan is run with."""


def program(settings: Settings) -> Path | None:
    """Return the program: the one that Nonet prepared, else one on PATH that works; nothing where there is none."""
    own = _folder(settings) / "bin" / "semgrep"
    if own.is_file():
        return own
    found = shutil.which("semgrep")
    return Path(found) if found and _works(found) else None


def prepare(settings: Settings) -> Path:
    """Build the program's environment, or find it built; return its folder.

    Raises:
        PreparationError: it cannot be installed.
        StorageError: the disk is full.
    """
    from nonet import uv

    folder = _folder(settings)
    with storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with uv.locked(folder.with_name(f"{folder.name}.lock")):
        if not (folder / "bin" / "semgrep").is_file():
            aside = folder.with_name(f"{folder.name}.new")
            for old in (folder, aside):
                shutil.rmtree(old, ignore_errors=True)
            python = str(aside / "bin" / "python")
            for command in (
                ["venv", "--no-progress", "--relocatable", "--python", str(uv.base_python()), str(aside)],
                ["pip", "install", "--no-progress", "--python", python, f"semgrep=={VERSION}"],
            ):
                uv.run(command, folder.parent, "semgrep", settings.offline, uv.allowed(os.environ))
            with storage(folder):
                aside.rename(folder)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return all that the program is told: nothing of the user's, a home of its own, no way to the network."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
    }


@lru_cache(maxsize=8)
def _works(path: str) -> bool:
    try:
        with tempfile.TemporaryDirectory(prefix="nonet-semgrep-") as folder:
            said = subprocess.run(
                [path, "--disable-version-check", "--version"],
                env=environment(Path(folder)),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = _WORKING.fullmatch(said)
    return version is not None and int(version["minor"]) >= _LEAST


def _folder(settings: Settings) -> Path:
    return settings.home_path / "environments" / f"semgrep-{VERSION}"
