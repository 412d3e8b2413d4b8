"""The process that reads pages, seen from here: started when first needed, killed when it takes too long."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import nonet
from nonet.errors import ToolError
from nonet.tools.firecrawl.data.filling import Filled

READING_SECONDS = 30.0
"""Seconds that the reading of one page may take, the start of the process included."""
_ANSWER_LIMIT = 64_000_000
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Reading:
    """What a page says.

    Attributes:
        parts: pairs of an anchor (``page=3``; "" for the whole) and text.
        links: absolute addresses of other pages.
        filled: what a schema asked for, as ``filling.py`` finds it; ``None`` where nothing was asked or it is no HTML.
        note: what was left out.
    """

    title: str
    parts: list[list[str]]
    links: list[str] = field(default_factory=list[str])
    filled: Filled | None = None
    note: str = ""


class Reader:
    """Reads pages one after another in a process of its own, which ends with the ``async with`` block."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def read(self, kind: str, url: str, content: bytes, *, schema: Mapping[str, Any] | None = None) -> Reading:
        """Read a page of HTML (UTF-8) or a PDF; of HTML, find what a schema asks for too.

        Raises:
            ToolError: it holds no text, is damaged, or took too long or too much.
        """
        header = {"kind": kind, "url": url, "size": len(content), "schema": schema}
        async with self._turn:
            try:
                async with asyncio.timeout(READING_SECONDS):
                    answer = await self._ask(json.dumps(header).encode() + b"\n" + content)
            except TimeoutError as error:
                await self._end()
                raise _unread(url, f"that takes longer than {READING_SECONDS:g} s") from error
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
                await self._end()
                raise _unread(url, "it stops the parser") from error
            except BaseException:
                await self._end()  # half a request was written: the process would misread the next
                raise
        if "refused" in answer:
            raise _unread(url, str(answer["refused"]))
        filled = answer.pop("filled", None)
        return Reading(**answer, filled=Filled(**filled) if filled is not None else None)

    async def _ask(self, request: bytes) -> dict[str, Any]:
        if self._process is None:
            self._process = await _started()
        source, answers = self._process.stdin, self._process.stdout
        assert source is not None
        assert answers is not None
        source.write(request)
        await source.drain()
        line = await answers.readuntil(b"\n")
        return json.loads(line)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()


async def _started() -> Process:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(nonet.__file__).parent.parent)
    # -P: a file of the working folder must not stand for a module.
    command = [sys.executable, "-P", "-m", "nonet.tools.firecrawl.pages.reading"]
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment, limit=_ANSWER_LIMIT
    )


def _unread(url: str, why: str) -> ToolError:
    return ToolError(f"{url[:300]} cannot be read: {why}.", "Read another page.")
