"""What the pages of this project show: their fences, and a reader who types the commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GENERAL = ("README.md", "ARCHITECTURE.md")
WORKFLOWS = tuple(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))
TOPICS = ("archive", "billing", "calendar", "directory", "editor", "forum")
PAGE = """# The {0} service

It keeps the {0} data of every team. A client connects to it by its own port, and connection limits stand in its file.

## Configure the {0} timeout

Set it in seconds. Larger values help slow disks.

## Restore a {0} backup

Stop the worker first, copy the newest snapshot, start it again.
"""


@dataclass(frozen=True)
class Fence:
    page: str
    kind: str
    text: str


def fences(kind: str, *pages: str) -> list[Fence]:
    """Return the fences of a kind on some pages (default: the general ones), in order."""
    found: list[Fence] = []
    for page in pages or GENERAL:
        text = (ROOT / page).read_text(encoding="utf-8")
        found += [Fence(page, k, body) for k, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)]
    return [fence for fence in found if fence.kind == kind]


def lines(kind: str, *pages: str) -> list[str]:
    return [line for fence in fences(kind, *pages) for line in fence.text.splitlines() if line.strip()]


def write_documents(folder: Path) -> None:
    """Write the documents that the general pages speak of."""
    (folder / "docs").mkdir()
    for topic in TOPICS:
        (folder / "docs" / f"{topic}.md").write_text(PAGE.format(topic), encoding="utf-8")


def environment(home: Path) -> dict[str, str]:
    """The variables of a reader: the checkout's programs on the path, a home of their own, a small default budget."""
    dropped = ("NONET_", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = f"{BIN}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "NONET_HOME": str(home), "NONET_BUDGET": "2 trials"}


def typed(line: str, place: Path, variables: dict[str, str]) -> None:
    """Run one line of a console fence; one that ends in ``# exit N`` must end so."""
    command, _, expected = line.partition("  # exit ")
    done = subprocess.run(
        ["bash", "-c", command], cwd=place, env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == int(expected or 0), f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.stdout or expected
