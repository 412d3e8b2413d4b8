"""What was measured, with what, by what: hashes that show accident and drift afterwards.

They are no signature: whoever rewrites outputs and hashes together is not caught.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path

PASSING = (".aside", "__pycache__", ".venv", ".pytest_cache", ".ruff_cache", ".cache", "uv.lock")
"""Names of files and folders that use leaves behind; they are no part of what is hashed."""


def file_hash(path: Path) -> str:
    """Return the BLAKE2b-128 of a file's bytes, in hex."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def files(folder: Path) -> list[Path]:
    """Return the regular files below a folder in order, passing ones left out."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        # Passing folders are not even looked into: what stands aside may vanish under our eyes.
        folders[:] = [name for name in folders if name not in PASSING]
        found += [Path(where) / name for name in names if name not in PASSING]
    return [path for path in sorted(found) if path.is_file() and not path.is_symlink()]


def file_hashes(folder: Path) -> dict[str, str]:
    """Return relative name → hash of every file below a folder."""
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files(folder)}


def combined(hashes: Mapping[str, str]) -> str:
    """Return one hash of named hashes."""
    digest = hashlib.blake2b(digest_size=16)
    for name, value in sorted(hashes.items()):
        digest.update(f"{name}\0{value}\n".encode())
    return digest.hexdigest()


def folder_hash(folder: Path) -> str:
    """Return one hash of all files below a folder and their names."""
    return combined(file_hashes(folder))


def differences(recorded: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Name the recorded files that are gone or changed; files added since are no change."""
    return [
        f"{name} is gone" if name not in found else f"{name} has changed"
        for name, value in sorted(recorded.items())
        if found.get(name) != value
    ]


def machine() -> dict[str, str]:
    """Describe the processor and the system: measured outputs are promised identical on the same ones only."""
    return {"system": platform.system(), "machine": platform.machine(), "processor": _processor()}


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()
