"""A blueprint's own uv environment, built once per machine and shared by its runs.

Preparing may use the network (``nonet/uv.py``); measuring does not. The lock that uv writes may name local
folders and mirrors, so it stays beside the environment and never reaches a project that ships.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path

from nonet import uv
from nonet.errors import storage
from nonet.trials import space
from nonet.uv import allowed


@dataclass(frozen=True)
class Environment:
    """A prepared environment.

    Attributes:
        python: its interpreter.
        packages: name → installed version.
        key: names what is installed: the project's dependencies, Python, the platform and every version.
        folder: where it lies, below the home.
        base: the Python installation under it, which a confined worker must be able to read.
    """

    python: Path
    packages: Mapping[str, str]
    key: str
    folder: Path
    base: Path


def prepare(project: Path, home: Path, offline: bool = False, groups: Sequence[str] = ()) -> Environment:
    """Build the environment of a blueprint's project, or find it built.

    Only the dependencies and the dev group are installed, never the project itself: it is imported as it lies, so that
    what is measured is what ships. Processes that prepare the same environment wait for one another.

    Args:
        project: a folder with ``pyproject.toml``; nothing is written there.
        home: Nonet's home folder; the environment lies in ``environments/<name>-<key>``.
        offline: use uv's cache only.
        groups: of its dependencies, to be installed besides those of every run.

    Raises:
        PreparationError: uv cannot resolve or install it.
        StorageError: the disk is full.
    """
    content = (project / "pyproject.toml").read_bytes()
    name = f"{_project_name(content)}-{_folder_key(content, groups)}"
    folder = home / "environments" / name
    with storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    marker = folder / "environment.json"
    with uv.locked(folder.with_name(f"{name}.lock")):
        if not (marker.is_file() and _python(folder).exists()):
            with storage(folder):
                shutil.rmtree(folder, ignore_errors=True)
                (folder / "project").mkdir(parents=True)
                (folder / "project" / "pyproject.toml").write_text(_for_this_machine(content), encoding="utf-8")
            _install(folder, offline, project, groups)
            built = _describe(folder, name)
            with storage(marker):
                aside = marker.with_suffix(".new")
                aside.write_text(json.dumps(asdict(built), default=str, indent=1), encoding="utf-8")
                aside.replace(marker)
    return _read(folder)


def _read(folder: Path) -> Environment:
    data = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    return Environment(Path(data["python"]), data["packages"], data["key"], Path(data["folder"]), Path(data["base"]))


def _python(folder: Path) -> Path:
    return folder / "venv" / "bin" / "python"


def _project_name(content: bytes) -> str:
    return re.sub(r"[^\w-]", "-", str(tomllib.loads(content.decode())["project"]["name"]))


def _folder_key(content: bytes, groups: Sequence[str]) -> str:
    """Name what is asked for: dependencies, Python, platform, and groups where there are some."""
    digest = hashlib.blake2b(content, digest_size=6)
    digest.update(f"{platform.python_version()} {sys.implementation.name} {sysconfig.get_platform()}".encode())
    for group in sorted(groups):
        digest.update(f" {group}".encode())
    return digest.hexdigest()


def _for_this_machine(content: bytes) -> str:
    """Resolve for this Python and machine alone: what others would need must neither fail here nor choose."""
    text = content.decode()
    if "environments" in tomllib.loads(text).get("tool", {}).get("uv", {}):
        return text
    python = f"python_version == '{sys.version_info.major}.{sys.version_info.minor}'"
    marker = f"{uv.machine()} and {python} and implementation_name == '{sys.implementation.name}'"
    return uv.configured(text, f'environments = ["{marker}"]')


def _install(folder: Path, offline: bool, project: Path, groups: Sequence[str]) -> None:
    command = ["sync", "--no-install-project", "--no-progress", "--python", str(uv.base_python())]
    command += ["--project", str(folder / "project"), *(part for group in groups for part in ("--group", group))]
    environment = allowed(os.environ) | {"UV_PROJECT_ENVIRONMENT": str(folder / "venv")}
    uv.run(command, folder, project.parent.name, offline, environment)


def _describe(folder: Path, name: str) -> Environment:
    purelib = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    found = {str(each.metadata["Name"]).lower(): each.version for each in distributions(path=[str(purelib)])}
    packages = dict(sorted(found.items()))
    return Environment(_python(folder), packages, space.key([name, packages]), folder, uv.base_python().parents[1])
