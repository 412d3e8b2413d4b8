"""uv at work: it builds environments of their own, beside ours, for what Nonet runs in other processes.

Preparing may use the network and an allow-list of variables: uv's sources, proxies, certificates.
"""

from __future__ import annotations

import fcntl
import os
import platform
import re
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from uv import find_uv_bin

from nonet.errors import PreparationError, storage

LIMIT_SECONDS = 1800
"""Longest preparation: a cold download of the largest environment on a slow line."""

_ALLOWED = re.compile(
    r"UV_(CACHE_DIR|CONFIG_FILE|NO_CONFIG|INDEX|DEFAULT_INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INDEX_STRATEGY"
    r"|INDEX_\w+_(USERNAME|PASSWORD)|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|HTTP_\w+|CONCURRENT_\w+"
    r"|NO_SOURCES|NO_SOURCES_PACKAGE|CONSTRAINT|OVERRIDE|EXCLUDE_NEWER|OFFLINE|TORCH_BACKEND|REQUEST_TIMEOUT)"
    r"|(HTTPS?|ALL|NO)_PROXY|https?_proxy|all_proxy|no_proxy|SSL_CERT_(FILE|DIR)|SSL_CLIENT_CERT|REQUESTS_CA_BUNDLE"
    r"|CURL_CA_BUNDLE|NETRC|HOME|PATH|TMPDIR|LANG|LC_ALL|XDG_\w+_(HOME|DIRS)|SYSTEMROOT|APPDATA|LOCALAPPDATA"
)


def allowed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that preparing may see."""
    return {name: value for name, value in environment.items() if _ALLOWED.fullmatch(name)}


def base_python() -> Path:
    """Return the interpreter under Nonet's own environment: what other environments are built on."""
    return Path(str(getattr(sys, "_base_executable", "") or sys.executable)).resolve()


def run(arguments: Sequence[str], folder: Path, name: str, offline: bool, environment: Mapping[str, str]) -> None:
    """Run one uv command in a folder.

    Args:
        arguments: what follows ``uv``.
        folder: where it works; it is named where the disk is full.
        name: whose environment is prepared, as ``nonet prepare`` calls it.
        offline: use uv's cache only.
        environment: every variable that it sees; begin with what is ``allowed``.

    Raises:
        PreparationError: uv cannot resolve or install, or takes too long.
        StorageError: the disk is full.
    """
    command = [find_uv_bin(), *arguments, *(["--offline"] if offline else [])]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**environment, "NO_COLOR": "1"},
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
            f"Preparing {name}'s environment took more than {LIMIT_SECONDS} s.", "Try again."
        ) from error
    if done.returncode:
        reason = " ".join(re.sub(r"[│╰╭├─▶×]", " ", done.stderr).split())[-1500:]
        if "No space left" in reason:
            with storage(folder):
                raise OSError(28, f"No space left on device ({reason[-300:]})")
        raise PreparationError(
            f"The environment of {name} cannot be prepared{' offline' if offline else ''}: {reason}",
            f"On a machine with a package registry: nonet prepare {name}",
        )


def machine() -> str:
    """Return the marker of this kind of machine."""
    return f"sys_platform == '{sys.platform}' and platform_machine == '{platform.machine()}'"


def configured(project: str, setting: str) -> str:
    """Return a ``pyproject.toml`` with one more setting of uv's, given as lines of TOML."""
    table = "[tool.uv]\n"
    if table in project:
        return project.replace(table, f"{table}{setting}\n", 1)
    return f"{project.rstrip()}\n\n{table}{setting}\n"


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock file: processes that prepare the same environment wait for one another."""
    with storage(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
