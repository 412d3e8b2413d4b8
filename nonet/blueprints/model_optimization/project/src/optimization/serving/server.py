"""The server as a process of its own, or in a thread of this one."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from optimization.serving.app import Predictor, app
from optimization.serving.errors import ServingError

_START_SECONDS = 20.0
_LOAD_SECONDS = 120.0
"""A process loads the model first."""
_ENDING_SECONDS = 5


def serve(predictor: Predictor, host: str = "127.0.0.1", port: int = 8080, workers: int = 1, queue: int = 64) -> None:
    """Serve a model until the process is told to end.

    Raises:
        ServingError: the address is taken.
    """
    import uvicorn

    listener = _listening(host, port)
    settings = uvicorn.Config(
        app(predictor, workers=workers, queue=queue),
        log_level="warning",
        timeout_graceful_shutdown=_ENDING_SECONDS,
    )
    with listener:
        uvicorn.Server(settings).run(sockets=[listener])


@contextmanager
def own_process(arguments: Sequence[str]) -> Generator[str]:
    """Serve in a process of its own while the block runs, so that whoever asks and what answers share no interpreter.

    Args:
        arguments: of the project's command line, up to its verb.

    Raises:
        ServingError: the server did not start.
    """
    with _listening("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
    command = [sys.executable, "-m", "optimization.cli", *arguments, "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_ENDING_SECONDS * 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _LOAD_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = process.communicate()[1].decode(errors="replace").strip().splitlines()
            raise ServingError(f"the server did not start: {said[-1] if said else 'it ended at once'}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServingError(f"the server did not start within {_LOAD_SECONDS:.0f} seconds")


@contextmanager
def running(predictor: Predictor, workers: int = 1, queue: int = 64) -> Generator[str]:
    """Serve a model on the loopback interface while the block runs; its address is given.

    Raises:
        ServingError: the server did not start.
    """
    import uvicorn

    listener = _listening("127.0.0.1", 0)
    settings = uvicorn.Config(
        app(predictor, workers=workers, queue=queue),
        log_level="error",
        timeout_graceful_shutdown=_ENDING_SECONDS,
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise ServingError(f"the server did not start within {_START_SECONDS:.0f} seconds")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_ENDING_SECONDS * 2)
        listener.close()


def _listening(host: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        found.close()
        raise ServingError(f"cannot listen on {host}:{port} ({error}); name another port") from error
    return found
