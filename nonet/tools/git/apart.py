"""The parent's side of reading a repository: one question, one process, one time limit.

A process of its own, because libgit2 can be held up for ever by what a repository names (a pipe among the files that
its configuration includes) and keeps the interpreter's lock meanwhile: no thread could be timed out.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

import nonet
from nonet.errors import ToolError
from nonet.tools.contract import Found, Item, ToolContext

SECONDS = 30.0
"""Seconds after which the process is ended; it stops by itself, with what it has, after two thirds of them."""
_ANSWER_LIMIT = 4_000_000


class Answer(BaseModel):
    """What the process says: what it found, or why it found nothing."""

    items: list[Item] = []
    note: str = ""
    error: str = ""
    remedy: str = ""


async def asked(tool: Literal["log", "diff", "blame"], arguments: BaseModel, context: ToolContext) -> Found:
    """Ask a repository.

    Raises:
        ToolError: there is none, it cannot be read, the question does not fit it, or the time is over.
    """
    question = {
        "tool": tool,
        "seconds": SECONDS * 2 / 3,
        "arguments": arguments.model_dump(mode="json"),
        "settings": context.settings.model_dump(mode="json"),
        "roots": [os.path.abspath(root) for root in context.roots],
        "excluded": [os.path.abspath(path) for path in _excluded(context)],
        "repository": os.path.abspath(context.repository) if context.repository else None,
    }
    answer = _read(*await _run(json.dumps(question).encode()))
    if answer.error:
        raise ToolError(answer.error, answer.remedy)
    return Found("pygit2", answer.items, answer.note)


def _excluded(context: ToolContext) -> list[Path]:
    # The process works in another folder: what is relative there is made absolute here.
    return [*context.excluded, Path(context.settings.runs), context.settings.home_path]


async def _run(question: bytes) -> tuple[bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "nonet.tools.git.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        env=_environment(),
        start_new_session=True,
        limit=_ANSWER_LIMIT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            answer, errors = await process.communicate(question)
    except TimeoutError as error:
        raise ToolError(
            f"The repository did not let itself be read within {SECONDS:g} seconds.",
            "Name a path or a shorter range, or look at its .git/config.",
        ) from error
    finally:
        # The whole session: ripgrep may be at work for it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return answer, errors


def _environment() -> dict[str, str]:
    """Nothing of ours but where Python finds us: neither secrets nor what ``GIT_*`` variables would change."""
    here = str(Path(nonet.__file__).resolve().parents[1])
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": here}


def _read(answer: bytes, errors: bytes) -> Answer:
    try:
        return Answer.model_validate_json(answer)
    except ValidationError as error:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2][:200] or "it needs too much time or memory"
        raise ToolError(f"The repository cannot be read: {last}.", "Check it with: git fsck") from error
