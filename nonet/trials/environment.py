"""A blueprint's own uv environment, built once per machine and shared by its runs.

Preparing may use the network and an allow-list of variables (uv's sources, proxies, certificates); measuring uses
neither. The lock that uv writes may name local folders and mirrors, so it stays beside the environment and never
reaches a project that ships.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path

from uv import find_uv_bin

from nonet.errors import PreparationError, storage
from nonet.trials import space

LIMIT_SECONDS = 1800
"""Longest preparation: a cold download of the largest environment on a slow line."""

_ALLOWED = re.compile(
    r"UV_(CACHE_DIR|CONFIG_FILE|NO_CONFIG|INDEX|DEFAULT_INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INDEX_STRATEGY"
    r"|INDEX_\w+_(USERNAME|PASSWORD)|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|HTTP_\w+|CONCURRENT_\w+"
    r"|NO_SOURCES|NO_SOURCES_PACKAGE|CONSTRAINT|OVERRIDE|EXCLUDE_NEWER|OFFLINE|TORCH_BACKEND|REQUEST_TIMEOUT)"
    r"|(HTTPS?|ALL|NO)_PROXY|https?_proxy|all_proxy|no_proxy|SSL_CERT_(FILE|DIR)|SSL_CLIENT_CERT|REQUESTS_CA_BUNDLE"
    r"|CURL_CA_BUNDLE|NETRC|HOME|PATH|TMPDIR|LANG|LC_ALL|XDG_\w+_(HOME|DIRS)|SYSTEMROOT|APPDATA|LOCALAPPDATA"
)


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


def allowed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that preparing may see."""
    return {name: value for name, value in environment.items() if _ALLOWED.fullmatch(name)}


def prepare(project: Path, home: Path, offline: bool = False) -> Environment:
    """Build the environment of a blueprint's project, or find it built.

    Only the dependencies and the dev group are installed, never the project itself: it is imported as it lies, so that
    what is measured is what ships. Processes that prepare the same environment wait for one another.

    Args:
        project: a folder with ``pyproject.toml``; nothing is written there.
        home: Nonet's home folder; the environment lies in ``environments/<name>-<key>``.
        offline: use uv's cache only.

    Raises:
        PreparationError: uv cannot resolve or install it.
        StorageError: the disk is full.
    """
    content = (project / "pyproject.toml").read_bytes()
    name = f"{_project_name(content)}-{_folder_key(content)}"
    folder = home / "environments" / name
    with storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    marker = folder / "environment.json"
    with _locked(folder.with_name(f"{name}.lock")):
        if not (marker.is_file() and _python(folder).exists()):
            with storage(folder):
                shutil.rmtree(folder, ignore_errors=True)
                (folder / "project").mkdir(parents=True)
                (folder / "project" / "pyproject.toml").write_bytes(content)
            _install(folder, offline, project)
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


def _folder_key(content: bytes) -> str:
    """Name what is asked for: dependencies, Python, platform."""
    digest = hashlib.blake2b(content, digest_size=6)
    digest.update(f"{platform.python_version()} {sys.implementation.name} {sysconfig.get_platform()}".encode())
    return digest.hexdigest()


def base_python() -> Path:
    """Return the interpreter under Nonet's own environment: what blueprints' environments are built on."""
    return Path(str(getattr(sys, "_base_executable", "") or sys.executable)).resolve()


def _install(folder: Path, offline: bool, project: Path) -> None:
    command = [find_uv_bin(), "sync", "--no-install-project", "--no-progress", "--python", str(base_python())]
    command += ["--project", str(folder / "project"), *(["--offline"] if offline else [])]
    environment = allowed(os.environ) | {"UV_PROJECT_ENVIRONMENT": str(folder / "venv"), "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PreparationError(
            f"Preparing {project.parent.name}'s environment took more than {LIMIT_SECONDS} s.", "Try again."
        ) from error
    if done.returncode:
        reason = " ".join(re.sub(r"[│╰╭├─▶×]", " ", done.stderr).split())[-1500:]
        if "No space left" in reason:
            with storage(folder):
                raise OSError(28, f"No space left on device ({reason[-300:]})")
        raise PreparationError(
            f"The environment of {project.parent.name} cannot be prepared{' offline' if offline else ''}: {reason}",
            f"On a machine with a package registry: nonet prepare {project.parent.name}",
        )


def _describe(folder: Path, name: str) -> Environment:
    purelib = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    found = {str(each.metadata["Name"]).lower(): each.version for each in distributions(path=[str(purelib)])}
    packages = dict(sorted(found.items()))
    return Environment(_python(folder), packages, space.key([name, packages]), folder, base_python().parents[1])


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with storage(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
