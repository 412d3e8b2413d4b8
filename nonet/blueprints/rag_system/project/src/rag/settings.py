"""Where the project lies and what its ``settings.json`` says."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.design import Design, parse
from rag.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """The project's folder, its design and its default corpus."""

    root: Path
    design: Design
    corpus: Path | None

    @property
    def artifacts(self) -> Path:
        """The folder of the built stages."""
        return self.root / "artifacts"


def find_root(given: str | None = None) -> Path:
    """Return the project folder: as given, ``$RAG_PROJECT``, the working folder, or where this source lies.

    Raises:
        SettingsError: none of them holds a ``settings.json``.
    """
    named = given or os.environ.get("RAG_PROJECT")
    places = [Path(named)] if named else [Path.cwd(), Path(__file__).resolve().parents[2]]
    for place in places:
        if (place / "settings.json").is_file():
            return place.resolve()
    raise SettingsError(f"No settings.json in {' or '.join(map(str, places))}; name the project folder with --project.")


def load(root: Path) -> Settings:
    """Read ``settings.json``.

    Raises:
        SettingsError: it is no JSON object, or its design is outside the space.
    """
    path = root / "settings.json"
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        design = dict[str, Any](value["design"])
        corpus: Any = value.get("corpus")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    except (KeyError, TypeError) as error:
        raise SettingsError(f'{path} must be an object with a "design".') from error
    return Settings(root, parse(design), (root / corpus).resolve() if isinstance(corpus, str) else None)
