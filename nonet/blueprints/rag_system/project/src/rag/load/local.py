"""A server of this project, started for a load test on a free loopback port and stopped after it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO

from rag.errors import ServeError

READY = 120.0
"""Seconds in which the server must be ready."""
FAREWELL = 40.0


@contextlib.contextmanager
def server(project: Path, *options: str) -> Generator[str]:
    """Start ``rag serve`` on a free loopback port; yield its URL once it answers; stop it at the end.

    Raises:
        ServeError: it ended at once, with the line it left, or is not ready in time.
    """
    command = [sys.executable, "-m", "rag", "--project", str(project), "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr, "it was asked for"
        lines: list[str] = []
        reader = threading.Thread(target=_drain, args=(process.stderr, lines), daemon=True)
        reader.start()
        try:
            yield _ready(process, lines)
        finally:
            process.terminate()
            try:
                process.wait(FAREWELL)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join(5)


def _drain(stream: IO[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line.rstrip())
        del lines[:-50]


def _ready(process: subprocess.Popen[str], lines: list[str]) -> str:
    until = time.monotonic() + READY
    while time.monotonic() < until and process.poll() is None:
        url = next((line.rpartition(" ")[2] for line in lines if "serving at http" in line), "")
        if url:
            return url
        time.sleep(0.05)
    time.sleep(0.1)  # for the last line
    last = lines[-1].removeprefix("rag: ") if lines else "it said nothing"
    raise ServeError(f"The server did not start: {last}")
