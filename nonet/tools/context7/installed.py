"""The libraries installed in an environment, read from their metadata; nothing of them is imported or run."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from nonet.errors import ToolError

_PASSED_OVER = frozenset({"tests", "test", "testing", "_vendor", "vendored", "vendor"})


@dataclass(frozen=True)
class Library:
    """One installed distribution."""

    name: str
    version: str
    summary: str
    distribution: metadata.Distribution

    @property
    def reference(self) -> str:
        """``library@version``."""
        return f"{self.name}@{self.version}"

    def modules(self) -> Iterator[tuple[str, Path]]:
        """Yield (path within the site folder, file) of each Python source, tests and vendored copies left out."""
        for file in sorted(self.distribution.files or []):
            path = PurePosixPath(file)
            inside = not path.is_absolute() and ".." not in path.parts and len(path.parts) > 1
            if path.suffix == ".py" and inside and not _PASSED_OVER.intersection(path.parts):
                found = Path(str(file.locate()))
                if found.is_file():
                    yield str(path), found

    def description(self) -> str:
        """Return the library's README, as its metadata carries it."""
        return str(self.distribution.metadata.json.get("description", ""))


def canonical(name: str) -> str:
    """Return a distribution's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def site_folders(environment: Path | None) -> list[Path]:
    """Return the site-packages folders of an interpreter, a virtual environment or a site folder itself.

    Raises:
        ToolError: there is none.
    """
    if environment is None:
        return list(dict.fromkeys(Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")))
    if environment.is_dir() and any(environment.glob("*.dist-info")):
        return [environment]
    # The interpreter of a virtual environment is a link: following it would lead to another environment.
    prefix = environment.absolute() if environment.is_dir() else environment.absolute().parent.parent
    found = [*prefix.glob("lib/python3.*/site-packages"), *prefix.glob("Lib/site-packages")]
    if not found:
        raise ToolError(f"{environment} is no Python environment.", "Give an interpreter, a venv or a site folder.")
    return sorted(found)


def libraries(environment: Path | None) -> list[Library]:
    """Return the libraries of an environment in name order, each once."""
    found: dict[str, Library] = {}
    for distribution in metadata.distributions(path=[str(folder) for folder in site_folders(environment)]):
        name = distribution.metadata["Name"]
        if name and canonical(name) not in found:
            summary = distribution.metadata["Summary"] or ""
            found[canonical(name)] = Library(name, distribution.version, summary, distribution)
    return [found[name] for name in sorted(found)]
