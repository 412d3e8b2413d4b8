"""The libraries installed in an environment, read from their metadata; nothing of them is imported or run."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from nonet.errors import ToolError

_PASSED_OVER = frozenset({"tests", "test", "_vendor", "vendored", "vendor", "externals", "__pycache__"})
_SITES = (
    "lib/python3.*/site-packages",
    "lib64/python3.*/site-packages",
    "local/lib/python3.*/dist-packages",
    "lib/python3*/dist-packages",
    "Lib/site-packages",
)


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

    @property
    def site(self) -> str:
        """The folder that its paths begin at."""
        return str(self.distribution.locate_file(""))

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Yield (path within the site folder, file) of each listed source and of the metadata that carries the README.

        Tests and vendored copies are left out. A stub stands for a module without Python source: its names, signatures
        and docstrings are all there is to read.
        """
        named = {PurePosixPath(file): file for file in self.distribution.files or ()}
        for path in sorted(named):
            stub = path.suffix == ".pyi" and path.with_suffix(".py") not in named
            wanted = path.suffix == ".py" or stub or self.is_metadata(str(path))
            inside = not path.is_absolute() and ".." not in path.parts
            if wanted and inside and not _PASSED_OVER.intersection(path.parts):
                yield str(path), Path(str(named[path].locate()))

    def is_metadata(self, path: str) -> bool:
        """Whether a path within the site folder is that of the library's metadata."""
        return path.count("/") == 1 and path.endswith(".dist-info/METADATA")

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
    if environment.is_dir():
        prefixes = [environment.absolute()]
    else:
        # The interpreter of a virtual environment is a link: only where nothing lies around it is it followed.
        prefixes = [environment.absolute().parent.parent, environment.resolve().parent.parent]
    for prefix in prefixes:
        found = [folder for pattern in _SITES for folder in sorted(prefix.glob(pattern))]
        if found:
            return list({folder.resolve(): folder for folder in found}.values())
    raise ToolError(f"{environment} is no Python environment.", "Give an interpreter, a venv or a site folder.")


def libraries(environment: Path | None) -> list[Library]:
    """Return the libraries of an environment in name order, each once.

    Raises:
        ToolError: it is no environment.
    """
    found: dict[str, Library] = {}
    for distribution in metadata.distributions(path=[str(folder) for folder in site_folders(environment)]):
        library = _library(distribution)
        if library is not None:
            found.setdefault(canonical(library.name), library)
    return [found[name] for name in sorted(found)]


def find(name: str, environment: Path | None) -> Library | None:
    """Return the library of a name, if it is installed; only its own metadata is read.

    Raises:
        ToolError: it is no environment.
    """
    folders = [str(folder) for folder in site_folders(environment)]
    wanted = canonical(name.strip())
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", wanted):
        return None
    found = (_library(each) for each in metadata.distributions(name=wanted, path=folders))
    return next((each for each in found if each is not None and canonical(each.name) == wanted), None)


def _library(distribution: metadata.Distribution) -> Library | None:
    name, version = distribution.metadata["Name"], distribution.metadata["Version"]
    if not name or not version:  # what is left of one that was removed
        return None
    return Library(name, version, distribution.metadata["Summary"] or "", distribution)
