"""Which blueprints are as they were when all of their tests last passed, so that their long tests may be left out.

``passed.json`` beside this file says, for each blueprint, the hash of what its tests depend on: its folder, its graph,
the shared steps, ``trials``, and the tests themselves. ``pytest --record-blueprints`` writes it, and only after a run
without a failure in which nothing was left out.
"""

from __future__ import annotations

import json
from pathlib import Path

from nonet import blueprints
from nonet.trials import integrity

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("passed.json")
SHARED = ("nonet/trials", "nonet/graphs/steps", "tests/blueprints/test_projects.py")


def state(name: str, root: Path = ROOT) -> str:
    """Return one hash of everything that a blueprint's tests depend on."""
    places = (f"nonet/blueprints/{name}", f"nonet/graphs/{name}.py", f"tests/blueprints/{name}", *SHARED)
    hashes: dict[str, str] = {}
    for place in places:
        path = root / place
        found = (
            integrity.file_hashes(path) if path.is_dir() else {"": integrity.file_hash(path)} if path.is_file() else {}
        )
        hashes |= {f"{place}/{inside}": value for inside, value in found.items()}
    return integrity.combined(hashes)


def recorded(path: Path = RECORD) -> dict[str, dict[str, object]]:
    """Return blueprint → ``{"state", "packages"}`` of the last time all its tests passed; empty where never."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def unchanged() -> set[str]:
    """Return the blueprints whose state is the recorded one."""
    known = recorded()
    return {name for name in blueprints.names() if known.get(name, {}).get("state") == state(name)}


def record(packages: dict[str, dict[str, str]], to: Path = RECORD) -> None:
    """Write what has just passed: blueprint → versions of its environment's packages."""
    rows = {name: {"state": state(name), "packages": packages[name]} for name in sorted(packages)}
    to.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
