"""Where the project lies, what its ``settings.json`` says, and which index is in use."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vectordb import stages
from vectordb.database import Database
from vectordb.design import Design, parse
from vectordb.errors import DesignError, IndexMissingError, SettingsError

CURRENT = "current"
"""The file that names the index in use; without it the parts lie in ``artifacts`` itself."""


@dataclass(frozen=True)
class Settings:
    """The project's folder and its design."""

    root: Path
    design: Design

    @property
    def home(self) -> Path:
        """The folder of the indexes."""
        return self.root / "artifacts"

    @property
    def artifacts(self) -> Path:
        """The folder of the parts in use."""
        try:
            return self.home / (self.home / CURRENT).read_text("utf-8").strip()
        except FileNotFoundError:
            return self.home


def find_root(given: str | None = None) -> Path:
    """Return the project folder: as given, ``$VECTORDB_PROJECT``, the working folder, or where this source lies.

    Raises:
        SettingsError: none of them holds a ``settings.json``.
    """
    named = given or os.environ.get("VECTORDB_PROJECT")
    places = [Path(named)] if named else [Path.cwd(), Path(__file__).resolve().parents[2]]
    for place in places:
        if (place / "settings.json").is_file():
            return place.resolve()
    raise SettingsError(f"No settings.json in {' or '.join(map(str, places))}; name the project folder with --project.")


def load(root: Path) -> Settings:
    """Read ``settings.json``.

    Raises:
        SettingsError: it cannot be read, or its design is outside the space.
    """
    path = root / "settings.json"
    try:
        value: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return Settings(root, parse(dict(value["design"])))
    except (OSError, ValueError, KeyError, TypeError, DesignError) as error:
        raise SettingsError(f"{path} cannot be used: {error}; it needs an object with a design.") from error


def parts(settings: Settings) -> dict[str, Path]:
    """Return the folders of the built parts by stage.

    Raises:
        IndexMissingError: a part is missing.
    """
    found = {stage.name: settings.artifacts / stage.name for stage in stages.of(settings.design)}
    for name, place in found.items():
        if not place.is_dir():
            raise IndexMissingError(f"The index has no {name} at {place}; restore a backup with `vectordb restore`.")
    return found


def opened(settings: Settings) -> Database:
    """Open the database in use.

    Raises:
        IndexMissingError: a part is missing.
    """
    return Database(settings.design, parts(settings))
