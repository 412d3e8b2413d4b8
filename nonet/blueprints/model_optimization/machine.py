"""What this machine's processor computes fast, by its flags: rules nominate by them, nothing is claimed from them."""

from __future__ import annotations

import os
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
WANTED = {
    "avx2": ("avx2",),
    "avx512": ("avx512f",),
    "vnni": ("avx512_vnni", "avx_vnni", "asimddp"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "amx": ("amx_tile",),
}
"""Name → flags of which any one will do."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def flags(text: str | None = None) -> frozenset[str]:
    """Return the names in ``WANTED`` that the processor has; none where the system does not tell.

    Args:
        text: as ``/proc/cpuinfo`` has it; read from there by default.
    """
    if text is None:
        text = _CPUINFO.read_text(encoding="utf-8", errors="replace") if _CPUINFO.is_file() else ""
    told: set[str] = set()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            told.update(value.split())
            break
    return frozenset(name for name, any_of in WANTED.items() if told.intersection(any_of))
