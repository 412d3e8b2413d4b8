"""How a trial's process is confined: what it may read, write, reach and use.

On Linux with Landlock ABI 6 or newer a worker runs under ``sandlock`` (Landlock and seccomp, no root, no container): it
reads its environment, the project and the stages it is given, writes its own folder, has no network but the hosts its
design names, and can signal nobody outside. Elsewhere it runs as a bare process: the scrubbed environment, the limits
and the killing of the whole tree still hold, and ``Confinement.kind`` says "none" and what is missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nonet.errors import PreparationError

LANDLOCK_ABI = 6
"""Oldest Landlock interface with scoped signals (Linux 6.12)."""

Isolation = Literal["auto", "require", "none"]

# fmt: off
_SYSTEM = [
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/etc/alternatives", "/etc/localtime", "/etc/mime.types", "/etc/ssl", "/etc/pki", "/etc/nsswitch.conf",
    "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/group", "/etc/magic", "/etc/fonts", "/proc/self",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/version",
    "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel", "/sys/devices/system", "/sys/fs/cgroup",
    "/sys/kernel/mm", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
]
# fmt: on
"""What any process of a library needs; no folder of users, no device that stores, no other process."""


@dataclass(frozen=True)
class Confinement:
    """What the kernel enforces on a worker.

    Attributes:
        kind: "sandlock (Landlock ABI N)", or "none" and why.
        enforced: whether the kernel confines.
    """

    kind: str
    enforced: bool


def available() -> Confinement:
    """Say what this kernel can enforce."""
    if sys.platform != "linux":
        return Confinement(f"none (Landlock is of Linux; this is {sys.platform})", False)
    try:
        from sandlock import landlock_abi_version
    except (ImportError, OSError) as error:
        return Confinement(f"none (sandlock cannot be loaded: {error})", False)
    version = int(landlock_abi_version())
    if version < LANDLOCK_ABI:
        found = f"ABI {version}" if version > 0 else "no Landlock"
        return Confinement(f"none (the kernel has {found}; Landlock ABI {LANDLOCK_ABI}, Linux 6.12, is needed)", False)
    return Confinement(f"sandlock (Landlock ABI {version})", True)


def confinement(isolation: Isolation = "auto") -> Confinement:
    """Choose how workers are confined.

    Raises:
        PreparationError: isolation is required and the kernel cannot confine.
    """
    if isolation == "none":
        return Confinement("none (asked for)", False)
    found = available()
    if isolation == "require" and not found.enforced:
        raise PreparationError(
            f"Trials cannot be confined here: {found.kind}.", "Use Linux 6.12 or newer, or isolation: auto."
        )
    return found


def readable(paths: Sequence[Path]) -> list[str]:
    """Return what a confined process may read: the system's libraries and the given paths, where they exist."""
    wanted = [*_SYSTEM, *(str(path) for path in paths), *(str(path.resolve()) for path in paths)]
    return [path for path in dict.fromkeys(wanted) if os.path.exists(path)]


def scrubbed(home: Path, threads: int, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a worker's environment: nothing of ours, one place to write, the same hashes and threads every time."""
    count = str(threads)
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "RAYON_NUM_THREADS": count,
        "HF_HUB_OFFLINE": "1",
        **(extra or {}),
    }
