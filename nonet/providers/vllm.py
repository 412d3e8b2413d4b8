"""``vllm serve MODEL``, started where vLLM is installed and no address is set; it ends with this process."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from functools import cache
from pathlib import Path

from nonet.errors import ServiceError

START_SECONDS = 900.0
"""Loading weights onto a device takes minutes, the first time with a download."""
_LOOK = 0.5
_lock = threading.Lock()


def installed() -> bool:
    """Whether the program is on PATH."""
    return shutil.which("vllm") is not None


def address(model: str) -> str:
    """Return the address, up to ``/v1``, of a server of this model; the first call starts it and waits for it.

    Raises:
        ServiceError: it ended, or was not up in time; what it said last is in the message.
    """
    with _lock:
        return _started(model)


@cache
def _started(model: str) -> str:
    port = _free_port()
    log = Path(tempfile.mkdtemp(prefix="nonet-vllm-")) / "log"
    command = ["vllm", "serve", model, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    atexit.register(_stop, process, log)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _healthy(port):
            return f"http://127.0.0.1:{port}/v1"
        time.sleep(_LOOK)
    said = " ".join(log.read_text(errors="replace").split())[-300:]
    _stop(process, log)
    raise ServiceError(f"vllm serve {model} is not up: {said or 'it said nothing'}", "unavailable")


def _healthy(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/health", timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes], log: Path) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    shutil.rmtree(log.parent, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
