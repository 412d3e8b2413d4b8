"""Runs of Semgrep: on copies of files, in a folder of ours, with limits on time, memory and output.

It knows nothing of the user's environment: no settings, no tokens; it sends no metrics, and does not ask for updates.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.semgrep.program import READYING, environment, program

SECONDS = 600.0
"""Time limit of one scan."""
RULE_SECONDS = 5.0
"""Time limit of one rule on one file; a file on which three rules reach it is left."""
_RULE_MEGABYTES = 2_000
_MEMORY = 8 << 30
_OUTPUT = 200_000_000


class Position(BaseModel):
    """A place in a file: line and column from 1, ``col`` and ``offset`` (from 0) in bytes."""

    line: int
    col: int
    offset: int


class _Extra(BaseModel):
    fix: str | None = None


class Match(BaseModel):
    """One result of Semgrep's; ``path`` is the copy's."""

    check_id: str
    path: str
    start: Position
    end: Position
    extra: _Extra


class _Error(BaseModel):
    model_config = ConfigDict(extra="ignore")

    level: str = ""
    type: Any = ""
    message: str = ""
    path: str = ""

    @property
    def kind(self) -> str:
        """The name of its kind; some kinds come with details, as a list."""
        parts = cast("list[Any]", self.type) if isinstance(self.type, list) else [self.type]
        return str(parts[0]) if parts else ""


class _Answer(BaseModel):
    results: list[Match]
    errors: list[_Error] = []


@dataclass
class Scan:
    """What a scan returned.

    Attributes:
        partly: copies of which a part could not be parsed.
        slow: copies on which a rule took too long or too much memory.
        failed: copies at which the program ended.
        late: copies that were not reached within the time limit.
    """

    matches: list[Match] = field(default_factory=list[Match])
    partly: set[str] = field(default_factory=set[str])
    slow: set[str] = field(default_factory=set[str])
    failed: set[str] = field(default_factory=set[str])
    late: set[str] = field(default_factory=set[str])


class _Ended(Exception):
    """The program ended without an answer; the argument is what it said."""


class _Late(Exception):
    """The time is over."""


def scan(
    settings: Settings,
    rules: Sequence[Mapping[str, Any]],
    batches: Sequence[Sequence[str]],
    folder: Path,
    seconds: float,
) -> Scan:
    """Scan files of a folder, each batch in one run; a batch at which the program ends is halved to find the file.

    Args:
        settings: the configuration.
        rules: as Semgrep takes them.
        batches: names of files in the folder.
        folder: where they lie; nothing else of it is scanned.
        seconds: time limit of all runs.

    Raises:
        ToolError: the program is not there, or refuses a rule.
    """
    command = [*_command(settings, folder, rules)]
    found, until = Scan(), time.monotonic() + seconds
    waiting = [list(batch) for batch in reversed(batches)]
    while waiting:
        batch = waiting.pop()
        try:
            answer = _run(command, folder, batch, until - time.monotonic())
        except _Late:
            found.late.update(batch)
            continue
        except _Ended as ended:
            if len(batch) == 1:
                found.failed.update(batch)
                continue
            if not (found.matches or found.failed) and _refuses(command, folder, until):
                raise ToolError(f"Semgrep does not work here: {ended}.", READYING) from ended
            half = len(batch) // 2
            waiting += [batch[half:], batch[:half]]
            continue
        _add(found, answer)
    return found


def _command(settings: Settings, folder: Path, rules: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    found = program(settings)
    if found is None:
        raise ToolError("Semgrep is not installed.", READYING)
    # JSON is YAML, and is read a good deal faster.
    (folder / "rules.json").write_text(json.dumps({"rules": [dict(rule) for rule in rules]}), encoding="utf-8")
    # In the release that Nonet installs, the front end that is one program with the engine finds what the one in Python
    # does, and starts in a tenth of its time. One on PATH may be older, from before it was whole.
    front = ("--experimental",) if found.is_relative_to(settings.home_path) else ()
    return (
        *(str(found), "scan", *front, "--config=rules.json", "--json", "--quiet", "--metrics=off", "--jobs=2"),
        *("--disable-version-check", "--no-git-ignore", "--no-rewrite-rule-ids", "--max-target-bytes=0"),
        *(f"--max-memory={_RULE_MEGABYTES}", f"--timeout={RULE_SECONDS:g}", "--timeout-threshold=3", "batch"),
    )


def _run(command: Sequence[str], folder: Path, names: Sequence[str], seconds: float) -> _Answer:
    """Run the program on some files of the folder, moved into one of their own."""
    batch = folder / "batch"
    batch.mkdir()
    try:
        for name in names:
            (folder / name).rename(batch / name)
        # Without one, Semgrep leaves out what its own list names, such as files that look like tests.
        (batch / ".semgrepignore").touch()
        printed, said = _printed(command, folder, seconds)
    finally:
        (batch / ".semgrepignore").unlink(missing_ok=True)
        for copy in batch.iterdir():
            copy.rename(folder / copy.name)
        batch.rmdir()
    try:
        answer = _Answer.model_validate_json(printed)
    except ValidationError as error:
        raise _Ended(" ".join(said.split())[-300:] or "it said nothing") from error
    refused = [error for error in answer.errors if error.level == "error" and not error.path]
    if refused and not answer.results:
        raise ToolError(f"Semgrep refused: {' '.join(refused[0].message.split())[:300]}", "Mend the rule.")
    return answer


def _printed(command: Sequence[str], folder: Path, seconds: float) -> tuple[bytes, str]:
    if seconds <= 0:
        raise _Late
    output, errors = folder / "output.json", folder / "errors.txt"
    with output.open("wb") as printed, errors.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=said,
            start_new_session=True,
        )
        try:
            _limit(process.pid)
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise _Late from error
        finally:
            # Its workers are processes of their own.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return output.read_bytes(), errors.read_text(errors="replace")[-2000:]


def _limit(pid: int) -> None:
    """Limit memory and output, where the system lets one process do so for another, before it has read anything."""
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_OUTPUT, _OUTPUT))


def _refuses(command: Sequence[str], folder: Path, until: float) -> bool:
    """Whether the program fails on a file that holds nothing: then no file of the user's is at fault."""
    (folder / "empty.py").touch()
    try:
        _run(command, folder, ["empty.py"], until - time.monotonic())
    except _Ended:
        return True
    except _Late:
        return False
    return False


def _add(found: Scan, answer: _Answer) -> None:
    found.matches += answer.results
    for error in answer.errors:
        if not error.path:
            continue
        name = error.path.rpartition("/")[2]
        slow = error.kind in ("Timeout", "OutOfMemory", "StackOverflow", "Out of memory", "Stack overflow")
        (found.slow if slow else found.partly).add(name)
