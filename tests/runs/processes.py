"""Runs in processes of their own, to be killed and signalled, and a look at what they leave.

The processes are forked from a server that has the imports behind it, so that starting one takes no seconds.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

WAIT = 90.0
_context = multiprocessing.get_context("forkserver")


def _serve() -> None:
    """Start the server, which looks for what it imports where a bare Python would: here too."""
    _context.set_forkserver_preload(["processes_preload"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def command(words: Sequence[str], folder: str, home: str) -> None:
    """Run one command of the command line, which knows the threshold workflow too."""
    os.chdir(folder)
    os.environ["NONET_HOME"] = home
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import threshold_workflow

    from nonet.cli import main

    threshold_workflow.listed()
    with (Path(folder) / f"{os.getpid()}.out").open("w") as out, (Path(folder) / f"{os.getpid()}.err").open("w") as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


class Nonet:
    """One command in a process of its own; ended with the block."""

    def __init__(self, folder: Path, home: Path, *words: str) -> None:
        _serve()
        self._folder = folder
        self.process = _context.Process(target=command, args=(words, str(folder), str(home)))
        self.process.start()

    def __enter__(self) -> Nonet:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; fail when the process ends before it."""
        deadline = time.monotonic() + WAIT
        while not condition():
            assert self.process.is_alive(), f"the run ended first: {self.error()}"
            assert time.monotonic() < deadline, "nothing happened"
            time.sleep(0.002)

    def send(self, number: int) -> list[tuple[int, str]]:
        """Send a signal and return the descendants there were."""
        below = descendants(self.pid)
        os.kill(self.pid, number)
        return below

    def holds_a_worker(self) -> bool:
        """Stop a worker below it, so that what waits for it cannot end by itself; say whether there was one."""
        for pid, _ in descendants(self.pid):
            try:
                if b"harness.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)
                    return True
            except OSError:
                continue
        return False

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        self.process.join(WAIT)
        assert self.process.exitcode is not None, "the process does not end"
        return self.process.exitcode

    def output(self) -> Any:
        return json.loads((self._folder / f"{self.pid}.out").read_text())

    def error(self) -> str:
        path = self._folder / f"{self.pid}.err"
        return path.read_text() if path.exists() else ""


def descendants(pid: int) -> list[tuple[int, str]]:
    """The processes below one, each with its start time, so that a number used again is no survivor."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = list[int](), [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return [(each, fields[19]) for each in found if (fields := _stat(each))]


def gone(processes: Sequence[tuple[int, str]], seconds: float = 10.0) -> bool:
    """Whether all of these processes end in time; one that only waits to be reaped has ended."""
    deadline = time.monotonic() + seconds
    while any((fields := _stat(pid)) and fields[0] != "Z" and fields[19] == begun for pid, begun in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
