"""Finding runs again: by name or by folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nonet.errors import UnknownRunError, storage
from nonet.graphs.steps.folders import MARK
from nonet.runs.result import Run, load
from nonet.settings import Settings


def register(settings: Settings, folder: Path) -> None:
    """Note where a run lies, so that it is found by name from any folder."""
    path, line = _path(settings), json.dumps({"folder": str(folder)}) + "\n"
    with storage(path, len(line)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line)


def find(settings: Settings, name: str) -> Path:
    """Return the folder of a run given by name or by path.

    Raises:
        UnknownRunError: there is none.
    """
    direct = Path(name).expanduser()
    for folder in (direct.absolute(), Path(settings.runs).absolute() / name, *_folders(settings)):
        if (folder / MARK).is_file() and (folder.name == name or folder == direct.absolute() or _named(folder, name)):
            return folder
    raise UnknownRunError(f"There is no run {name!r}.", "See: nonet runs")


def runs(settings: Settings) -> list[Run]:
    """Return every known run that still has its folder, oldest first."""
    local = sorted(path.parent for path in Path(settings.runs).absolute().glob(f"*/{MARK}"))
    found = dict.fromkeys([*_folders(settings), *local])
    return sorted((load(folder) for folder in found if (folder / MARK).is_file()), key=_made)


def _made(run: Run) -> float:
    return float(json.loads((run.folder / MARK).read_text(encoding="utf-8")).get("made", 0))


def _named(folder: Path, name: str) -> bool:
    return json.loads((folder / MARK).read_text(encoding="utf-8")).get("run_id") == name


def _folders(settings: Settings) -> Iterator[Path]:
    path = _path(settings)
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield Path(json.loads(line)["folder"])
            except (ValueError, KeyError):
                continue


def _path(settings: Settings) -> Path:
    return settings.home_path / "runs.jsonl"
