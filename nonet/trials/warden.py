"""The warden: starts one worker, confined where the kernel can, and ends it with every descendant.

One warden runs per worker, as a program of its own: it becomes the subreaper of its descendants (a double-forked,
``setsid`` child comes back to it instead of escaping), it holds the worker's limits, and it watches a pipe whose other
end Nonet holds: when Nonet asks, or dies by any signal, the pipe closes and the whole tree is killed. So a program that
embeds Nonet keeps its own signal handlers, children and threads.

Standard library and ``sandlock`` only. Started as ``python warden.py LIFELINE_FD``; the first line of the lifeline is
the specification::

    {"command": […], "env": {…}, "cwd": "…", "confine": bool, "readable": […], "writable": […],
     "hosts": ["host:port", …], "system_v": bool, "memory": bytes, "processes": count}

The worker inherits standard input, output and error. Exit status: the worker's own (128 + signal when it was killed),
or one of the codes below.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

MEMORY, PROCESSES, REFUSED = 121, 122, 123
"""Exit codes: the memory limit, the process limit, and a confinement that the kernel refused."""
WATCH = 0.05
"""Seconds between two looks at the tree's size."""
_SUBREAPER, _PARENT_DEATH_SIGNAL = 36, 1


def main() -> int:
    """Run one worker to its end and return the exit status."""
    lifeline = int(sys.argv[1])
    os.set_inheritable(lifeline, False)
    specification = json.loads(_line(lifeline))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    worker = None
    try:
        worker = _confined(specification) if specification["confine"] else _bare(specification)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):  # the worker's alone from here on: its end must be seen at the other side
            os.dup2(nothing, standard)
        return _watch(worker, lifeline, specification["memory"], specification["processes"])
    finally:
        if worker is not None:
            _end(worker)


def _line(descriptor: int) -> bytes:
    text = b""
    while not text.endswith(b"\n"):
        more = os.read(descriptor, 65536)
        if not more:
            raise SystemExit(1)
        text += more
    return text


def _confined(specification: dict[str, Any]) -> int:
    """Start the worker under Landlock and seccomp; return its process id."""
    from sandlock import Sandbox

    sandbox = Sandbox(
        fs_readable=specification["readable"],
        fs_writable=specification["writable"],
        net_allow=specification["hosts"],
        max_processes=specification["processes"],
        extra_allow_syscalls=["sysv_ipc"] if specification["system_v"] else [],
        clean_env=True,
        env=specification["env"],
        cwd=specification["cwd"],
    )
    try:
        process = sandbox.popen(specification["command"])
    except Exception as error:
        sys.stderr.write(f"The kernel refused the confinement: {error}\n")
        raise SystemExit(REFUSED) from error
    globals()["_sandbox"] = (sandbox, process)  # its supervisor must live as long as the worker
    return int(process.pid or 0)


def _bare(specification: dict[str, Any]) -> int:
    """Start the worker without confinement, in a session of its own; return its process id."""
    warden = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != warden:
                os._exit(1)
        os.chdir(specification["cwd"])
        os.execve(specification["command"][0], specification["command"], specification["env"])
    finally:
        os._exit(127)


def _watch(worker: int, lifeline: int, memory: int, processes: int) -> int:
    while True:
        status = _exited(worker)
        if status is not None:
            return status
        if select.select([lifeline], [], [], WATCH)[0] and not os.read(lifeline, 4096):
            return 128 + signal.SIGKILL
        tree = descendants(os.getpid())
        used = sum(_resident(pid) for pid in tree)
        if used > memory:
            sys.stderr.write(f"Memory limit: {used:,} of {memory:,} bytes.\n")
            return MEMORY
        if len(tree) > processes:
            sys.stderr.write(f"Process limit: {len(tree)} of {processes}.\n")
            return PROCESSES


def _exited(worker: int) -> int | None:
    """Return the worker's exit status once it is known, without taking it from sandlock's supervisor."""
    kept = globals().get("_sandbox")
    if kept is None:
        pid, status = os.waitpid(worker, os.WNOHANG)
        if not pid:
            return None
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    try:
        state = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return int(kept[1].wait().exit_code)
    if state is None:
        return None
    return state.si_status if state.si_code == os.CLD_EXITED else 128 + state.si_status


def _end(worker: int) -> None:
    """Kill the tree until this process has no child left: orphans of each round come back to this subreaper."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def descendants(root: int) -> list[int]:
    """Return the ids of the descendants of ``root`` (Linux; elsewhere nothing can be listed)."""
    found: list[int] = []
    pending = [root]
    while pending:
        below = _children(pending.pop())
        found += below
        pending += below
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, task.read_bytes().split())
    return children


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
