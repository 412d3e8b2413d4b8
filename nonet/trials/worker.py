"""One worker process: started under a warden, spoken to in lines of JSON, ended with all its descendants.

The worker is ``harness.py`` in the blueprint's environment; the warden between it and us holds the limits and the
confinement. Nothing here blocks for longer than ``POLL``: a call ends on its answer, its time limit, a drain, a reply
that is too long or no reply at all, and every end but the first takes the whole process tree with it.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from nonet.errors import PreparationError, Stopped, StorageError, TrialError, TrialTimeout, storage
from nonet.state import Json
from nonet.trials import warden
from nonet.trials.confinement import Confinement, readable, scrubbed
from nonet.trials.environment import Environment

POLL = 0.1
"""Seconds between two looks at the stop event and the clock."""
HARNESS = Path(__file__).with_name("harness.py")
_WARDEN = Path(warden.__file__)
_STDERR_KEPT = 8000
_GRACE = 8.0
"""Seconds a warden gets to kill its tree; it needs milliseconds."""
LEAVING = 30.0
"""Seconds that a worker gets to take back what it made on services."""


@dataclass(frozen=True)
class Limits:
    """What one worker may use.

    Attributes:
        seconds: wall time of one call.
        memory: resident memory of the worker and its descendants together, such as "8G" or "500M".
        processes: the worker and its descendants (threads do not count).
        threads: threads that numeric libraries start.
        reply_bytes: longest answer.
    """

    seconds: float = 600
    memory: str = "8G"
    processes: int = 64
    threads: int = 1
    reply_bytes: int = 64 << 20

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return int(self.memory[:-1]) << {"K": 10, "M": 20, "G": 30}[self.memory[-1]]


class Worker:
    """A running ``measure.py``; a context manager that leaves no process behind.

    Args:
        environment: the blueprint's prepared environment.
        measure: its ``measure.py``.
        project: the project that ``measure.py`` imports.
        confinement: what the kernel enforces.
        readable: the folders the worker may read besides: stages, data.
        out: an empty folder of its own, the one place it may write; ``out/home`` is its HOME and TMPDIR.
        limits: time, memory, processes.
        stop: set from any thread to end the running call.
        hosts: "host:port" endpoints it may reach; none by default.
        variables: environment variables for it alone.
        system_v: whether it has System V shared memory.

    Raises:
        TrialError: ``measure.py`` cannot be imported.
        PreparationError: the kernel refuses the confinement.
    """

    def __init__(
        self,
        environment: Environment,
        measure: Path,
        project: Path,
        confinement: Confinement,
        readable: Sequence[Path],
        out: Path,
        limits: Limits,
        *,
        stop: threading.Event | None = None,
        hosts: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        system_v: bool = False,
    ) -> None:
        self._out = out
        self._leaves = bool(hosts)
        self._idle = False
        self._limits = limits
        self._confinement = confinement
        self._stop = stop or threading.Event()
        self._tail = b""
        self._answers = b""
        self._ended = False
        self._secrets = [value for value in (variables or {}).values() if value]
        home = out / "home"
        with storage(home):
            home.mkdir(parents=True, exist_ok=True)
        command = [str(environment.python), "-s", "-P", "-u", str(HARNESS), str(measure), str(project)]
        self._start(
            {
                "command": command,
                "env": scrubbed(home, limits.threads, variables),
                "cwd": str(out),
                "confine": confinement.enforced,
                "readable": _paths(environment, [measure, project, HARNESS, *readable]),
                "writable": [str(out), "/dev/null"],
                "hosts": list(hosts),
                "system_v": system_v,
                "memory": limits.memory_bytes,
                "processes": limits.processes,
            }
        )
        try:
            self._receive("start", limits.seconds)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the warden."""
        return self._process.pid

    def call(self, op: str, timeout: float | None = None, **arguments: Json) -> dict[str, Any]:
        """Send one command and wait for its answer.

        Args:
            op: one of the harness's operations.
            arguments: its arguments.
            timeout: seconds, the limit's own when ``None``.

        Returns:
            The answer: the operation's own fields, ``seconds`` and ``peak_memory_bytes``.

        Raises:
            TrialTimeout: it took too long; the worker is gone.
            Stopped: a drain was asked for; the worker is gone.
            TrialError: user code raised (the worker lives on), or the worker died or broke the protocol.
            StorageError: the worker met a full disk.
        """
        if self._ended:
            raise TrialError(f"{op}: the worker has ended.")
        if self._answers:
            self.close()
            raise TrialError(f"{op}: the worker's answer is malformed: it answered before it was asked.")
        line = json.dumps({"op": op, **arguments}, ensure_ascii=False).encode() + b"\n"
        return self._receive(op, self._limits.seconds if timeout is None else timeout, line)

    def close(self) -> None:
        """End the worker and every descendant; returns when they are gone.

        One that reached a service is first asked to take back what it made there, unless it is in the middle of a call.
        """
        if self._ended:
            return
        if self._leaves and self._idle:
            self._leaves, self._stop = False, threading.Event()  # a drain, too, leaves nothing behind
            with suppress(Exception):
                self._receive("close", LEAVING, b'{"op": "close"}\n')
        if self._ended:
            return
        self._ended = True
        with suppress(OSError):
            self._lifeline.close()  # the warden sees it and kills its tree
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._kill_warden()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    # ---- the process ------------------------------------------------------------------------------------------

    def _start(self, specification: dict[str, Any]) -> None:
        theirs, ours = os.pipe()
        self._lifeline = os.fdopen(ours, "wb", buffering=0)
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_WARDEN), str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **kept},
                cwd=self._out,
                pass_fds=(theirs,),
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        with suppress(BrokenPipeError):
            self._lifeline.write(json.dumps(specification).encode() + b"\n")

    def _kill_warden(self) -> None:
        """Last resort, for a warden that does not answer: itself and whatever it has below it."""
        for pid in (*warden.descendants(self._process.pid), self._process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    # ---- the protocol -----------------------------------------------------------------------------------------

    def _receive(self, op: str, timeout: float, pending: bytes = b"") -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        self._idle = False
        line = self._exchange(op, deadline, timeout, pending)
        self._idle = True
        try:
            reply = json.loads(line)
            if not isinstance(reply, dict) or not isinstance(cast("dict[str, Any]", reply).get("ok"), bool):
                raise ValueError("no answer")
        except ValueError as error:
            self.close()
            said = self._redacted(line.decode(errors="replace"))[:200]
            raise TrialError(f"{op}: the worker's answer is malformed: {said!r}.") from error
        answer = cast("dict[str, Any]", reply)
        if not answer["ok"]:
            raise self._raised(op, str(answer.get("error", "")), str(answer.get("traceback", "")))
        return answer

    def _exchange(self, op: str, deadline: float, timeout: float, pending: bytes) -> bytes:
        """Write ``pending``, then read up to the end of one line."""
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None
        assert stdout is not None
        assert stderr is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            if pending:
                selector.register(stdin, selectors.EVENT_WRITE)
            while b"\n" not in self._answers:
                self._check(op, deadline, timeout)
                for selected, _ in selector.select(min(POLL, max(0.0, deadline - time.monotonic()))):
                    if selected.fileobj is stdin:
                        pending = pending[self._write(stdin.fileno(), pending) :]
                        if not pending:
                            selector.unregister(stdin)
                        continue
                    chunk = _read(selected.fd)
                    if selected.fileobj is stderr:
                        self._tail = (self._tail + chunk)[-_STDERR_KEPT:]
                        if not chunk:
                            selector.unregister(stderr)
                    elif chunk:
                        self._answers += chunk
                    else:
                        raise self._died(op)
        line, _, self._answers = self._answers.partition(b"\n")
        return line

    def _write(self, descriptor: int, pending: bytes) -> int:
        try:
            return os.write(descriptor, pending[:65536])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            return len(pending)  # it died; the end of its answers says so

    def _check(self, op: str, deadline: float, timeout: float) -> None:
        if self._stop.is_set():
            self.close()
            raise Stopped(f"Stopped during {op}.")
        if time.monotonic() >= deadline:
            self.close()
            raise TrialTimeout(f"{op} took more than {timeout:g} s.")
        if len(self._answers) > self._limits.reply_bytes:
            self.close()
            raise TrialError(f"{op}: the worker's answer is longer than {self._limits.reply_bytes:,} bytes.")

    def _raised(self, op: str, error: str, text: str) -> Exception:
        if "[Errno 28]" in error or "[Errno 122]" in error:
            return StorageError(f"The disk is full: {error} ({self._out}).", "Free space there, then: nonet resume RUN")
        failure = TrialError(f"{op}: {self._redacted(error)}")
        failure.add_note(self._redacted(text))
        return failure

    def _redacted(self, text: str) -> str:
        """What a worker says is kept and reported; the keys that it was given are not (a service may echo them)."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    def _died(self, op: str) -> Exception:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        assert self._process.stderr is not None
        while chunk := _read(self._process.stderr.fileno()):
            self._tail = (self._tail + chunk)[-_STDERR_KEPT:]
        code = self._process.returncode
        self.close()
        last = self._redacted(" | ".join(self._tail.decode(errors="replace").strip().splitlines()[-5:]))
        if code == warden.REFUSED:
            return PreparationError(f"{self._confinement.kind}: {last}", "Use isolation: none to run unconfined.")
        if code == warden.MEMORY:
            return TrialError(f"{op}: more than {self._limits.memory} of memory. {last}")
        if code == warden.PROCESSES:
            return TrialError(f"{op}: more than {self._limits.processes} processes. {last}")
        how = f"signal {code - 128}" if code is not None and code > 128 else f"status {code}"
        return TrialError(f"{op}: the worker ended without an answer ({how}). {last}".strip())


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 20)
    except BlockingIOError:
        return b""


def _paths(environment: Environment, paths: Sequence[Path]) -> list[str]:
    return readable([environment.folder, environment.base, *paths])
