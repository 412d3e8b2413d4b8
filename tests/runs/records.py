"""What a run's folder says: its log, its ledger, and the numbers that must not depend on how it got there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

TIMED = ("p95_latency_ms", "seconds", "times")


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Whole lines only: the file may be being written."""
    path = folder / name
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def steps(folder: Path) -> list[str]:
    return [row["step"] for row in rows(folder, "log.jsonl") if row["event"] == "step"]


def trials(folder: Path) -> int:
    return sum(row["event"] == "trial" for row in rows(folder, "log.jsonl"))


def running(folder: Path, what: str) -> int:
    """How many operations of a kind have begun, if the last of them has not ended."""
    found = [row for row in rows(folder, "spent.jsonl") if row["what"] == what]
    return len({row["id"] for row in found}) if found and found[-1]["state"] == "running" else 0


def done(folder: Path) -> Counter[tuple[str, str, int]]:
    """How often each piece of work was done: (kind, design, units)."""
    found = {row["id"]: row for row in rows(folder, "spent.jsonl")}
    return Counter(
        (row["what"], row["key"], row.get("units", 0))
        for row in found.values()
        if row["state"] == "done" and row["what"] in ("build", "outputs")
    )


def stored(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in the trial store: name → (inode, time of its last change)."""
    store = folder / "trials"
    return {
        path.relative_to(store).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in store.rglob("*")
        if path.is_file() and ".aside" not in path.parts
    }


def outcome(folder: Path) -> dict[str, Any]:
    """The decision and the quality numbers of a run, less what is time."""
    decided, delivered = read(folder, "decision.json"), read(folder, "delivery.json")
    quality = {name: delivered[name] for name in ("holdout", "holdout_metrics", "differences", "targets")}
    return _timeless({**decided, **quality})


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(each) for name, each in value.items() if name not in TIMED}
    return [_timeless(each) for each in value] if isinstance(value, list) else value
