"""The Semgrep command-line program (LGPL-2.1): in an environment of its own, for it pins what Nonet uses too.

It is run on copies of files, in a folder of ours, with nothing of the user's environment: no settings, no tokens, no
metrics, no question whether it is the latest.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nonet.errors import ToolError, storage
from nonet.settings import Settings

VERSION = "1.182.0"
SECONDS = 600.0
"""Time limit of one scan."""
_MEGABYTES = 4000
_RULE_SECONDS = 20
_OUTPUT_LIMIT = 200_000_000
READYING = "Prepare it once: nonet prepare semgrep"


def program(settings: Settings) -> Path | None:
    """Return the program: the one that Nonet prepared, else one on PATH; nothing where there is none."""
    own = _folder(settings) / "bin" / "semgrep"
    if own.is_file():
        return own
    found = shutil.which("semgrep")
    return Path(found) if found else None


def prepare(settings: Settings) -> Path:
    """Build the program's environment, or find it built; return its folder.

    Raises:
        PreparationError: it cannot be installed.
        StorageError: the disk is full.
    """
    from nonet import uv

    folder = _folder(settings)
    with storage(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with uv.locked(folder.with_name(f"{folder.name}.lock")):
        if not (folder / "bin" / "semgrep").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            aside = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(aside, ignore_errors=True)
            environment = uv.allowed(os.environ)
            make = ["venv", "--no-progress", "--relocatable", "--python", str(uv.base_python()), str(aside)]
            uv.run(make, folder.parent, "semgrep", settings.offline, environment)
            install = [
                "pip",
                "install",
                "--no-progress",
                "--python",
                str(aside / "bin" / "python"),
                f"semgrep=={VERSION}",
            ]
            uv.run(install, folder.parent, "semgrep", settings.offline, environment)
            aside.rename(folder)
    return folder


def scan(
    settings: Settings, rules: Sequence[Mapping[str, Any]], folder: Path
) -> tuple[list[dict[str, Any]], list[str]]:
    """Scan the files below ``folder / "files"``; return Semgrep's results, and what it could not read.

    Raises:
        ToolError: the program is not there, refuses a rule, or takes too long.
    """
    found = program(settings)
    if found is None:
        raise ToolError("Semgrep is not installed.", READYING)
    configuration = folder / "rules.json"
    configuration.write_text(json.dumps({"rules": [dict(rule) for rule in rules]}), encoding="utf-8")
    command = [str(found), "scan", f"--config={configuration}", "--json", "--quiet", "--metrics=off", "--jobs=2"]
    command += ["--disable-version-check", "--no-git-ignore", "--no-rewrite-rule-ids", f"--max-memory={_MEGABYTES}"]
    command += [f"--timeout={_RULE_SECONDS}", "--timeout-threshold=3", "--max-target-bytes=0", "files"]
    output = folder / "output.json"
    with output.open("wb") as printed, (folder / "errors.txt").open("wb") as errors:
        code = _run(command, folder, printed, errors)
    said = (folder / "errors.txt").read_text(errors="replace").strip().rpartition("\n")[2][:300]
    if output.stat().st_size > _OUTPUT_LIMIT:
        raise ToolError("Semgrep found more than can be read.", "Scan a part, or name families.")
    try:
        answer: dict[str, Any] = json.loads(output.read_bytes())
    except ValueError as error:
        raise ToolError(f"Semgrep ended with {code}: {said or 'it said nothing'}.", "Scan a part.") from error
    refused = (each for each in answer["errors"] if each.get("level") == "error")
    broken = [
        " ".join(str(each.get("message") or each.get("long_msg") or each.get("type")).split())[:300] for each in refused
    ]
    if code not in (0, 1) and not answer["results"] and broken:
        raise ToolError(f"Semgrep refused: {broken[0]}", "Install Nonet anew.")
    unread = [str(each.get("path", "")) for each in answer["errors"] if each.get("path")]
    return answer["results"], sorted(set(unread))


def _run(command: Sequence[str], folder: Path, printed: Any, errors: Any) -> int:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(folder), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=errors,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"Semgrep took more than {SECONDS:g} s.", "Scan a part, or name families.") from error
    finally:
        # Its workers are processes of their own.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _folder(settings: Settings) -> Path:
    return settings.home_path / "environments" / f"semgrep-{VERSION}"
