"""Run folders: where they are, how they are named, and that none is ever overwritten."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

from nonet.errors import InputError, storage
from nonet.settings import Settings
from nonet.state import Request

MARK = "run.json"
"""The file that makes a folder a run folder; written by ``create``."""


def new_id(workflow: str) -> str:
    """Name a run: workflow, minute, four random digits."""
    return f"{workflow}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def create(folder: Path, run_id: str, workflow: str) -> Path:
    """Make a run folder.

    Raises:
        InputError: something is already there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not empty.", "Choose another --out, or resume the run there.")
    text = json.dumps({"run_id": run_id, "workflow": workflow, "made": time.time()})
    with storage(folder / MARK, len(text)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(text + "\n", encoding="utf-8")
    return folder


def keep_request(folder: Path, request: Request) -> None:
    """Keep the request, so that a run killed before its first checkpoint can start again."""
    path, text = folder / "request.json", json.dumps(request, indent=2) + "\n"
    with storage(path, len(text)):
        path.write_text(text, encoding="utf-8")


def kept_request(folder: Path) -> Request:
    """Return the request of a run.

    Raises:
        InputError: the run was killed before it was written.
    """
    try:
        return json.loads((folder / "request.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise InputError(f"{folder.name} was stopped before its request was kept.", "Start it again.") from error


def of(state: Request, workflow: str, settings: Settings) -> Path:
    """Return the run's folder, making one when the caller did not.

    Without a folder in the state the name comes from the thread, so a node that runs again after an interrupt finds
    the same folder; a thread that starts a second run gets a second one.
    """
    given = state.get("folder")
    if given:
        return Path(given).absolute()
    from langgraph.config import get_config

    thread = str(get_config().get("configurable", {}).get("thread_id") or secrets.token_hex(4))
    run_id = state.get("run_id") or f"{workflow}-{thread[:13]}"
    folder = Path(settings.runs).absolute() / run_id
    count = 2
    while (folder / "decision.json").exists():
        folder = folder.with_name(f"{run_id}-{count}")
        count += 1
    return folder if (folder / MARK).exists() else create(folder, folder.name, workflow)
